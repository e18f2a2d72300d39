"""Interpreter events: count the bytecode instructions of a body, and of each function in it.

From Python 3.12 on by ``sys.monitoring`` (PEP 669), before by a trace function that asks for
opcodes. Both see every instruction of Python code and nothing of the C code below it.
"""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from paceline.errors import MeasureError
from paceline.stats.profile import Cost, Function, Profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

__all__ = ["MonitoringCounter", "TracingCounter", "event_counter", "function_of", "python_profile"]

_TOOLS: Final = (4, 3)
"""The identifiers that PEP 669 leaves to anyone."""


class _Tally:
    """Bytecode instructions by code object.

    By identity: code objects hash by all that they hold. The object is kept, so that its identity
    is not given away.
    """

    name = "bytecode instructions"
    blind_to = "all time in C code, caches, waiting"

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._codes: list[CodeType] = []

    def _count(self, code: CodeType) -> None:
        try:
            self._counts[id(code)] += 1
        except KeyError:
            self._codes.append(code)
            self._counts[id(code)] = 1

    def _total(self) -> float:
        return float(sum(self._counts.values()))

    def _clear(self) -> None:
        self._counts.clear()
        self._codes.clear()

    def profile(self) -> Profile:
        """Give the instructions of each function between the last start and stop."""
        found: dict[Function, float] = defaultdict(float)
        for code in self._codes:
            if code.co_filename != __file__:
                found[function_of(code)] += self._counts[id(code)]
        functions = {one: Cost(own, own) for one, own in found.items()}
        return Profile(sum(found.values()), functions, {})


class MonitoringCounter(_Tally):
    """Counts the bytecode instructions of all threads, from Python 3.12 on."""

    def __init__(self, monitoring: Any, tool: int) -> None:
        super().__init__()
        self._monitoring = monitoring
        self._tool = tool

    def start(self) -> None:
        """Begin to count."""
        self._clear()
        monitoring, tool = self._monitoring, self._tool
        instruction = monitoring.events.INSTRUCTION
        monitoring.use_tool_id(tool, "paceline")
        monitoring.register_callback(tool, instruction, lambda code, _offset: self._count(code))
        monitoring.set_events(tool, instruction)

    def stop(self) -> float:
        """Give the bytecode instructions since start."""
        monitoring, tool = self._monitoring, self._tool
        monitoring.set_events(tool, 0)
        monitoring.register_callback(tool, monitoring.events.INSTRUCTION, None)
        monitoring.free_tool_id(tool)
        return self._total()


class TracingCounter(_Tally):
    """Counts the bytecode instructions of this thread, in functions called after start."""

    def start(self) -> None:
        """Begin to count."""
        self._clear()
        sys.settrace(self._enter)

    def stop(self) -> float:
        """Give the bytecode instructions since start."""
        sys.settrace(None)
        return self._total()

    def _enter(self, frame: FrameType, _event: str, _argument: object) -> Any:
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._trace

    def _trace(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "opcode":
            self._count(frame.f_code)
        return self._trace


def event_counter() -> MonitoringCounter | TracingCounter:
    """Give a counter of bytecode instructions.

    Raises:
        MeasureError: others trace this interpreter, and two can't at once.
    """
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is not None:
        for tool in _TOOLS:
            if monitoring.get_tool(tool) is None:
                return MonitoringCounter(monitoring, tool)
        raise MeasureError("other tools watch the interpreter's events")
    if sys.gettrace() is not None:
        raise MeasureError("a debugger or coverage traces this thread")
    if threading.gettrace() is not None:
        raise MeasureError("a debugger or coverage traces all threads")
    return TracingCounter()


def python_profile(function: Callable[[], Any]) -> Profile:
    """Give the bytecode instructions of one call for each Python function that it ran.

    Raises:
        MeasureError: others trace this interpreter.
    """
    counter = event_counter()
    counter.start()
    try:
        function()
    finally:
        counter.stop()
    return counter.profile()


def function_of(code: CodeType) -> Function:
    """Name a code object by where it stands in the source."""
    return Function(code.co_qualname, code.co_filename, code.co_firstlineno)
