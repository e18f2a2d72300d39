"""Places: which lines hold the memory that Python's allocators gave, at the end and at the peak."""

from __future__ import annotations

import inspect
import os
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any, NamedTuple

from paceline.errors import Place
from paceline.model import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Held", "PeakPlaces", "ReturnLook", "Snapshot", "sites"]

_OWN = os.path.dirname(__file__)  # noqa: PTH120  (compared with text)
_PACKAGES = f"{os.sep}site-packages{os.sep}"
_STEP = 1.25
"""How much larger the total must be than at the last snapshot, so that they stay few."""
_LEAST = 32 * 1024
_MOST_SNAPSHOTS = 50
_SHARE = 0.5
_GRANTED = 0.05
_BYTES_A_TRACE = 112
"""A tuple of four, its place in the list and a number."""
_GENERATED = "<string>"
_FEW = 4096
"""Bytes up to which lines of generated code are the probes' own tuples."""


_BUFFER = 1 << 18
"""Bytes from which a block is looked at by itself."""
_MOST_BUFFERS = 32


class Held(NamedTuple):
    """What one line holds: bytes and blocks."""

    size: int
    blocks: int


class Snapshot:
    """Which line holds how much, at one moment.

    Raw traces are made untraced, so a window's Python bytes don't see them; they are put together
    only when someone asks, for that costs time and traced memory.
    """

    def __init__(self) -> None:
        self._raw = tracemalloc.take_snapshot() if tracemalloc.is_tracing() else None

    @property
    def weight(self) -> float:
        """About how many bytes of the process the raw traces take."""
        return float(len(self._raw.traces) * _BYTES_A_TRACE) if self._raw else 0.0

    def lines(self) -> Mapping[tuple[str, int], Held]:
        """Put together what each line holds, without what the probes themselves hold."""
        found: dict[tuple[str, int], Held] = {}
        for line in self._raw.statistics("lineno") if self._raw else ():
            frame = line.traceback[0]
            own = frame.filename.startswith((_OWN, tracemalloc.__file__))
            if not own and (frame.filename != _GENERATED or line.size > _FEW):
                found[frame.filename, frame.lineno] = Held(line.size, line.count)
        return found

    def buffers(self, root: Path) -> tuple[Site, ...]:
        """Give the large blocks one by one, the largest first: a line may hold small ones too."""
        large = [one for one in self._raw.traces if one.size >= _BUFFER] if self._raw else []
        large.sort(key=lambda one: one.size, reverse=True)
        frames = [(one.size, one.traceback[0]) for one in large[:_MOST_BUFFERS]]
        return tuple(
            Site(place=Place(shortened(frame.filename, root), frame.lineno), size=size, count=1)
            for size, frame in frames
        )


def sites(
    now: Mapping[tuple[str, int], Held],
    before: Mapping[tuple[str, int], Held],
    *,
    root: Path,
    most: int,
) -> tuple[Site, ...]:
    """Give the lines that hold more than before, those that grew most first."""
    grown = [
        (held.size - before.get(line, Held(0, 0)).size, line, held) for line, held in now.items()
    ]
    grown.sort(key=lambda one: (-one[0], one[1]))
    return tuple(
        Site(
            place=Place(shortened(line[0], root), line[1]),
            size=float(held.size),
            count=float(held.blocks),
            size_growth=float(more),
            count_growth=float(held.blocks - before.get(line, Held(0, 0)).blocks),
        )
        for more, line, held in grown[:most]
        if more > 0
    )


def shortened(file: str, root: Path) -> str:
    """Name a file within the project, or within the packages or library that it belongs to."""
    start = f"{root}{os.sep}"
    if file.startswith(start) and _PACKAGES not in file:
        return file.removeprefix(start).replace(os.sep, "/")
    if _PACKAGES in file:
        return file.rpartition(_PACKAGES)[2].replace(os.sep, "/")
    library = os.path.dirname(os.__file__)  # noqa: PTH120  (compared with text)
    above = os.path.dirname(library) + os.sep  # noqa: PTH120
    return file.removeprefix(above).replace(os.sep, "/") if file.startswith(library) else file


class PeakPlaces:
    """Keeps the snapshot nearest the peak: one is taken when the total is clearly a new most.

    ``total`` gives the bytes held now; ``snapshot`` takes one. Both the number of snapshots and
    the share of the window's time that they take are bounded; ``now`` is a clock in seconds.
    """

    def __init__(
        self,
        total: Callable[[], float],
        snapshot: Callable[[], Snapshot] = Snapshot,
        *,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._total = total
        self._snapshot = snapshot
        self._now = now
        self._began = now()
        self._spent = 0.0
        self._taken = 0
        self._least = total() + _LEAST
        self.nearest: Snapshot | None = None

    def look(self, *, late: bool = False) -> None:
        """Take a snapshot if the total is a new most and the window can afford it.

        ``late`` is for the last moment before memory is let go of: the share of time is no matter.
        """
        total = self._total()
        if total < self._least or self._taken >= _MOST_SNAPSHOTS:
            return
        start = self._now()
        if not late and self._spent > _GRANTED + _SHARE * (start - self._began):
            return
        self.nearest = None  # two at once would take twice the memory
        self.nearest = self._snapshot()
        self._least = total * _STEP
        self._taken += 1
        self._spent += self._now() - start


class ReturnLook:
    """Looks just before a function returns, while what its variables hold is still there.

    From Python 3.12 on by ``sys.monitoring`` for that function alone; before by a profile function
    of this thread, and not at all where another one is in place.
    """

    def __init__(self, function: Callable[..., Any], look: Callable[[], None]) -> None:
        self._code = getattr(inspect.unwrap(function), "__code__", None)
        self._look = look
        self._monitoring: Any = getattr(sys, "monitoring", None)
        self._tool = -1

    def start(self) -> None:
        """Begin to look, where that disturbs no other tool."""
        if self._code is None:
            return
        if self._monitoring is None:
            if sys.getprofile() is None:
                sys.setprofile(self._event)
            return
        monitoring = self._monitoring
        free = [tool for tool in (4, 3) if monitoring.get_tool(tool) is None]
        if free:
            self._tool = free[0]
            monitoring.use_tool_id(self._tool, "paceline-memory")
            monitoring.register_callback(self._tool, monitoring.events.PY_RETURN, self._returned)
            monitoring.set_local_events(self._tool, self._code, monitoring.events.PY_RETURN)

    def stop(self) -> None:
        """End the looks."""
        if self._monitoring is None:
            if sys.getprofile() == self._event:
                sys.setprofile(None)
            return
        monitoring, tool = self._monitoring, self._tool
        if tool >= 0 and monitoring.get_tool(tool) == "paceline-memory":
            monitoring.set_local_events(tool, self._code, 0)
            monitoring.register_callback(tool, monitoring.events.PY_RETURN, None)
            monitoring.free_tool_id(tool)
        self._tool = -1

    def _event(self, frame: Any, event: str, _argument: object) -> None:
        if event == "return" and frame.f_code is self._code:
            self._look()

    def _returned(self, _code: object, _offset: int, _value: object) -> None:
        self._look()
