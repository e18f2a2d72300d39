from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paceline.model import RunId, Site
from paceline.store.retention import Retention

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

DAY = 86_400.0
ONE = "tests/test_score.py::test_one"


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """Five runs a day apart, e the newest; c torn, b a baseline."""
    for name in "abcde":
        if name == "c":
            shelf.store.begin(shelf.run(name))
        else:
            shelf.keep(name)
        shelf.now += DAY - (name != "c")
    shelf.store.save_baseline("main", RunId("b"), replace=True)
    return shelf


@pytest.mark.parametrize(
    ("policy", "removed"),
    [
        (Retention(), ""),
        (Retention(keep_runs=2), "ca"),
        (Retention(keep_runs=9), ""),
        (Retention(keep_days=3.5), "a"),
        (Retention(keep_runs=4, keep_days=2.5), "ca"),
        (Retention(raw_runs=1), ""),
    ],
)
def test_a_policy_removes_old_runs_but_never_a_baseline(
    filled: Shelf, policy: Retention, removed: str
) -> None:
    assert "".join(filled.store.prune(policy, dry_run=True)) == removed
    assert len(filled.store.runs()) == 5
    assert "".join(filled.store.prune(policy)) == removed
    assert {run.id for run in filled.store.runs()} == set("abcde") - set(removed)
    assert filled.store.prune(policy) == ()


def test_a_run_that_may_still_go_on_is_never_removed(shelf: Shelf) -> None:
    shelf.store.begin(shelf.run("going"))
    shelf.keep("done")
    policy = Retention(keep_runs=1)
    assert shelf.store.prune(policy) == ()
    shelf.now += DAY
    assert shelf.store.prune(policy) == ("going",)


def test_older_runs_lose_raw_values_and_keep_their_summary(filled: Shelf) -> None:
    before = filled.store.trend(ONE, "wall_time")
    filled.store.prune(Retention(raw_runs=2))
    kept = {run.id: len(one.values) for run, one in filled.store.series(ONE, "wall_time")}
    assert kept == {"e": 3, "d": 3, "b": 3, "a": 0}
    assert filled.store.trend(ONE, "wall_time") == before
    (thin,) = filled.store.measurements(RunId("a"))
    assert thin.unsure == "the raw values of its 3 rounds were dropped by age (store.raw_runs)"


def test_a_thinned_run_keeps_its_own_doubt_first(filled: Shelf) -> None:
    filled.store.append(RunId("a"), (replace(filled.measurement(), unsure="noisy"),))
    filled.store.prune(Retention(raw_runs=1))
    filled.store.prune(Retention(raw_runs=1))
    (thin,) = filled.store.measurements(RunId("a"))
    assert thin.unsure.startswith("noisy; the raw values")


def test_what_no_run_refers_to_any_more_goes_too(shelf: Shelf) -> None:
    shelf.keep("a", shelf.measurement("test_gone"), shelf.measurement())
    shelf.keep("b")
    shelf.store.prune(Retention(keep_runs=1))
    assert shelf.store.series("tests/test_score.py::test_gone", "wall_time") == ()
    assert len(shelf.store.series(ONE, "wall_time")) == 1
    assert shelf.store.check() == ()


def test_records_go_with_their_run_even_with_a_torn_one(filled: Shelf) -> None:
    for name in "abcde":
        filled.store.keep_resources(RunId(name), (filled.record(),))
    filled.store.prune(Retention(keep_runs=2))
    assert {run.id for run in filled.store.runs()} == set("bde")
    assert rows_of(filled, "resources") == 3
    assert filled.store.check() == ()


def test_a_case_that_only_has_records_stays_while_a_run_has_one(shelf: Shelf) -> None:
    old, new = shelf.keep("a"), shelf.keep("b")
    shelf.store.keep_resources(old.id, (shelf.record("test_gone"), shelf.record("test_two")))
    shelf.store.keep_resources(new.id, (shelf.record("test_two"), shelf.record("test_new")))
    shelf.store.prune(Retention(keep_runs=1))
    names = [record.case.name for record in shelf.store.resources(new.id)]
    assert names == ["test_two", "test_new"]
    assert rows_of(shelf, "cases") == 3  # these two and the one that was measured
    assert shelf.store.check() == ()


def test_records_outlive_raw_values_and_sites_do_not(shelf: Shelf) -> None:
    old = shelf.keep("a", shelf.measurement(sites=(Site("cache.SEEN"),)))
    shelf.keep("b")
    shelf.store.keep_resources(old.id, (shelf.record(),))
    shelf.store.prune(Retention(raw_runs=1))
    assert shelf.store.measurements(old.id)[0].sites == ()
    assert shelf.store.resources(old.id) == (shelf.record(),)


def rows_of(shelf: Shelf, table: str) -> int:
    ((count,),) = shelf.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  (a constant)
    return int(count)


def test_plain_test_runs_push_no_benchmark_out(shelf: Shelf) -> None:
    measured = shelf.keep("benchmarks")
    for name in ("one", "two"):
        run = shelf.run(name)
        shelf.store.begin(run)
        shelf.store.keep_resources(run.id, (shelf.record(),))
        shelf.store.finish(run)
        shelf.now += DAY
    assert shelf.store.find("latest") == shelf.store.run(measured.id)
    assert [run.id for run in shelf.store.runs(measured_only=True)] == [measured.id]
    assert shelf.store.prune(Retention(keep_runs=1)) == ("one",)
