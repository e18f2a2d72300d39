"""The gauge: what a stretch of this process took, read at its start and at its end.

Everything is read in place from files that stay open, and one reading may end a stretch and begin
the next. What a system does not tell or denies is None, and the reason stands beside it.
"""

from __future__ import annotations

import gc
import math
import os
import time
import tracemalloc
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from paceline.model import RESOURCES
from paceline.probes.clock import Real
from paceline.probes.highwater import process_mark
from paceline.probes.kernel import FORKS, OWN, Kept

if TYPE_CHECKING:
    from paceline.probes.highwater import Peak, Window

try:
    import resource
except ImportError:  # Windows has no such module
    resource = None  # type: ignore[assignment]

__all__ = ["Gauge", "Reading", "Stretch", "Taken", "Times"]

TRACED = "tracemalloc ran, and it slows every allocation"
FORKED = "the process was forked in the meantime"
UNTOLD = "this system does not tell it"
UNWATCHED = "somebody removed our callback from gc.callbacks"

_TIMES = (
    "test_time",
    "test_setup_time",
    "test_call_time",
    "test_teardown_time",
    "test_cpu_time",
    "test_collection_time",
)
_COLLECTOR = ("test_collections", "test_collection_time")
_PEAKS = ("test_process_peak", "test_process_rise")
_TAKEN = RESOURCES[4:]  # after the times of the phases
_FORKED = tuple((name, FORKED) for name in _TAKEN)
_OPEN_FILES = "/proc/self/fd"
_NOTHING: tuple[None, ...] = (None,) * len(_TAKEN)

Times: TypeAlias = tuple[float | None, float | None, float | None]
"""Seconds of set-up, call and teardown; None for a phase that did not run."""

Stand: TypeAlias = tuple[bytes, bytes, int, int, float, float, float]
"""What was read at one moment: memory, transfer, our own bytes in that (read, written), threads,
open files, seconds of finished children. The bytes are as the kernel gave them, b"" for unknown."""

Level: TypeAlias = tuple[float, float, float]
"""Resident bytes, and bytes read and written by others than us; nan for what is not known."""

_clock = Real.perf_counter
_processor = time.process_time  # as it was when this was loaded: tests freeze time
_usage: Any = getattr(resource, "getrusage", None)
_children = getattr(resource, "RUSAGE_CHILDREN", -1)
_status = os.fstat
_SHORT = 256  # bytes, more than either file has that is read so often
_STANDS = 1e-3  # seconds for which a reading holds where only pytest works


class Reading:
    """The start of a stretch; only the gauge that gave it can end it.

    ``processor`` is in seconds; ``moment`` is when ``stand`` was read, on the clock.
    """

    __slots__ = (
        *("collecting", "collections", "forks", "moment"),
        *("processor", "stand", "traced", "window"),
    )

    window: Window
    stand: Stand
    moment: float
    processor: float
    collections: float
    collecting: float
    traced: int
    forks: int


class Stretch(NamedTuple):
    """What was read of a stretch that has ended; `Gauge.taken` makes figures of it later."""

    before: Stand
    after: Stand
    peak: Peak
    processor: float
    collections: float
    collecting: float
    traced: bool
    watched: bool
    forked: bool


class Taken(NamedTuple):
    """What a stretch took; ``figures`` stand in the order of ``RESOURCES``."""

    figures: tuple[float | None, ...]
    unsure: tuple[tuple[str, str], ...]


