from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from paceline.store.retention import Retention

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place


def test_nothing_recorded_is_said_and_makes_no_store(place: Place) -> None:
    assert place.paceline("history").out == "no runs yet\nnext     paceline run\n"
    assert not (place.root / ".paceline").exists()


def test_runs_are_listed_newest_first_and_torn_ones_said(place: Place) -> None:
    place.keep("a", dirty=True)
    place.keep("b", complete=False)
    _heading, first, second = place.paceline("history").out.splitlines()
    assert first.split() == ["bbbbbbbb", "2026-01-02", "00:00", "bbbb", "main", "incomplete"]
    assert second.split() == ["aaaaaaaa", "2026-01-01", "00:00", "aaaa+", "main", "complete"]
    assert len(place.paceline("history", "--limit", "1").out.splitlines()) == 2


def test_a_series_shows_curve_and_one_unit_for_all(place: Place) -> None:
    for name, factor in (("a", 0.5), ("b", 1), ("c", 2)):
        place.keep(name, factor)
    lines = place.paceline("history", "test_one").out.splitlines()
    assert lines[0] == "tests/test_a.py::test_one  wall_time"
    assert lines[1] == "▁▃█  500.0 µs to 2.000 ms, oldest first"
    assert "Median (µs)" in lines[3]
    assert [line.split()[4] for line in lines[4:]] == ["2,000.0", "1,000.0", "500.0"]


def test_a_series_is_drawn_in_ascii_where_blocks_cannot_be_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.keep("a")
    place.keep("b", 2)
    monkeypatch.setattr("paceline.cli.console.Console.pure_ascii", True)
    out = place.paceline("history", "test_one").out
    assert out.isascii()
    assert "_@  1.000 ms to 2.000 ms" in out


def test_runs_on_other_kinds_of_host_are_counted_and_shown_on_request(place: Place) -> None:
    place.keep("a", host=dataclasses.replace(place.host, cpu="Other"))
    place.keep("b")
    out = place.paceline("history", "test_one").out
    assert "aaaaaaaa" not in out
    assert "1 more on other kinds of host" in out
    assert "aaaaaaaa" in place.paceline("history", "test_one", "--all-hosts").out


def test_a_median_outlives_its_raw_values_without_an_interval(place: Place) -> None:
    place.keep("a")
    place.keep("b")
    place.store.prune(Retention(raw_runs=1))
    row = place.paceline("history", "test_one").out.splitlines()[-1]
    assert "1.000 ±?" in row
    assert "raw values of its 20 rounds were dropped" in row


def test_a_torn_run_in_a_series_is_said_to_be_one(place: Place) -> None:
    place.keep("a", complete=False)
    assert "incomplete run" in place.paceline("history", "test_one").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("test_onne",), "did you mean 'test_one'?"),
        (("test_",), "name one: tests/test_a.py::test_one, tests/test_a.py::test_two"),
        (("test_one", "--metric", "peak"), "it has peak_memory, wall_time"),
    ],
)
def test_a_case_that_is_not_told_is_met_with_names(
    place: Place, words: tuple[str, ...], said: str
) -> None:
    run = place.keep("a")
    place.store.append(run.id, [place.measured("test_one", 1, metric="peak_memory")])
    ended = place.paceline("history", *words)
    assert (ended.status, said in ended.err) == (2, True)


def test_without_any_run_the_remedy_is_to_record_one(place: Place) -> None:
    assert "paceline run" in place.paceline("history", "test_one").err


def test_json_holds_figures_with_their_intervals(place: Place) -> None:
    place.keep("a")
    assert json.loads(place.paceline("history", "--json").out)["runs"][0]["id"] == "a" * 8
    found = json.loads(place.paceline("history", "two", "--json").out)
    (point,) = found["points"]
    assert (found["case"], found["unit"]) == ("tests/test_a.py::test_two", "s")
    assert point["median"]["low"] < point["median"]["point"] < point["median"]["high"]


def test_prune_removes_what_retention_does_not_keep(place: Place) -> None:
    place.settings("[tool.paceline]\nstore.keep_runs = 1\n")
    place.keep("a")
    place.keep("b")
    dry = place.paceline("history", "--prune", "--dry-run")
    assert dry.out == "runs would be removed: 1\n  aaaaaaaa\n"
    assert json.loads(place.paceline("history", "--prune", "--json").out)["removed"] == ["a" * 8]
    assert [run.id for run in place.store.runs()] == ["b" * 8]
