"""Memory: Python bytes and process memory while a window is open, side by side and never mixed.

Python bytes are what Python's allocators gave (tracemalloc); process memory is what the kernel
counts as resident. Windows may nest and overlap. What the probes take themselves is in neither.
"""

from __future__ import annotations

import dataclasses
import gc
import math
import os
import threading
import time
import tracemalloc
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from paceline.probes.children import ChildrenWindow
from paceline.probes.highwater import process_mark
from paceline.probes.kernel import Kept
from paceline.probes.looks import looks
from paceline.probes.places import PeakPlaces, Snapshot, sites
from paceline.probes.tracing import TRACING, Gauge, traced

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from paceline.model import Site
    from paceline.probes.places import Held

    Lines = Mapping[tuple[str, int], Held]

__all__ = ["Figures", "Part", "Wanted", "Watch", "resident", "traced_peak"]

STOPPED = "tracemalloc was stopped or cleared while the window was open"
NOT_RESIDENT = "resident memory can't be read on this system"
TRACER = "tracing itself took much of the memory of the process, so its share is only estimated"
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_OWN_SHARE = 0.05
_OWN_LEAST = 1024**2


class Wanted(NamedTuple):
    """What a window is for; ``places`` is how many lines are named, 0 for none."""

    python: bool = True
    process: bool = True
    children: bool = True
    places: int = 10