class Gauge:
    """Takes readings of this process; stretches may nest and overlap.

    Between `open` and `close` it listens to the garbage collector.
    """

    def __init__(self) -> None:
        self._memory = Kept("statm")
        self._transfer = Kept("io")
        self._threads = Kept("task")
        self._opened = Kept("fd")
        self._collections = 0.0
        self._collecting = 0.0
        self._began = 0.0
        self._traced = 0
        self._heard = self._collected  # made once: it is looked for after every stretch
        self._known: Stand | None = None
        self._is: Level = (math.nan, math.nan, math.nan)
        self._page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0

    def open(self) -> None:
        """Begin to listen to the garbage collector, and open the files before any are counted."""
        if self._heard not in gc.callbacks:
            gc.callbacks.append(self._heard)
        self.abandon(self.start())

    def close(self) -> None:
        """Stop listening and close every file."""
        if self._heard in gc.callbacks:
            gc.callbacks.remove(self._heard)
        for kept in (self._memory, self._transfer, self._threads, self._opened):
            kept.close()

    def start(self) -> Reading:
        """Begin a stretch."""
        reading = Reading()
        reading.window = process_mark().open()
        self._place(reading, self._stand())
        return reading

    def again(self, reading: Reading) -> None:
        """Begin a stretch anew; what `turn` read within the last millisecond still holds.

        Times and collections begin now in any case.
        """
        if reading.forks != FORKS[0] or _clock() - reading.moment > _STANDS:
            process_mark().pass_on(reading.window)
            reading.stand = self._stand()
            reading.moment = _clock()
            reading.forks = FORKS[0]
        reading.collections = self._collections
        reading.collecting = self._collecting
        reading.traced = -1 if tracemalloc.is_tracing() else self._traced
        reading.processor = _processor()

    def beside(self, reading: Reading) -> Reading:
        """Begin another stretch; what ``reading`` saw within the last millisecond still holds."""
        if reading.forks != FORKS[0] or _clock() - reading.moment > _STANDS:
            return self.start()
        other = Reading()
        other.window = process_mark().beside(reading.window)
        self._place(other, reading.stand, moment=reading.moment)
        return other

    def turn(self, reading: Reading) -> Stretch:
        """End a stretch and let the next one begin here; `again` says where that really begins."""
        processor, peak = process_mark().pass_on(reading.window)
        stand = self._stand()
        stretch = self._stretch(reading, stand, peak, processor=processor)
        reading.stand = stand
        reading.moment = _clock()
        reading.forks = FORKS[0]
        return stretch

    def finish(self, reading: Reading, times: Times) -> Taken:
        """End a stretch for good; ``times`` are the seconds of its set-up, call and teardown."""
        stretch = self.turn(reading)
        process_mark().drop(reading.window)
        return self.taken(stretch, times)

    def so_far(self, reading: Reading, seconds: float) -> Taken:
        """Tell what a stretch took until now and leave it open."""
        processor = _processor()
        peak = process_mark().peak(reading.window)
        stretch = self._stretch(reading, self._stand(), peak, processor=processor)
        return self.taken(stretch, (None, seconds, None))

    def taken(self, stretch: Stretch, times: Times, *, aside: float = 0.0) -> Taken:
        """Make figures of a stretch; ``times`` are the seconds of its set-up, call and teardown.

        ``aside`` is processor time that somebody else took meanwhile, in seconds.
        """
        before, now, peak, processor, collections, collecting, *_ = stretch
        old, old_read, old_written = self._level(before)
        resident, read, written = self._level(now)
        most = math.nan if peak.unsure else peak.bytes
        growth = resident - old
        figures = (
            max(0.0, processor - aside),  # two clocks of the kernel, nanoseconds apart
            now[6] - before[6],
            max(most, resident),
            max(most - old, growth, 0.0),  # the mark is counted more coarsely
            growth,
            now[4] - before[4],
            now[5] - before[5],
            collections,
            collecting,
            read - old_read,
            written - old_written,
        )
        setup, call, teardown = times
        total = (setup or 0.0) + (call or 0.0) + (teardown or 0.0)
        if stretch.forked:
            return Taken((total, *times, *_NOTHING), _FORKED)
        if stretch.watched and not stretch.traced and not math.isnan(sum(figures)):
            return Taken((total, *times, *figures), ())
        unsure = _reasons(figures, stretch)
        known = (None if math.isnan(figure) else figure for figure in figures)
        return Taken((total, *times, *known), unsure)

    def abandon(self, reading: Reading) -> None:
        """End a stretch of which nobody wants to know."""
        process_mark().drop(reading.window)

    def resident(self) -> float:
        """Read the resident memory in bytes, nan where the system does not tell it."""
        memory = self._memory.read()
        return int(memory.split(None, 2)[1]) * self._page if memory else math.nan

    def _place(self, reading: Reading, stand: Stand, *, moment: float = 0.0) -> None:
        """Let a stretch begin with a stand; 0 stands for now."""
        reading.stand = stand
        reading.moment = moment or _clock()
        reading.forks = FORKS[0]
        reading.collections = self._collections
        reading.collecting = self._collecting
        reading.traced = -1 if tracemalloc.is_tracing() else self._traced
        reading.processor = _processor()

    def _stand(self) -> Stand:
        """Read how high things stand, from files that are open in nearly every case."""
        try:
            memory = _pread(self._memory.file, _SHORT, 0)
            OWN[0] += len(memory)
            own = OWN[0]
            transfer = _pread(self._transfer.file, _SHORT, 0)
            OWN[0] += len(transfer)
            threads = _status(self._threads.file).st_nlink
            files = _status(self._opened.file).st_size or _listed()
        except OSError:
            return self._slowly()
        used = _usage(_children)  # such a system has it
        return memory, transfer, own, OWN[1], threads, files, used.ru_utime + used.ru_stime

    def _slowly(self) -> Stand:
        """Read what is there: files that somebody closed are opened again, others are denied."""
        memory = self._memory.read()
        own = OWN[0]
        transfer = self._transfer.read()
        threads, opened = self._threads.status(), self._opened.status()
        used = _usage(_children) if _usage is not None else None
        return (
            memory,
            transfer,
            own,
            OWN[1],
            threads.st_nlink if threads else math.nan,
            (opened.st_size if opened else 0) or _listed(),
            used.ru_utime + used.ru_stime if used else math.nan,
        )

    def _stretch(self, reading: Reading, now: Stand, peak: Peak, *, processor: float) -> Stretch:
        watched = self._heard in gc.callbacks
        stretch = Stretch(
            reading.stand,
            now,
            peak,
            processor - reading.processor,
            self._collections - reading.collections,
            self._collecting - reading.collecting,
            reading.traced != self._traced or tracemalloc.is_tracing(),
            watched,
            reading.forks != FORKS[0],
        )
        if not watched:
            gc.callbacks.append(self._heard)
        return stretch

    def _level(self, stand: Stand) -> Level:
        """Read the numbers out of a stand; the end of one stretch is often the next one's start."""
        if stand is self._known:
            return self._is
        memory, transfer, own_read, own_written, *_ = stand
        resident = int(memory.split(None, 2)[1]) * self._page if memory else math.nan
        if transfer:
            _, read, _, written, _ = transfer.split(None, 4)
            self._is = resident, int(read) - own_read, int(written) - own_written
        else:
            self._is = resident, math.nan, math.nan
        self._known = stand
        return self._is

    def _collected(self, phase: str, _info: object) -> None:
        """Count a collection and its time; see by the way whether memory is being traced."""
        if phase == "start":
            self._began = _clock()
            self._traced += tracemalloc.is_tracing()
        else:
            self._collecting += _clock() - self._began
            self._collections += 1.0


def _reasons(figures: tuple[float, ...], stretch: Stretch) -> tuple[tuple[str, str], ...]:
    """Say why figures are missing or can't be trusted."""
    hidden = stretch.peak.unsure
    missing = [name for name, one in zip(_TAKEN, figures, strict=True) if math.isnan(one)]
    reasons = {name: hidden if hidden and name in _PEAKS else UNTOLD for name in missing}
    if stretch.traced:
        reasons |= dict.fromkeys(_TIMES, TRACED)
    if not stretch.watched:
        reasons |= dict.fromkeys(_COLLECTOR, UNWATCHED)
    return tuple(reasons.items())


def _listed() -> float:
    """Count open files one by one: their folder has had a size since Linux 6.2 only."""
    try:
        return float(sum(1 for _ in os.scandir(_OPEN_FILES)))
    except OSError:
        return math.nan


def _unreadable(*_arguments: object) -> bytes:
    """Stand for what this system does not have."""
    raise OSError


_pread = getattr(os, "pread", _unreadable)
