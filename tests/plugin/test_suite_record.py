from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.model import Case, Turn
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from paceline.model import Measurement, Resources

WORKER = pytest.param(("-n", "1"), marks=pytest.mark.slow)
SUITE = """
import time
import pytest

@pytest.fixture(scope="module")
def app():
    yield "app"

@pytest.fixture
def broken():
    yield
    raise ValueError("no way down")

def test_passed(app): pass
def test_failed(app): assert False
def test_error(broken): pass
@pytest.mark.skip(reason="not now")
def test_skipped(): pass
@pytest.mark.xfail(reason="known")
def test_xfailed(): assert False
@pytest.mark.xfail(reason="known")
def test_xpassed(): pass
class TestIt:
    def test_in_class(self, app): pass
"""
OUTCOMES = {
    "test_passed": "passed",
    "test_failed": "failed",
    "test_error": "error",
    "test_skipped": "skipped",
    "test_xfailed": "xfailed",
    "test_xpassed": "xpassed",
    "test_in_class": "passed",
}


def kept(pytester: pytest.Pytester) -> Store:
    return Store(pytester.path / ".paceline" / "paceline.sqlite", clock=float)


def run(pytester: pytest.Pytester, text: str, *arguments: str) -> tuple[Resources, ...]:
    """Run a suite with Paceline on and give the records that its store holds afterwards."""
    pytester.makepyfile(test_a=text)
    quiet = ("--paceline", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    pytester.runpytest_inprocess(*quiet, *arguments)
    return kept(pytester).resources(kept(pytester).runs()[0].id)


def turns(records: tuple[Resources, ...]) -> dict[str, Turn]:
    return {one.case.name: one.turn for one in records}


def measured(pytester: pytest.Pytester, metric: str) -> tuple[Measurement, ...]:
    return kept(pytester).measurements(kept(pytester).runs()[0].id, metric=metric)


@pytest.mark.parametrize("workers", [(), WORKER])
def test_every_test_tells_how_it_ended_where_and_in_which_order(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    found = [one for one in run(pytester, SUITE, *workers) if not one.case.label]
    assert {one.case.name: one.turn.outcome for one in found} == OUTCOMES
    found.sort(key=lambda one: one.turn.position)
    assert [one.case.name for one in found] == list(OUTCOMES)
    assert {one.turn.worker for one in found} == {"gw0" if workers else ""}
    starts = [one.turn.started for one in found]
    assert starts == sorted(starts)
    assert starts[0] > 1_700_000_000


@pytest.mark.parametrize("workers", [(), WORKER])
def test_the_set_up_of_a_shared_fixture_is_told_with_its_test(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    records = run(pytester, SUITE, *workers)
    (app,) = (one for one in records if one.case == Case("test_a.py", "fixture app"))
    found = turns(records)
    assert (app.turn.position, app.turn.attempt) == (0, 1)
    assert found["test_passed"].shared == app.turn.shared == app.figure("test_time")
    assert {found["test_failed"].shared, found["test_in_class"].shared} == {0.0}


def test_subtests_do_not_disturb_what_is_said_of_their_test(pytester: pytest.Pytester) -> None:
    text = """
def test_parts(subtests):
    for part in range(3):
        with subtests.test(part=part):
            assert part != 1
"""
    found = turns(run(pytester, text))
    assert (found["test_parts"].outcome, found["test_parts"].attempt) == ("failed", 1)


@pytest.mark.slow
def test_a_test_whose_worker_dies_is_recorded_as_crashed(pytester: pytest.Pytester) -> None:
    text = """
import os
def test_first(): pass
def test_fatal(): os._exit(3)
def test_last(): pass
"""
    records = run(pytester, text, "-n", "1")
    (fatal,) = (one for one in records if one.case.name == "test_fatal")
    assert (fatal.turn.outcome, fatal.turn.worker) == ("crashed", "gw0")
    assert set(fatal.figures) == {None}
    others = turns(records)
    assert {others[name].outcome for name in ("test_first", "test_last")} == {"passed"}


def test_what_a_run_taught_is_the_past_of_the_next(pytester: pytest.Pytester) -> None:
    records = run(pytester, SUITE)
    past = kept(pytester).past()
    assert {one.node_id.rpartition("::")[2]: one.outcome for one in past.tests} == OUTCOMES
    (app,) = past.shared
    assert app.key == "test_a.py fixture app"
    (first,) = (one for one in past.tests if one.node_id == "test_a.py::test_passed")
    (record,) = (one for one in records if one.case.name == "test_passed")
    assert first.seconds == pytest.approx((record.figure("test_time") or 0.0) - app.seconds)


def test_the_whole_run_is_timed(pytester: pytest.Pytester) -> None:
    records = run(pytester, SUITE)
    (whole,) = measured(pytester, "run_time")
    assert whole.case == Case("run")
    assert whole.values[0] >= sum(one.figure("test_time") or 0.0 for one in records) / 2


def test_nothing_is_told_of_turns_without_records(pytester: pytest.Pytester) -> None:
    assert run(pytester, "def test_it(benchmark): benchmark(int)", "--paceline-resources=off") == ()
    assert measured(pytester, "run_time") == ()
