from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import StoreError
from paceline.model import METRICS, Baseline, Better, Case, Metric, RunId
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

ONE = "tests/test_score.py::test_one"


def test_a_run_shows_as_torn_until_it_is_finished(shelf: Shelf) -> None:
    run = shelf.run("a")
    shelf.store.begin(run)
    shelf.store.append(run.id, (shelf.measurement(),))
    assert shelf.store.run(run.id) == run
    assert shelf.store.check() == (
        "run a of 1970-01-12 13:46:40+00:00 is incomplete: it was cut off or still goes on",
    )
    shelf.store.finish(replace(run, dirty=True))
    assert shelf.store.run(run.id) == replace(run, dirty=True, complete=True)
    assert shelf.store.check() == ()


def test_another_store_object_reads_what_was_acknowledged(shelf: Shelf) -> None:
    kept = shelf.measurement(
        values=(0.1, float("inf")),
        metric=Metric("shades", "1", Better.HIGHER, "How many."),
        iterations=3,
        warmup=2,
        items=2.5,
        item_unit="B",
        conditions=(("collector", "off"), ("collector", "on")),
        unsure="noisy",
        extra=(("note", '"\\u03c0"'),),
    )
    run = shelf.keep("a", kept, settings=(("timer", "x"),), branch="main", commit="c0ffee")
    assert shelf.reopen().measurements(run.id) == (kept,)
    assert shelf.store.runs() == (run,)


def test_reading_before_any_run_finds_nothing_and_makes_nothing(shelf: Shelf) -> None:
    assert shelf.store.runs() == ()
    assert shelf.store.baselines() == ()
    assert shelf.store.check() == ()
    assert not shelf.path.parent.exists()


def test_the_first_write_makes_a_folder_that_git_ignores(shelf: Shelf) -> None:
    shelf.keep("a")
    assert (shelf.path.parent / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, "dcba"),
        ({"limit": 2}, "dc"),
        ({"branch": "main"}, "da"),
        ({"commit": "c0ffee"}, "ca"),
        ({"complete_only": True}, "dca"),
        ({"branch": "main", "limit": 1, "complete_only": True}, "d"),
    ],
)
def test_runs_come_newest_first_and_filtered(
    shelf: Shelf, wanted: dict[str, Any], names: str
) -> None:
    shelf.keep("a", branch="main", commit="c0ffee")
    shelf.store.begin(shelf.run("b"))
    shelf.now += 1
    shelf.keep("c", commit="c0ffee")
    shelf.keep("d", branch="main")
    assert "".join(run.id for run in shelf.store.runs(**wanted)) == names


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 3),
        ({"metric": "wall_time"}, 2),
        ({"case": ONE}, 2),
        ({"case": ONE, "metric": "peak_memory"}, 1),
        ({"case": "no"}, 0),
    ],
)
def test_measurements_are_filtered_by_case_and_metric(
    shelf: Shelf, wanted: dict[str, str], count: int
) -> None:
    memory = shelf.measurement(metric=METRICS["peak_memory"])
    run = shelf.keep("a", shelf.measurement(), memory, shelf.measurement("test_two"))
    assert len(shelf.store.measurements(run.id, **wanted)) == count


def test_of_a_case_measured_twice_in_a_run_the_last_one_stands(shelf: Shelf) -> None:
    first = shelf.measurement()
    again = replace(first, case=replace(first.case, group="renamed"), values=(1.0,))
    run = shelf.keep("a", first, again)
    assert shelf.store.measurements(run.id) == (again,)


def test_a_series_pairs_runs_and_measurements_newest_first(shelf: Shelf) -> None:
    first = shelf.measurement()
    regrouped = replace(first, case=replace(first.case, group="scores"))
    runs = [shelf.keep("a", first), shelf.keep("b", regrouped), shelf.keep("c", first)]
    series = shelf.store.series(ONE, "wall_time", limit=2)
    assert series == ((runs[2], first), (runs[1], regrouped))


