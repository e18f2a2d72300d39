"""Counters: what counts work instead of time, and how a body is counted."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from paceline.errors import MeasureError
from paceline.probes.callgrind import callgrind_counter
from paceline.probes.events import event_counter
from paceline.probes.loop import call_values, empty_loop, timed_loop
from paceline.probes.perf_event import hardware_counter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Counter", "Found", "counted", "counter", "find_counter", "no_collections"]

_WARM = 20
"""Turns of a loop, fewer where fewer are counted, in which the interpreter adapts its code."""


class Counter(Protocol):
    """Counts some kind of work between start and stop; says what it does not see."""

    name: str
    blind_to: str

    def start(self) -> None:
        """Begin to count."""

    def stop(self) -> float:
        """Give what was counted since start."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best counter here, and why each better one is missing."""

    counter: Counter | None
    missing: tuple[str, ...]


def find_counter(*, out: Path | None = None) -> Found:
    """Look for callgrind (which writes to ``out``), hardware counters, interpreter events."""
    missing: list[str] = []
    finders: dict[str, Callable[[], Counter]] = {
        "callgrind": partial(_callgrind, out),
        "hardware": hardware_counter,
        "interpreter events": event_counter,
    }
    for name, find in finders.items():
        try:
            return Found(find(), tuple(missing))
        except MeasureError as error:
            missing.append(f"{name}: {error.problem}")
    return Found(None, tuple(missing))


def counter(*, out: Path | None = None) -> Counter | None:
    """Give the best counter here, None where there is none."""
    return find_counter(out=out).counter


def counted(
    function: Callable[..., Any],
    counter: Counter,
    *,
    count: int,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> float:
    """Count the work of ``count`` calls in a row, less that of the same loop without the calls.

    The garbage collector rests: when it runs depends on all that was allocated before.
    """
    values = call_values(args, kwargs or {})
    loop, empty = timed_loop(args, kwargs), empty_loop()
    loop(function, *values, min(count, _WARM), float)
    empty(_WARM, float)
    with no_collections():
        counter.start()
        loop(function, *values, count, float)
        taken = counter.stop()
        counter.start()
        empty(count, float)
        return max(0.0, taken - counter.stop())


def _callgrind(out: Path | None) -> Counter:
    if out is None:
        raise MeasureError("this process was not started to be counted")
    return callgrind_counter(out)


@contextmanager
def no_collections() -> Iterator[None]:
    """Collect garbage first and not again before the block ends."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
