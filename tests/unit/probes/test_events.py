from __future__ import annotations

import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import MeasureError
from paceline.probes import events
from paceline.probes.counter import counted
from paceline.probes.events import TracingCounter, event_counter, python_profile

if TYPE_CHECKING:
    from collections.abc import Iterator


def leaf(number: int) -> int:
    return number * 2


def tree(size: int = 10) -> int:
    return sum([leaf(number) for number in range(size)])


@pytest.fixture(autouse=True)
def _free(untraced: None) -> Iterator[None]:  # noqa: ARG001  (coverage traces as well)
    yield
    monitoring = getattr(sys, "monitoring", None)
    assert monitoring is None or monitoring.get_tool(4) is None


def test_the_same_calls_count_the_same_and_twice_as_many_twice() -> None:
    counter = event_counter()
    first, again, double = (counted(tree, counter, count=count) for count in (5, 5, 10))
    assert first == again > 0
    assert double == pytest.approx(2 * first, rel=0.02)


def test_one_percent_more_is_found() -> None:
    counter = event_counter()
    base, head = (counted(tree, counter, count=1, args=(size,)) for size in (200, 202))
    assert head / base == pytest.approx(1.01, abs=0.002)


def test_a_profile_names_functions_with_file_and_line() -> None:
    found = {one.name: (one, cost.own) for one, cost in python_profile(tree).functions.items()}
    place, _ = found["leaf"]
    assert (place.file, place.line) == (__file__, leaf.__code__.co_firstlineno)
    assert found["leaf"][1] == 10 * python_profile(lambda: leaf(1)).functions[place].own


def test_a_profiles_total_is_the_sum_of_its_functions() -> None:
    profile = python_profile(tree)
    assert profile.total == sum(cost.own for cost in profile.functions.values()) > 0


def test_c_code_is_not_seen() -> None:
    short, long = (python_profile(partial(sorted, range(size))).total for size in (1, 999))
    assert short == long


def test_a_body_that_raises_leaves_no_counter_behind() -> None:
    with pytest.raises(ZeroDivisionError):
        python_profile(lambda: 1 // 0)
    assert sys.gettrace() is None
    assert python_profile(tree).total > 0


def test_a_tracer_of_others_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "sys", _Interpreter(tracer=print))
    with pytest.raises(MeasureError, match="traces this thread"):
        event_counter()


def test_a_tracer_of_all_threads_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "sys", _Interpreter())
    monkeypatch.setattr(threading, "gettrace", lambda: print)
    with pytest.raises(MeasureError, match="traces all threads"):
        event_counter()


def test_monitoring_tools_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "sys", _Interpreter(monitoring=_Monitoring({3, 4})))
    with pytest.raises(MeasureError, match="other tools watch"):
        event_counter()


def test_monitoring_takes_a_free_place_and_gives_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monitoring = _Monitoring({4})
    monkeypatch.setattr(events, "sys", _Interpreter(monitoring=monitoring))
    counter = event_counter()
    counter.start()
    assert monitoring.used == {3, 4}
    for _ in range(5):
        monitoring.callback(leaf.__code__, 0)
    assert counter.stop() == 5
    assert monitoring.used == {4}
    assert monitoring.callback is None


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="tracing is for older interpreters")
def test_opcodes_are_traced_where_there_is_no_monitoring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "event_counter", TracingCounter)
    assert {one.name for one in python_profile(tree).functions} >= {"leaf", "tree"}


class _Interpreter:
    """What is asked of ``sys``."""

    def __init__(self, *, tracer: Any = None, monitoring: Any = None) -> None:
        self.monitoring = monitoring
        self.gettrace = lambda: tracer


class _Monitoring:
    """``sys.monitoring``, as far as it is used."""

    class events:  # noqa: N801  (as there)
        INSTRUCTION = 1

    def __init__(self, used: set[int]) -> None:
        self.used = used
        self.callback: Any = None

    def get_tool(self, tool: int) -> str | None:
        return "other" if tool in self.used else None

    def use_tool_id(self, tool: int, _name: str) -> None:
        self.used.add(tool)

    def free_tool_id(self, tool: int) -> None:
        self.used.remove(tool)

    def register_callback(self, _tool: int, _event: int, callback: Any) -> None:
        self.callback = callback

    def set_events(self, _tool: int, _events: int) -> None:
        pass
