"""Tracing: who traces Python's allocations, and the gauges that read a mark within a window."""

from __future__ import annotations

import math
import tracemalloc
from typing import TYPE_CHECKING

from paceline.probes.highwater import HighWater, python_mark

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TRACING", "Gauge", "Tracing", "traced"]

TRACED_BEFORE = "memory was traced by someone else already, and an earlier peak hides this one"


class Tracing:
    """Starts tracing for the first window, unless it runs, and stops what it started."""

    def __init__(self) -> None:
        self._windows = 0
        self._ours = False
        self.epoch = 0
        self._foreign = HighWater(_traced_most, _refuse, denied=TRACED_BEFORE)

    @property
    def foreign(self) -> bool:
        """Whether somebody else traces: their marks are not ours to reset."""
        return tracemalloc.is_tracing() and not self._ours

    def open(self) -> HighWater:
        """Trace from now on; give the owner of the mark to use."""
        self._windows += 1
        if not tracemalloc.is_tracing():
            tracemalloc.start()
            self._ours = True
            self.epoch += 1
        return python_mark() if self._ours else self._foreign

    def close(self, *, lost: bool) -> None:
        """Stop with the last window what the first one started; ``lost`` if someone else did."""
        self._windows -= 1
        self._ours = self._ours and not lost
        if self._windows == 0 and self._ours:
            self._ours = False
            tracemalloc.stop()


class Gauge:
    """One mark within one window: its peak since the last part began.

    ``held`` gives what is held now and ``own`` how much of that the probes take, in bytes.
    """

    def __init__(
        self, mark: HighWater, held: Callable[[], float], own: Callable[[], float] = float
    ) -> None:
        self._mark = mark
        self._now = held
        self._own = own
        self._most_own = 0.0
        self.unsure = ""
        self._window = mark.open()
        self.start = held() - own()

    def peak(self) -> float:
        """Give the peak above the start, below zero where less was held; begin the next part."""
        found = self._mark.close(self._window)
        self.unsure = self.unsure or found.unsure
        self._window = self._mark.open()
        held = self.held()
        return (
            held if math.isnan(found.bytes) else max(held, found.bytes - self._own() - self.start)
        )

    def look(self) -> None:
        """Read the mark and what the probes take: only what was seen can be seen to fall."""
        self._mark.peak(self._window)
        self._most_own = max(self._most_own, self._own())

    def held(self) -> float:
        """Give what is held now above the start."""
        return self._now() - self._own() - self.start

    def close(self) -> None:
        """End the window."""
        self._mark.close(self._window)


def traced() -> float:
    """Give the bytes that Python's allocators hold since tracing began."""
    return float(tracemalloc.get_traced_memory()[0])


def _traced_most() -> float:
    return float(tracemalloc.get_traced_memory()[1])


def _refuse() -> bool:
    """Leave a mark alone that somebody else may be reading."""
    return False


TRACING = Tracing()
