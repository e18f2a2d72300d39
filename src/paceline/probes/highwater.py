"""The high-water marks: the most memory held, of this process and of Python, with one owner each.

A mark is one number that only rises until it is reset, and a reset takes it from everyone who was
watching. So all windows on a mark are opened through its owner, which lets every open window take
down the mark before it resets it.
"""

from __future__ import annotations

import functools
import math
import os
import sys
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING, NamedTuple

from paceline.probes.kernel import OWN, Kept, field_of

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import resource
except ImportError:  # Windows has no such module
    resource = None  # type: ignore[assignment]

__all__ = ["HighWater", "Peak", "ProcessMark", "Window", "process_mark", "python_mark"]

STOLEN = "somebody else reset the high-water mark"
STRANGE = "the window was opened in another process"
UNKNOWN = "this system tells no high-water mark of memory"
DENIED = "this system does not let the high-water mark be reset, and an earlier peak hides this one"
UNTRACED = "Python's allocations were not traced from the start"
_KIB = 1024
_RESIDENT = b"5"  # what the kernel takes as the word to reset the mark
_MARK = "VmHWM:"
_COUNTERS = 3  # a process's pages are counted by kind: of files, of its own, shared
_BATCH = 32  # pages that a processor may count without telling
_MOST_SLACK = 4 * 1024**2


class Peak(NamedTuple):
    """The most bytes held while a window was open; where ``unsure`` says why, only a bound.

    ``bytes`` is nan where there is no mark at all.
    """

    bytes: float
    unsure: str


class Window:
    """A stretch of time in which a peak is wanted; it belongs to the owner that opened it.

    ``hidden`` is what the mark stood at where it could not be reset, below zero where it was.
    """

    __slots__ = ("hidden", "most", "unsure")

    def __init__(self, hidden: float) -> None:
        self.hidden = hidden
        self.most = 0.0
        self.unsure = ""


class HighWater:
    """The owner of one mark; windows may nest and overlap in any order, in any thread.

    ``read`` gives the mark in bytes, ``reset`` sets it to what is held now and gives False where
    it can't. ``slack`` is how many bytes the mark may fall by without a reset.
    """

    def __init__(
        self,
        read: Callable[[], float],
        reset: Callable[[], bool],
        *,
        slack: float = 0.0,
        denied: str = DENIED,
    ) -> None:
        self._read = read
        self._reset = reset
        self._slack = slack
        self._denied = denied
        self._seen = 0.0
        self._open: list[Window] = []
        # a collection may start inside our own lines and its callback may ask for a peak
        self._lock = threading.RLock()

    def open(self) -> Window:
        """Start a window; what every other open window saw so far is taken down first."""
        window = Window(0.0)
        self.turn(window, self._read())
        return window

    def turn(self, window: Window, mark: float) -> Peak:
        """Tell a window's peak and open it anew; the ``mark`` has just been read, in bytes."""
        with self._lock:
            self._heard(mark)
            found = self._told(window, mark)
            if self._reset():
                self._seen = 0.0
                window.hidden = -1.0
            else:
                window.hidden = mark
            window.most = 0.0
            window.unsure = ""
            if window not in self._open:
                self._open.append(window)
            return found

    def beside(self, window: Window) -> Window:
        """Start a window where another one started; nothing is read and nothing is reset."""
        with self._lock:
            other = Window(window.hidden)
            other.most = window.most
            other.unsure = window.unsure
            self._open.append(other)
            return other

    def peak(self, window: Window) -> Peak:
        """Tell a window's peak so far and leave it open."""
        with self._lock:
            return self._told(window, self._look())

    def close(self, window: Window) -> Peak:
        """Tell a window's peak and end it."""
        with self._lock:
            mark = self._look()
            found = self._told(window, mark)
            self.drop(window)
            return found

    def drop(self, window: Window) -> None:
        """End a window of which nobody wants to know."""
        with self._lock:
            if window in self._open:
                self._open.remove(window)

    def _told(self, window: Window, mark: float) -> Peak:
        most = window.most
        if most > window.hidden and not window.unsure and window in self._open:
            return Peak(most, "")
        if window.unsure:
            return Peak(most, window.unsure)
        if math.isnan(mark):
            return Peak(mark, UNKNOWN)
        return Peak(mark, self._denied if window in self._open else STRANGE)

    def _look(self) -> float:
        """Read the mark for every open window."""
        mark = self._read()
        self._heard(mark)
        return mark

    def _heard(self, mark: float) -> None:
        """Let every open window take down what the mark says."""
        stolen = mark < self._seen - self._slack
        self._seen = mark
        for window in self._open:
            if mark > window.most:  # noqa: PLR1730  (a call would cost as much as all the rest)
                window.most = mark
            if stolen:
                window.unsure = STOLEN