def test_a_trend_gives_the_summary_of_complete_runs(shelf: Shelf) -> None:
    shelf.keep("a", shelf.measurement(values=(1.0, 3.0, 8.0)), commit="c0ffee", branch="main")
    shelf.keep("b", shelf.measurement(values=()))
    shelf.keep("c", shelf.measurement(values=(1e308, 1.7e308)))
    shelf.store.begin(shelf.run("d"))
    shelf.store.append(RunId("d"), (shelf.measurement(),))
    *empty, point = shelf.store.trend(ONE, "wall_time")
    assert [(one.run, one.rounds, one.mean) for one in empty] == [("c", 2, None), ("b", 0, None)]
    figures = (point.mean, point.median, point.min, point.stddev)
    assert figures == pytest.approx((4.0, 3.0, 1.0, 3.605551275))
    assert (point.run, point.commit, point.branch, point.rounds) == ("a", "c0ffee", "main", 3)


def test_a_baseline_is_saved_listed_replaced_and_removed(shelf: Shelf) -> None:
    old, new = shelf.keep("a"), shelf.keep("b")
    shelf.store.save_baseline("release", old.id)
    with pytest.raises(StoreError, match="already"):
        shelf.store.save_baseline("release", new.id)
    assert shelf.store.save_baseline("release", new.id, replace=True).run == "b"
    shelf.store.save_baseline("main", old.id, replace=True)
    assert shelf.store.baselines() == (
        Baseline("main", old.id, shelf.now),
        Baseline("release", new.id, shelf.now),
    )
    shelf.store.remove_baseline("main")
    with pytest.raises(StoreError, match="known: release"):
        shelf.store.remove_baseline("main")


@pytest.mark.parametrize("call", ["run", "measurements"])
def test_an_unknown_run_is_named(shelf: Shelf, call: str) -> None:
    with pytest.raises(StoreError, match="no run 'x' in the store"):
        getattr(shelf.store, call)(RunId("x"))


def test_nothing_can_be_added_to_a_run_that_was_not_begun(shelf: Shelf) -> None:
    with pytest.raises(StoreError, match="no run 'a'"):
        shelf.store.append(RunId("a"), (shelf.measurement(),))
    with pytest.raises(StoreError, match="no run 'a'"):
        shelf.store.finish(shelf.run("a"))
    with pytest.raises(StoreError, match="no run 'a'"):
        shelf.store.save_baseline("main", RunId("a"))


def test_a_run_id_is_used_once(shelf: Shelf) -> None:
    shelf.keep("a")
    with pytest.raises(StoreError, match="run 'a' is in the store already"):
        shelf.store.begin(shelf.run("a"))


def test_an_append_that_fails_keeps_none_of_its_measurements(shelf: Shelf) -> None:
    run = shelf.keep("a")
    huge = shelf.measurement("test_two", iterations=2**70)
    with pytest.raises(StoreError, match="a number does not fit"):
        shelf.store.append(run.id, (shelf.measurement("test_three"), huge))
    assert len(shelf.store.measurements(run.id)) == 1


def test_an_undecodable_file_name_is_kept_escaped(shelf: Shelf) -> None:
    measurement = shelf.measurement()
    odd = replace(measurement, case=Case("tests/\udcff.py::test_one"))
    run = shelf.keep("a", odd)
    assert shelf.store.measurements(run.id)[0].case.node_id == "tests/\\udcff.py::test_one"
    assert len(shelf.store.series(odd.case.id, "wall_time")) == 1


def test_the_store_may_be_used_while_the_measurements_are_made(shelf: Shelf) -> None:
    run = shelf.keep("a")
    names = (f"test_{len(shelf.store.runs())}" for _ in range(2))
    shelf.store.append(run.id, (shelf.measurement(name) for name in names))
    assert len(shelf.store.measurements(run.id)) == 2


def test_a_relative_path_means_the_folder_where_the_store_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Store(Path("kept.sqlite"), clock=float).path == tmp_path / "kept.sqlite"
