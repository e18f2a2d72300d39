from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from paceline.errors import MeasureError
from paceline.probes import counter as module
from paceline.probes.counter import counted, counter, find_counter

if TYPE_CHECKING:
    from pathlib import Path


class Calls:
    """Counts the calls of its own ``work`` and a constant for being read."""

    name = "calls"
    blind_to = "all else"

    def __init__(self) -> None:
        self.calls = 0
        self.collecting: list[bool] = []

    def work(self, *_args: object, **_kwargs: object) -> None:
        self.calls += 1
        self.collecting.append(gc.isenabled())

    def start(self) -> None:
        self.calls = 0

    def stop(self) -> float:
        return float(self.calls + 1000)


def refuse(*_args: object) -> module.Counter:
    raise MeasureError("not here")


@pytest.mark.parametrize("count", [1, 10])
def test_so_many_calls_are_counted_and_the_counters_own_cost_is_not(count: int) -> None:
    calls = Calls()
    assert counted(calls.work, calls, count=count, args=(1,), kwargs={"key": 2}) == count


def test_a_body_cheaper_than_the_empty_loop_costs_nothing() -> None:
    readings = iter([5.0, 7.0])
    calls = Calls()
    calls.stop = lambda: next(readings)  # type: ignore[method-assign]
    assert counted(calls.work, calls, count=1) == 0


def test_garbage_is_not_collected_while_counting_and_again_after() -> None:
    calls = Calls()
    assert gc.isenabled()
    counted(calls.work, calls, count=2)
    assert calls.collecting[-2:] == [False, False]
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        counted(Calls().work, Calls(), count=1)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_best_counter_is_taken_and_better_ones_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = Calls()
    monkeypatch.setattr(module, "callgrind_counter", refuse)
    monkeypatch.setattr(module, "hardware_counter", lambda: calls)
    found = find_counter(out=tmp_path / "out")
    assert found.counter is calls
    assert found.missing == ("callgrind: not here",)


def test_without_any_counter_every_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "hardware_counter", refuse)
    monkeypatch.setattr(module, "event_counter", refuse)
    assert counter() is None
    assert find_counter().missing == (
        "callgrind: this process was not started to be counted",
        "hardware: not here",
        "interpreter events: not here",
    )