class ProcessMark(HighWater):
    """The owner of this process's most resident memory."""

    def __init__(self) -> None:
        process = _Process()
        super().__init__(process.read, process.reset, slack=_kernel_slack(os.cpu_count() or 1))
        self._told_by = process.told
        self._usage = process.usage

    def pass_on(self, window: Window) -> tuple[float, Peak]:
        """Turn a window; give the process's processor seconds too: the same call tells both."""
        if self._usage is None:
            return time.process_time(), self.turn(window, math.nan)
        usage = self._usage(0)
        peak = self.turn(window, self._told_by(usage.ru_maxrss))
        return usage.ru_utime + usage.ru_stime, peak


@functools.cache
def process_mark() -> ProcessMark:
    """Give the owner of this process's most resident memory."""
    return ProcessMark()


@functools.cache
def python_mark() -> HighWater:
    """Give the owner of the most bytes that Python's allocators held while they are traced."""
    return HighWater(_read_traced, _reset_traced, denied=UNTRACED)


class _Process:
    """The kernel's mark: cheap to read from the usage, exact from the status.

    What started us may have left its own mark in our usage (a child is born holding the memory of
    its parent), and no reset removes it. A reading that is not above it is read from the status.
    """

    def __init__(self) -> None:
        self._status = Kept("status")
        self._resets = Kept("clear_refs", writing=True)
        self.usage = getattr(resource, "getrusage", None)
        self._scale = 1 if sys.platform == "darwin" else _KIB
        self.reset()
        self._inherited = self._inherit()

    def read(self) -> float:
        """Read the mark in bytes, nan where the system tells none."""
        return math.nan if self.usage is None else self.told(self.usage(0).ru_maxrss)

    def told(self, mark: int) -> float:
        """Give the mark in bytes, from that of a usage that was read just now."""
        if mark > self._inherited:
            return float(mark * self._scale)
        told = field_of(self._status.read(), _MARK)
        return told * _KIB if told is not None else float(mark * self._scale)

    def _inherit(self) -> int:
        """Find the mark in our usage that was never ours, 0 for none."""
        told = field_of(self._status.read(), _MARK)
        mark = self.usage(0).ru_maxrss if self.usage else 0
        return mark if told is not None and mark > told + _MOST_SLACK / _KIB else 0

    def reset(self) -> bool:
        """Set the mark to what is resident now; False where the system denies it."""
        try:
            os.write(self._resets.file, _RESIDENT)
        except OSError:
            return self._resets.write(_RESIDENT)
        OWN[1] += 1
        return True


def _read_traced() -> float:
    return float(tracemalloc.get_traced_memory()[1])


def _reset_traced() -> bool:
    if not tracemalloc.is_tracing():
        return False
    tracemalloc.reset_peak()
    return True


def _kernel_slack(processors: int) -> float:
    """Say by how many bytes the kernel's count may waver: processors count in batches."""
    pages = _COUNTERS * max(_BATCH, 2 * processors) * processors
    return float(min(pages * 4096, _MOST_SLACK))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=process_mark.cache_clear)
    os.register_at_fork(after_in_child=python_mark.cache_clear)
