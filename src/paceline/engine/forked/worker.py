"""Worker: the forked process's side: it claims tasks, runs them and sends what came of them."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import struct
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

from paceline.engine.forked.messages import post, receive
from paceline.engine.forked.queue import END, WAIT, ControllerGoneError
from paceline.engine.forked.slots import NOTHING, Slots

if TYPE_CHECKING:
    from paceline.engine.forked.queue import Queue

__all__ = ["RING", "Lines", "Work", "Worker"]

RING = struct.Struct("<Hi")
"""What a worker writes to the bell: its number, and how many tasks it has taken from its queue
when that was empty, -1 where it only wants to be heard."""

_PATIENCE = 0.005  # seconds that a running test waits to hear what comes next
_LARGE = 1 << 15  # bytes of a message that the controller should read at once
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


class Work(Protocol):
    """What the caller does in a worker."""

    def enter(self, worker: Worker) -> None:
        """Make the process its own, before the first task."""

    def run(self, task: int, worker: Worker) -> bool:
        """Run one task and send what came of it; False where nothing more is to run."""

    def leave(self, worker: Worker) -> None:
        """Finish, after the last task."""


class Lines(NamedTuple):
    """A worker's own ends of its pipes and files."""

    queue: Queue
    messages: int
    answers: int
    bell: int
    output: int
    crash: IO[bytes]


class Worker:
    """One forked process as its own code sees it."""

    def __init__(self, number: int, lines: Lines, slots: Slots, *, pinned: bool = False) -> None:
        self.number = number
        self.process = os.getpid()
        self._lines = lines
        self._slots = slots
        self._pinned = pinned
        self._lock = threading.RLock()
        self._next: int | None = None
        self._taken = 0

    def serve(self, work: Work) -> None:
        """Run tasks until there are none; an interrupt ends it after the fixtures' teardown."""
        self._become()
        work.enter(self)
        try:
            while (task := self._await()) is not None:
                self._slots.write(self.number, task, time.monotonic())
                more = work.run(task, self)
                self._leave_copies()
                self._slots.write(self.number, NOTHING, time.monotonic())
                if not more:
                    break
        except KeyboardInterrupt:
            self.send("interrupted")
        self._slots.write(self.number, NOTHING, time.monotonic())
        work.leave(self)

    def upcoming(self) -> int | None:
        """Tell the next task, `WAIT` where none can be had yet, None after the last.

        To be asked as late as possible: from now on the task is this worker's.
        """
        self._leave_copies()
        if self._next is None:
            number = self._take()
            if number is None:
                self.ring(self._taken)
                if self._lines.queue.wait(_PATIENCE):
                    number = self._take()
            if number is None or number == WAIT:
                return WAIT
            self._next = number
        return None if self._next == END else self._next

    def send(self, *message: Any) -> None:
        """Send a message; a large one is read at once."""
        self._leave_copies()
        with self._lock:
            size = post(self._lines.messages, message)
        if size > _LARGE:
            self.ring()

    def ask(self, *message: Any) -> Any:
        """Send a message and wait for the controller's answer, from whatever thread.

        Raises:
            ControllerGoneError: nobody is there to answer.
        """
        with self._lock:
            post(self._lines.messages, message)
            self.ring()
            answer = receive(self._lines.answers)
        if answer is None:
            raise ControllerGoneError
        return answer[0]

    def ring(self, taken: int = -1) -> None:
        """Make the controller look now; ``taken`` lets it tell whether it has given more since."""
        os.write(self._lines.bell, RING.pack(self.number, taken))

    def write(self, data: bytes) -> None:
        """Write to the controller's terminal, past any capture."""
        os.write(self._lines.output, data)

    @property
    def output(self) -> int:
        """The descriptor behind standard output and error outside capture."""
        return self._lines.output

    def _await(self) -> int | None:
        number, self._next = self._next, None
        if number is None:
            number = self._take()
        if number is None:
            self.ring(self._taken)
        while number is None or number == WAIT:
            self._lines.queue.wait()
            number = self._take()
        return None if number == END else number

    def _take(self) -> int | None:
        number = self._lines.queue.take()
        self._taken += number is not None and number >= 0
        return number

    def _leave_copies(self) -> None:
        """End a process that a test forked and let return: tasks are not its own."""
        if os.getpid() != self.process:
            os._exit(0)

    def _become(self) -> None:
        """Be a process of one's own: a group, default signals, own output, own crash file."""
        os.setpgid(0, 0)
        _die_with_parent()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._lines.queue.only_read()
        if self._pinned and hasattr(os, "sched_setaffinity"):
            processors = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {processors[self.number % len(processors)]})
        os.dup2(self._lines.output, 1)
        os.dup2(self._lines.output, 2)
        faulthandler.enable(file=self._lines.crash, all_threads=True)


def _die_with_parent() -> None:
    """Ask the kernel to kill this process with its parent, where it can."""
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    library.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