class Part(NamedTuple):
    """A stretch of a window, in bytes above the window's start: peaks, and what its end held."""

    python_peak: float
    python_held: float
    process_peak: float
    process_held: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a window saw, in bytes above its start; nan where nothing is known.

    ``unsure`` pairs a figure's name with the reason. ``peak_sites`` are the places nearest the
    peak, ``end_sites`` those at the end, ``buffers`` the large blocks nearest the peak, each alone.
    """

    used: float = math.nan
    peak: float = math.nan
    process_rise: float = math.nan
    process_growth: float = math.nan
    children_peak: float = math.nan
    unsure: tuple[tuple[str, str], ...] = ()
    peak_sites: tuple[Site, ...] = ()
    end_sites: tuple[Site, ...] = ()
    buffers: tuple[Site, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def explained(self) -> float:
        """The share of the peak that its places hold."""
        held = sum(site.size_growth for site in self.peak_sites)
        return min(1.0, held / self.peak) if self.peak > 0 else 0.0


class _Open:
    """The windows that are open; whoever works on them is alone, looks from elsewhere fail."""

    def __init__(self) -> None:
        self.watches: list[Watch] = []
        self._depth = 0
        self.lock = threading.RLock()

    def __enter__(self) -> None:
        """Work on windows; a collection that starts meanwhile must not look at them."""
        self.lock.acquire()
        self._depth += 1

    def __exit__(self, *_error: object) -> None:
        self._depth -= 1
        self.lock.release()

    @property
    def busy(self) -> bool:
        """Whether somebody works on windows."""
        return self._depth > 0

    def abandon(self) -> None:
        """Forget a lock that a thread may hold which a forked child has not."""
        self.lock = threading.RLock()
        self._depth = 0


class Watch:
    """A window on memory: `open`, any number of `part`, `close`.

    ``root`` is the project that file names are relative to; ``known`` are child processes that
    count although they live already; ``now`` is a clock in seconds.
    """

    def __init__(
        self,
        wanted: Wanted = Wanted(),  # noqa: B008  (immutable)
        *,
        root: Path | None = None,
        known: Collection[int] = (),
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._wanted = wanted
        self._root = root or Path.cwd()
        self._known = known
        self._now = now
        self._unsure: dict[str, str] = {}
        self._parts: list[Part] = []
        self._python: Gauge | None = None
        self._process: Gauge | None = None
        self._children: ChildrenWindow | None = None
        self._places: PeakPlaces | None = None
        self._start: Snapshot | None = None
        self._witness: object = None
        self._most_own = 0.0
        self.epoch = 0

    @property
    def gauges(self) -> tuple[Gauge, ...]:
        """The marks that this window reads."""
        return tuple(gauge for gauge in (self._python, self._process) if gauge is not None)

    @property
    def children(self) -> frozenset[int]:
        """The child processes that live now and count."""
        return self._children.living if self._children else frozenset()

    def open(self) -> Watch:
        """Begin; what the garbage collector would free later is freed before."""
        with _OPEN:
            if self._wanted.children:
                self._children = ChildrenWindow(self._known)
                looks().add(self._children.look)
            gc.collect()
            if self._wanted.process:
                self._process = Gauge(process_mark(), resident, self._own)
            if self._wanted.python:
                self._trace()
            _OPEN.watches.append(self)
        return self

    def look(self, *, late: bool = False) -> None:
        """Take a snapshot of the places if this is a new most; never wait for another's work.

        ``late`` says that memory is about to be let go of.
        """
        if (
            self._python is None
            or self._places is None
            or _OPEN.busy
            or not _OPEN.lock.acquire(blocking=False)
        ):
            return
        try:
            if self in _OPEN.watches and tracemalloc.is_tracing():
                with _OPEN:
                    self._places.look(late=late)
                    self._most_own = max(self._most_own, self._own())
                    for gauge in self.gauges:
                        gauge.look()
        finally:
            _OPEN.lock.release()

    def part(self) -> Part:
        """End a part and begin the next; the garbage is collected in between."""
        with _OPEN:
            python_peak, process_peak = self._peaks()
            gc.collect()
            held = (gauge.held() if gauge else math.nan for gauge in (self._python, self._process))
            part = Part(python_peak, next(held), process_peak, next(held))
            self._parts.append(part)
            return part

    def held(self) -> float:
        """Give the Python bytes held now above the start, nan where they are not traced."""
        with _OPEN:
            return self._python.held() if self._python else math.nan

    def close(self) -> Figures:
        """End the window and say what it saw; a second time it says nothing."""
        self.look(late=True)
        with _OPEN:
            if self not in _OPEN.watches:
                return Figures()
            last = self.part()
            lost = self._check_tracing()
            places = self._python is not None and not lost and self._wanted.places
            end = Snapshot() if places else None
            _OPEN.watches.remove(self)
            self._release(lost=lost)
            figures = self._figures(last, end)
        return dataclasses.replace(figures, used=math.nan, peak=math.nan) if lost else figures

    def _trace(self) -> None:
        nested = tracemalloc.is_tracing()
        mark = TRACING.open()
        self.epoch = TRACING.epoch
        if self._wanted.places:
            self._start = Snapshot() if nested else None
            gc.callbacks.append(self._collecting)
            looks().add(self.look)
        self._witness = bytearray(1)  # its trace is lost when tracing is stopped or cleared
        self._places = PeakPlaces(traced, now=self._now)
        self._python = Gauge(mark, traced)

    def _own(self) -> float:
        """Tell what tracing and snapshots take of the process, in bytes."""
        if not tracemalloc.is_tracing():
            return 0.0
        kept = (self._start, self._places.nearest if self._places else None)
        snapshots = sum(one.weight for one in kept if one is not None)
        return float(tracemalloc.get_tracemalloc_memory()) + snapshots

    def _peaks(self) -> tuple[float, float]:
        """Give the peaks of Python and process since the last part, nan for what is not wanted."""
        python, process = (
            gauge.peak() if gauge else math.nan for gauge in (self._python, self._process)
        )
        return python, process

    def _release(self, *, lost: bool) -> None:
        for gauge in self.gauges:
            gauge.close()
        if self._python and self._wanted.places:
            looks().remove(self.look)
            if self._collecting in gc.callbacks:  # the code under test may have cleared them
                gc.callbacks.remove(self._collecting)
        if self._python:
            TRACING.close(lost=lost)
        if self._children:
            looks().remove(self._children.look)

    def _collecting(self, phase: str, _info: object) -> None:
        if phase == "start":
            self.look()

    def _check_tracing(self) -> bool:
        """Tell whether the code under test took our tracing away."""
        if self._python is None:
            return False
        if tracemalloc.get_object_traceback(self._witness) is None:
            self._unsure |= {"used": STOPPED, "peak": STOPPED}
            return True
        if self._python.unsure:
            self._unsure["peak"] = self._python.unsure
        return False

    def _figures(self, last: Part, end: Snapshot | None) -> Figures:
        rise = _risen(part.process_peak for part in self._parts)
        self._check_process(rise)
        before = self._start.lines() if self._start else {}
        ending = end.lines() if end else {}
        nearest, lines = self._nearest(end, ending)
        most, root = self._wanted.places, self._root
        return Figures(
            used=last.python_held,
            peak=_risen(part.python_peak for part in self._parts),
            process_rise=rise,
            process_growth=last.process_held,
            children_peak=self._children_peak(rise),
            unsure=tuple(self._unsure.items()),
            peak_sites=sites(lines, before, root=root, most=most),
            end_sites=sites(ending, before, root=root, most=most),
            buffers=nearest.buffers(root) if nearest else (),
            parts=tuple(self._parts),
        )

    def _nearest(self, end: Snapshot | None, ending: Lines) -> tuple[Snapshot | None, Lines]:
        """Give the snapshot that held most, with its lines."""
        seen = self._places.nearest if self._places is not None else None
        lines = seen.lines() if seen is not None else {}
        held = ((end, ending), (seen, lines))
        return max(held, key=lambda one: sum(line.size for line in one[1].values()))

    def _check_process(self, rise: float) -> None:
        if self._process is None:
            return
        if math.isnan(self._process.start):
            self._unsure |= {"process_rise": NOT_RESIDENT, "process_growth": NOT_RESIDENT}
        elif self._process.unsure:
            self._unsure["process_rise"] = self._process.unsure
        elif self._most_own > max(_OWN_LEAST, _OWN_SHARE * rise):
            self._unsure |= {"process_rise": TRACER, "process_growth": TRACER}

    def _children_peak(self, rise: float) -> float:
        if self._children is None:
            return math.nan
        own = self._process.start + rise if self._process else math.inf
        seen = self._children.close(own)
        if seen.unsure:
            self._unsure["children_peak"] = seen.unsure
        return seen.bytes


@contextmanager
def traced_peak() -> Iterator[list[float]]:
    """Trace the block and leave in the list the most bytes held above those before it.

    The list stays empty when someone else is tracing memory already: their figures stay theirs.
    """
    peak: list[float] = []
    if TRACING.foreign:
        yield peak
        return
    watch = Watch(Wanted(process=False, children=False, places=0)).open()
    try:
        yield peak
    finally:
        figures = watch.close()
        if "peak" not in dict(figures.unsure):
            peak.append(figures.peak)


def _risen(peaks: Iterable[float]) -> float:
    """Give the highest peak above the start, nan where there is none."""
    most = max(peaks)
    return 0.0 if most < 0 else most


def resident() -> float:
    """Read the resident memory of this process in bytes, nan where the system tells none."""
    content = _STATM.read().split()
    return float(content[1]) * _PAGE if len(content) > 1 else math.nan


_OPEN = _Open()
_STATM = Kept("statm")

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_OPEN.abandon)
