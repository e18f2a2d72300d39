"""What a record costs, counted: times differ from one second to the next on a shared machine."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from paceline.probes.highwater import process_mark
from paceline.probes.resources import Gauge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SYSTEM = {
    *("pread", "write", "getrusage", "fstat", "process_time", "getpid"),
    *("open", "close", "listdir", "scandir", "stat", "fcntl", "sysconf", "read"),
}


@pytest.fixture
def gauge() -> Iterator[Gauge]:
    made = Gauge()
    made.open()
    yield made
    made.close()


def calls(work: Callable[[], object]) -> Counter[str]:
    """Count the calls of built-in functions by name, and those of Python's under ""."""
    found: Counter[str] = Counter()

    def heard(_frame: Any, event: str, argument: Any) -> None:
        if event == "c_call":
            found[argument.__name__] += 1
        elif event == "call":
            found[""] += 1

    work()
    before = sys.getprofile()
    sys.setprofile(heard)
    work()
    sys.setprofile(before)
    return found


def test_a_record_takes_eight_short_system_calls(gauge: Gauge) -> None:
    reading = gauge.start()

    def test() -> None:
        gauge.again(reading)
        gauge.turn(reading)

    found = calls(test)
    gauge.abandon(reading)
    made = {name: number for name, number in found.items() if name in SYSTEM}
    assert made == {"pread": 2, "write": 1, "getrusage": 2, "fstat": 2, "process_time": 1}
    assert found[""] <= 14


def test_a_window_on_the_mark_reads_twice_and_resets_once() -> None:
    owner = process_mark()
    found = calls(lambda: owner.close(owner.open()))
    assert (found["getrusage"], found["write"], found["pread"]) == (2, 1, 0)
    assert found[""] <= 18
