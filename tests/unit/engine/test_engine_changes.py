from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from paceline.engine.changes import Changes, changes_of, triaged
from paceline.engine.line import Line
from paceline.errors import UsageError
from paceline.model import Host, Run, RunId
from paceline.store.trend import Point
from paceline.store.triage import SeriesKey, State, Triage

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
SERIES = SeriesKey("test_one", "wall_time", HOST.kind)


@dataclass(slots=True)
class Records:
    """Stands for the store: runs with one median each."""

    medians: Sequence[float | None]
    host: Host = HOST
    dropped: int = 0

    def runs(self, **_wanted: Any) -> tuple[Run, ...]:
        numbers = range(self.dropped, len(self.medians))
        return tuple(
            Run(RunId(f"run{n:03}"), float(n), self.host, f"{n:03}c", complete=True)
            for n in reversed(numbers)
        )

    def trend(self, *_series: str, **_wanted: Any) -> tuple[Point, ...]:
        return tuple(
            Point(
                run.id, run.started, run.commit, "", 9, None, self.medians[int(run.started)], 0, 0
            )
            for run in self.runs()
        )


@dataclass(slots=True)
class Words:
    """Stands for the book of what was said."""

    said: list[Triage] = field(default_factory=list)

    def about(self, _series: SeriesKey) -> tuple[Triage, ...]:
        return tuple(self.said)

    def say(self, _series: SeriesKey, word: Triage, *, instead_of: Triage | None) -> None:
        self.said = [one for one in self.said if one != instead_of]
        self.said += [] if word.state is State.NEW else [word]


def look(medians: Sequence[float | None], words: Words | None = None, **facts: Any) -> Changes:
    store, book = Records(medians, **facts), words or Words()
    return changes_of(cast("Any", store), cast("Any", book), SERIES, Line(""))


def say(changes: Changes, words: Words, reference: str, state: State) -> Changes:
    return triaged(changes, cast("Any", words), reference, state, note="seen")


def levels(*stretches: tuple[float, int]) -> list[float]:
    """Make levels that waver by half a percent."""
    flat = [level for level, count in stretches for _ in range(count)]
    return [level * (1 + (at * 7 % 11 - 5) / 1000) for at, level in enumerate(flat)]


def test_a_change_point_names_its_run_and_the_commits_it_lies_between() -> None:
    (shift,) = look(levels((1.0, 20), (1.1, 10))).shifts
    assert (shift.first.commit, shift.since.commit, shift.until.commit) == ("020c", "019c", "020c")
    assert shift.point.size.low < 0.1 < shift.point.size.high
    assert shift.state is State.NEW


def test_figures_of_another_kind_of_host_belong_to_another_series() -> None:
    other = replace(HOST, cpu="Other")
    assert look(levels((1.0, 20), (1.1, 10)), host=other) == Changes(SERIES, (), 0)


def test_a_run_without_a_finite_figure_is_passed_over() -> None:
    medians: list[float | None] = [*levels((1.0, 20)), None, float("inf"), *levels((1.2, 10))]
    (shift,) = look(medians).shifts
    assert (shift.since.commit, shift.first.commit) == ("019c", "022c")


@pytest.mark.parametrize("reference", ["020c", "run020", "020"])
def test_what_is_said_of_a_change_point_stays_with_it(reference: str) -> None:
    words, medians = Words(), levels((1.0, 20), (1.1, 10))
    said = say(look(medians), words, reference, State.EXPECTED)
    assert said.shifts[0].state is State.EXPECTED
    assert look(medians, words).shifts == said.shifts
    assert look([*medians, *levels((1.1, 30))], words).shifts[0].state is State.EXPECTED


def test_what_is_said_finds_its_run_where_commits_were_measured_backwards() -> None:
    medians = levels((1.0, 20), (1.1, 6))[::-1]
    line = Line("", {f"{at:03}c": -at for at in range(26)})
    book, store = Words(), cast("Any", Records(medians))
    found = changes_of(store, cast("Any", book), SERIES, line)
    assert found.shifts[0].first.commit == "005c"
    say(found, book, "005c", State.EXPECTED)
    again = changes_of(store, cast("Any", book), SERIES, line)
    assert again.shifts[0].state is State.EXPECTED


def test_a_change_point_that_moves_by_a_few_runs_keeps_its_state_but_not_further() -> None:
    words = Words([Triage(RunId("gone"), 20.0, 0.1, State.IGNORED)])
    states = [look(levels((1.0, at), (1.1, 12)), words).shifts[0].state for at in (16, 25, 27)]
    assert states == [State.IGNORED, State.IGNORED, State.NEW]


def test_a_step_the_other_way_is_another_change_point() -> None:
    words = Words([Triage(RunId("run020"), 20.0, 0.1, State.IGNORED)])
    assert look(levels((1.0, 20), (0.9, 10)), words).shifts[0].state is State.NEW


def test_one_word_is_about_one_change_point_the_nearest() -> None:
    words = Words([Triage(RunId("run021"), 21.0, 0.1, State.CONFIRMED)])
    shifts = look(levels((1.0, 14), (1.1, 6), (1.3, 12)), words).shifts
    assert [shift.state for shift in shifts] == [State.NEW, State.CONFIRMED]


def test_the_last_word_replaces_the_one_of_a_point_that_moved() -> None:
    words = Words([Triage(RunId("run018"), 18.0, 0.1, State.IGNORED)])
    say(look(levels((1.0, 20), (1.1, 10)), words), words, "020c", State.CONFIRMED)
    assert [(word.run, word.state) for word in words.said] == [("run020", State.CONFIRMED)]


def test_a_word_is_taken_back_by_new() -> None:
    words = Words([Triage(RunId("run020"), 20.0, 0.1, State.IGNORED)])
    back = say(look(levels((1.0, 20), (1.1, 10)), words), words, "020c", State.NEW)
    assert (back.shifts[0].state, words.said) == (State.NEW, [])


@pytest.mark.parametrize("reference", ["zzz", "0", ""])
def test_a_reference_to_no_single_change_point_is_met_with_their_commits(reference: str) -> None:
    changes = look(levels((1.0, 20), (1.1, 10), (1.3, 10)))
    with pytest.raises(UsageError, match=r"020c, 030c"):
        say(changes, Words(), reference, State.IGNORED)


def test_a_series_without_a_change_point_has_nothing_to_say_anything_about() -> None:
    with pytest.raises(UsageError, match="no change point"):
        say(look(levels((1.0, 20))), Words(), "010c", State.IGNORED)


def test_what_was_said_of_a_run_that_is_gone_finds_its_point_by_time() -> None:
    words = Words([Triage(RunId("run020"), 20.0, 0.1, State.IGNORED)])
    shifts = look(levels((1.0, 20), (1.1, 15)), words, dropped=8).shifts
    assert [shift.state for shift in shifts] == [State.IGNORED]
