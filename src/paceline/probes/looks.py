"""Looks: what has to be looked at every few milliseconds, from one thread while anyone wants it."""

from __future__ import annotations

import _thread
import os
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Looks", "looks"]

_PAUSE = 0.005
_SHARE = 0.5
"""How much of one processor looking may take: where a look is slow the pauses get longer."""
_PATIENCE = 0.2


class Looks:
    """Calls what was added again and again; ``pause`` is in seconds.

    The thread is no `threading.Thread`, so that a test that counts those counts its own.
    """

    def __init__(self, pause: float = _PAUSE) -> None:
        self._pause = pause
        self._calls: list[Callable[[], None]] = []
        self._lock = threading.RLock()
        self._round: _Round | None = None

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._round is not None

    def add(self, call: Callable[[], None]) -> None:
        """Look by this call as well; an error ends its looks and nothing else."""
        with self._lock:
            self._calls = [*self._calls, call]
            self.resume()

    def remove(self, call: Callable[[], None]) -> None:
        """End these looks; the thread ends with the last of them."""
        self._drop(call)
        if not self._calls:
            self.interrupt()

    def interrupt(self) -> None:
        """End the thread and wait until the system has forgotten it."""
        running, self._round = self._round, None
        if running is not None:
            running.end()

    def resume(self) -> None:
        """Start the thread again where there is something to look at."""
        if self._calls and self._round is None:
            self._round = _Round(self)
            self._round.start()

    def abandon(self) -> None:
        """Forget everything: in a forked child there is no such thread."""
        self._lock = threading.RLock()  # a thread that is gone may hold the old one
        self._calls = []
        self._round = None

    def look(self) -> float:
        """Look once; give the seconds until the next look."""
        began = time.thread_time()
        for call in self._calls:
            try:
                call()
            except (OSError, RuntimeError, ValueError, MemoryError):  # nothing is said of it
                self._drop(call)
        return max(self._pause, (time.thread_time() - began) / _SHARE)

    def _drop(self, call: Callable[[], None]) -> None:
        with self._lock:
            self._calls = [one for one in self._calls if one != call]


class _Round:
    """One life of the thread."""

    def __init__(self, owner: Looks) -> None:
        self._owner = owner
        self._stop = _thread.allocate_lock()
        self._ended = _thread.allocate_lock()
        self._thread = 0

    def start(self) -> None:
        """Start the thread; where the system gives none there are no looks."""
        self._stop.acquire()
        self._ended.acquire()
        try:
            _thread.start_new_thread(self._run, ())
        except RuntimeError:
            self._ended.release()

    def end(self) -> None:
        """Stop the thread; wait a moment for it, unless this is the thread itself."""
        with suppress(RuntimeError):  # asked twice
            self._stop.release()
        if self._thread == _thread.get_native_id():
            return
        if self._ended.acquire(timeout=_PATIENCE) and sys.platform == "linux":
            self._await_kernel()

    def _run(self) -> None:
        self._thread = _thread.get_native_id()
        pause = 0.0
        while not self._stop.acquire(timeout=pause):
            pause = self._owner.look()
        self._ended.release()

    def _await_kernel(self) -> None:
        """Python 3.12 warns of a fork beside threads and asks the kernel for their number."""
        for _ in range(50):
            if not os.path.exists(f"/proc/self/task/{self._thread}"):  # noqa: PTH110  (no imports here)
                return
            time.sleep(0.0005)


_LOOKS = Looks()


def looks() -> Looks:
    """Give the one instance of this process."""
    return _LOOKS


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_LOOKS.interrupt,
        after_in_parent=_LOOKS.resume,
        after_in_child=_LOOKS.abandon,
    )
