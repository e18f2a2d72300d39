"""Samples: everything a process holds, read into an array that was there before.

Whatever reading makes is gone before the next reading, so that a function that keeps nothing shows
exactly no growth.
"""

from __future__ import annotations

import gc
import sys
from array import array
from typing import TYPE_CHECKING

from paceline.probes.leaks.containers import Watch
from paceline.probes.leaks.heap import heap_reader
from paceline.probes.leaks.system import system_readers

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Samples", "collecting", "make_readers", "readings", "settle"]

_AT_START = 1000  # more frozen objects than CPython 3.12 starts with are the program's doing
_DRY = 2  # readings thrown away: the first ones fill the interpreter's free lists


class Samples:
    """One stage's readings: a row at each round's end.

    A stage freezes what is there (unless the program froze something itself), so that collections
    and counts see only what comes after. ``close`` must follow.
    """

    def __init__(self, readers: dict[str, Callable[[], int]], rows: int) -> None:
        self.collecting = collecting()
        settle()
        self._ours = gc.get_freeze_count() < _AT_START
        self.watch = Watch()
        self._readers = [
            *readers.items(),
            ("objects", _count_objects),
            ("entries", self.watch.entries),
            ("buffers", self.watch.buffered),
        ]
        self._values = array("q", bytes(8 * rows * len(self._readers)))
        self._row = 0
        if self._ours:
            gc.freeze()
        self.watch.mark()
        for _ in range(_DRY):
            self.take()
            self._row = 0

    def take(self) -> None:
        """Read everything; what only waits for the collector goes first, if the program lets it."""
        if self.collecting:
            gc.collect()
        at = self._row * len(self._readers)
        for _, read in self._readers:
            self._values[at] = read()
            at += 1
        self._row += 1

    def series(self) -> dict[str, tuple[int, ...]]:
        """Give each resource's readings in their order."""
        wide = len(self._readers)
        taken = self._values[: self._row * wide]
        return {name: tuple(taken[at::wide]) for at, (name, _) in enumerate(self._readers)}

    def close(self) -> None:
        """Thaw what the stage froze and let the containers go."""
        self.watch.close()
        if self._ours:
            gc.unfreeze()


def make_readers() -> dict[str, Callable[[], int]]:
    """Give a function for each count that this system and interpreter tell."""
    readers: dict[str, Callable[[], int]] = {"blocks": _blocks_reader()}
    heap = heap_reader()
    if heap is not None:
        readers["heap"] = heap
    return {**readers, **system_readers()}


def readings(readers: dict[str, Callable[[], int]]) -> dict[str, int]:
    """Read everything once, outside any stage."""
    return {**{name: read() for name, read in readers.items()}, "objects": _count_objects()}


def collecting() -> bool:
    """Tell whether the program lets the collector run by itself."""
    return gc.isenabled() and gc.get_threshold()[0] > 0


def settle() -> None:
    """Collect, where the program lets the collector run, and empty the interpreter's own caches."""
    if collecting():
        gc.collect()
    for name in ("_clear_internal_caches", "_clear_type_cache"):  # the second until 3.12
        clear = getattr(sys, name, None)
        if clear is not None:
            clear()
            break


def _blocks_reader() -> Callable[[], int]:
    """Count blocks without interned texts, which CPython 3.12 never gives back: not the code's."""
    interned: Callable[[], int] | None = getattr(sys, "getunicodeinternedsize", None)
    blocks = sys.getallocatedblocks
    return (lambda: blocks() - interned()) if interned is not None else blocks


def _count_objects() -> int:
    return len(gc.get_objects()) + gc.get_freeze_count()  # what was frozen may die as well
