"""Rounds: the plain figures that leak tests assert: two rounds side by side, growth over many."""

from __future__ import annotations

import gc
import math
import tracemalloc
import weakref
from array import array
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.errors import MeasureError
from paceline.probes.leaks.system import resident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Rounds", "rounds"]

MOST_PASSES = 5


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a number of calls left behind.

    ``first`` and ``second`` are the Python bytes that the first and the second call left,
    ``resident_growth`` the bytes of resident memory (None where the system doesn't tell) and
    ``object_growth`` the tracked objects that all rounds left, ``survivors`` the results still
    alive when nothing but the code itself can hold them, among those of the third call and later.
    """

    count: int
    first: int
    second: int
    resident_growth: int | None
    object_growth: int
    survivors: int

    @property
    def ratio(self) -> float:
        """The second round's memory over the first's: 1 when both left none, infinite after 0."""
        if self.first > 0:
            return max(0, self.second) / self.first
        return 1.0 if self.second <= 0 else math.inf


def rounds(function: Callable[[], Any], rounds: int = 100) -> Rounds:
    """Call a function ``rounds`` times, at least twice, and say what stays; no call warms up.

    Raises:
        MeasureError: fewer than two rounds, or someone else is tracing memory.
    """
    if rounds < 2:  # noqa: PLR2004  (a second round is needed to compare with)
        raise MeasureError(f"{rounds} rounds can't be compared", remedy="ask for two or more")
    if tracemalloc.is_tracing():
        raise MeasureError("memory is traced already", remedy="stop the other tracing first")
    kept: list[weakref.ref[Any]] = []
    _collect()
    objects, memory = len(gc.get_objects()), resident()
    with _unheard():
        first, second = _two_rounds(function)
    for _ in range(rounds - 2):
        _follow(function(), kept)
    _collect()
    survivors = sum(one() is not None for one in kept)
    kept.clear()
    after = resident()
    growth = None if memory is None or after is None else after - memory
    return Rounds(rounds, first, second, growth, len(gc.get_objects()) - objects, survivors)


@contextmanager
def _unheard() -> Iterator[None]:
    """Take every callback from the collector: it runs at our word, and what they keep is theirs."""
    kept = list(gc.callbacks)
    gc.callbacks.clear()
    try:
        yield
    finally:
        gc.callbacks[:0] = kept


def _collect() -> None:
    """Collect until nothing more is found: what a finaliser lets go comes with the next pass."""
    for _ in range(MOST_PASSES):
        if not gc.collect():
            return


def _two_rounds(function: Callable[[], Any]) -> tuple[int, int]:
    """Call twice and give the bytes that stayed each time, the collector having run."""
    values = array("q", bytes(32))  # numbers of our own would be traced as well
    tracemalloc.start(1)
    try:
        for at in (0, 2):
            gc.collect()
            values[at] = tracemalloc.get_traced_memory()[0]
            function()
            gc.collect()
            values[at + 1] = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    return values[1] - values[0], values[3] - values[2]


def _follow(result: Any, kept: list[weakref.ref[Any]]) -> None:
    try:
        kept.append(weakref.ref(result))
    except TypeError:  # numbers, texts and the built-in containers can't be followed
        return
