from __future__ import annotations

import math

import pytest

from paceline.engine.resources import Records, RunWatch, audited, lost_run
from paceline.model import RESOURCES, Case, Resources
from paceline.probes.audit import AUDITED, UNHEARD
from paceline.probes.resources import Gauge


def record(node_id: str, label: str, time: float | None) -> Resources:
    return Resources(Case(node_id, label), (time, *[None] * (len(RESOURCES) - 1)))


def test_the_last_attempt_of_a_test_counts() -> None:
    records = Records()
    records.add([record("t", "", 3.0)])
    assert records.add([record("t", "", 1.0)]) == (record("t", "", 1.0),)
    assert records.all == (record("t", "", 1.0),)


@pytest.mark.parametrize("times", [(1.0, 3.0, 2.0), (3.0, None, 1.0)])
def test_the_longest_set_up_of_a_shared_fixture_counts(times: tuple[float, ...]) -> None:
    records = Records()
    news = [records.add([record("a.py", "fixture db", time)]) for time in times]
    assert records.all == (record("a.py", "fixture db", 3.0),)
    assert news[-1] == ()


class Memory(Gauge):
    def __init__(self, *readings: float) -> None:
        super().__init__()
        self._readings = iter(readings)

    def resident(self) -> float:
        return next(self._readings)


def test_growth_of_a_run_leaves_out_what_was_imported_before_its_first_test() -> None:
    watch = RunWatch(Memory(100.0, 130.0), "gw1")
    watch.collected()
    peak, growth = watch.finish()
    assert (growth.metric.name, growth.values, growth.unsure) == ("run_growth", (30.0,), "")
    assert peak.values[0] > 1e6
    assert peak.case == Case("run", "gw1")
    assert watch.finish() == (peak, growth)


@pytest.mark.parametrize(("collected", "words"), [(False, "no test ran"), (True, "resident")])
def test_growth_that_can_not_be_told_has_its_reason(collected: bool, words: str) -> None:
    watch = RunWatch(Memory(math.nan, math.nan))
    if collected:
        watch.collected()
    _, growth = watch.finish()
    assert growth.values == ()
    assert words in growth.unsure


def test_a_worker_that_was_lost_is_unsure() -> None:
    assert {one.metric.name: one.values for one in lost_run("gw0")} == {
        "run_peak": (),
        "run_growth": (),
    }
    assert all("gw0" in one.unsure for one in lost_run("gw0"))


def test_counts_of_events_become_measurements() -> None:
    found = audited(Case("t"), range(len(AUDITED)))
    assert [(one.metric, one.values) for one in found][1] == (AUDITED[1], (1.0,))


def test_what_this_python_does_not_announce_is_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UNHEARD, "test_sleeps", "silent")
    found = {one.metric.name: one for one in audited(Case("t"), range(len(AUDITED)))}
    assert (found["test_sleeps"].values, found["test_sleeps"].unsure) == ((), "silent")
