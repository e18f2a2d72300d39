from __future__ import annotations

from typing import Any

import pytest

from paceline.model import RESOURCES, Case, Resources, Turn
from paceline.suite.past import Known, Past, Shared, fold

TEST = "tests/test_a.py::test_a"


def record(
    time: float | None, outcome: str = "passed", *, shared: float = 0.0, **more: Any
) -> Resources:
    case = Case(more.pop("node_id", TEST), more.pop("label", ""))
    figures = {"test_time": time, **more}
    values = tuple(figures.get(name) for name in RESOURCES)
    return Resources(case, values, turn=Turn(outcome=outcome, shared=shared))


def known(*newest_first: Resources) -> Known:
    (found,) = fold([[one] for one in newest_first]).tests
    return found


def test_no_runs_teach_nothing() -> None:
    assert fold([]) == Past()


def test_one_run_is_believed() -> None:
    assert known(record(2.0)) == Known(TEST, 2.0, 0.0, None, None, "passed")


def test_a_test_is_expected_to_last_as_long_as_without_what_others_share() -> None:
    assert known(record(5.0, shared=3.0)).seconds == 2.0
    assert known(record(5.0, shared=5.5)).seconds == 0.0


def test_the_newest_runs_weigh_most() -> None:
    assert known(record(2.0), record(1.0)).seconds == pytest.approx(1.3)
    times = (2.0, 2.0, 1.0, 1.0)
    assert known(*map(record, times)).seconds == pytest.approx(1 + 0.3 + 0.7 * 0.3)


@pytest.mark.parametrize("wild", [900.0, 0.0])
@pytest.mark.parametrize("at", range(5))
def test_one_wild_run_moves_the_expectation_little(wild: float, at: int) -> None:
    times = [1.0] * 5
    times[at] = wild
    assert 0.75 <= known(*map(record, times)).seconds <= 1.65


def test_a_test_that_became_slower_is_soon_expected_to_be_slow() -> None:
    times = (10.0,) * 5 + (1.0,) * 4
    assert known(*map(record, times)).seconds > 8.0


def test_the_spread_is_relative_to_the_mean() -> None:
    assert known(record(1.0), record(3.0)).spread == pytest.approx(2**0.5 / 2)
    assert known(record(0.0), record(0.0)).spread == 0.0


def test_the_highest_peak_and_the_cores_of_all_runs_are_known() -> None:
    found = known(
        record(1.0, test_process_rise=5.0, test_cpu_time=1.0, test_children_cpu_time=1.0),
        record(3.0, test_process_rise=9.0, test_cpu_time=2.0),
        record(4.0),
    )
    assert (found.peak, found.cores) == (9.0, 1.0)


def test_a_run_in_which_a_test_was_skipped_or_crashed_tells_nothing_of_its_time() -> None:
    assert known(record(4.0), record(0.0, "skipped"), record(None, "crashed")).seconds == 4.0
    crashed = known(record(None, "crashed"), record(4.0))
    assert (crashed.seconds, crashed.outcome) == (4.0, "crashed")


def test_a_test_that_is_skipped_now_is_expected_to_cost_nothing() -> None:
    assert known(record(0.0, "skipped"), record(4.0)).seconds == 0.0


def test_a_test_that_only_ever_crashed_is_known_without_a_time() -> None:
    assert known(record(None, "crashed")) == Known(TEST, 0.0, 0.0, None, None, "crashed")


def test_the_outcome_is_the_newest_that_was_heard() -> None:
    assert known(record(1.0, ""), record(1.0, "failed"), record(1.0)).outcome == "failed"


def test_shared_fixtures_are_known_by_where_they_live_and_their_name() -> None:
    runs = [
        [
            record(1.0),
            record(0.5, "", node_id="tests/test_a.py", label="fixture app"),
            record(0.25, "", node_id=".", label="fixture db[2]"),
            record(0.1, "", node_id=TEST, label="fixture tmp"),
            record(None, "", node_id=".", label="fixture gone"),
            record(9.0, "", node_id=".", label="warm"),
        ]
    ]
    shared = (Shared("tests/test_a.py fixture app", 0.5), Shared(". fixture db[2]", 0.25))
    assert fold(runs).shared == shared
