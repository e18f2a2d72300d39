"""Hand: the controller's side of one worker: its pipes, its process, what it was handed."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from paceline.engine.forked.messages import Mailbox, post
from paceline.engine.forked.queue import END, WAIT, Queue
from paceline.engine.forked.worker import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.engine.forked.messages import Message

__all__ = ["Crash", "Hand"]

_OUTSTANDING = 2048  # numbers in a pipe at most; more wait here
_LAST = 16_384  # bytes of output that a crash is reported with
_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Crash:
    """How a worker ended that was not told to: by a signal (0 for none) or with a status.

    ``task`` is the number of the task that it ran, None between two tasks; ``stack`` what
    faulthandler wrote.
    """

    task: int | None
    signal: int
    status: int
    stack: str

    @property
    def how(self) -> str:
        """Say how it ended, in a few words."""
        if not self.signal:
            return f"exited with status {self.status}"
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(self.signal).name}"
        return f"was ended by signal {self.signal}"


class Hand:
    """One worker as the controller holds it."""

    def __init__(self, number: int, bell: int) -> None:
        self.number = number
        self.process = 0
        self.queue = Queue()
        self.open: dict[int, float] = {}  # numbers handed out and not finished: expected seconds
        self.rang = -1  # tasks that it had taken when it last found its queue empty
        self.ending = False  # it was told that nothing more comes
        self.ended = False  # its last message has come
        self._waits = False
        self._put = 0  # tasks that were put into its queue and not taken back
        self._later: list[int] = []
        messages, self._messages = os.pipe()
        self._answers, self._answering = os.pipe()
        output, self._output = os.pipe()
        self.mailbox = Mailbox(messages)
        self.output = output
        os.set_blocking(output, False)
        self._bell = bell
        self._crash: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (as long as the worker)
        self._status: int | None = None

    @property
    def lines(self) -> Lines:
        """The worker's own ends."""
        return Lines(
            self.queue, self._messages, self._answers, self._bell, self._output, self._crash
        )

    @property
    def hungry(self) -> bool:
        """Whether it found its queue empty and nothing was put into it since."""
        return self.rang == self._put

    @property
    def load(self) -> float:
        """Expected seconds of what was handed out and has not finished."""
        return sum(self.open.values())

    def give(self, tasks: Iterable[int], seconds: float) -> None:
        """Hand out tasks, each expected to take so long."""
        rows = list(tasks)
        self.open |= dict.fromkeys(rows, seconds)
        self._later += rows
        self._waits = False
        self.top_up()

    def top_up(self) -> None:
        """Put what had to wait into the pipe, as far as it takes them."""
        fits = _OUTSTANDING - (len(self.open) - len(self._later))
        if self._later and fits > 0:
            self.queue.put(self._later[:fits])
            self._put += len(self._later[:fits])
            del self._later[:fits]

    def take_back(self) -> list[int]:
        """Take back all that the worker has not begun; that nothing more comes stays said."""
        found = self.queue.take_back()
        if END in found:
            self.queue.put([END])
        rows = [number for number in found if number >= 0]
        self._put -= len(rows)
        rows += self._later
        self._later = []
        for number in rows:
            self.open.pop(number, None)
        return rows

    def wait(self) -> None:
        """Let the worker's running test end without what comes next; said once."""
        if not self._waits:
            self._waits = True
            self.queue.put([WAIT])

    def end(self) -> None:
        """Let the worker finish after what it has."""
        if not self.ending:
            self.ending = True
            self.queue.put([END])

    def answer(self, *message: object) -> None:
        """Answer a question."""
        with contextlib.suppress(BrokenPipeError):
            post(self._answering, message)

    def printed(self) -> bytes:
        """Take what the worker wrote outside capture."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            while more := os.read(self.output, _AT_ONCE):
                data += more
        return data

    def read(self) -> list[Message]:
        """Take the messages that have come."""
        return self.mailbox.read()

    def alive(self) -> bool:
        """Tell whether the process still runs."""
        if self._status is None:
            found, status = os.waitpid(self.process, os.WNOHANG)
            if found:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status is None

    def crash(self, task: int | None) -> Crash:
        """Say how the process ended, which it has."""
        status = self._status or 0
        self._crash.seek(0)
        stack = self._crash.read(_LAST).decode("utf-8", "replace")
        return Crash(task, max(0, -status), max(0, status), stack)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to the process; SIGKILL goes to its whole group."""
        if self._status is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.process, number)
            os.kill(self.process, number)

    def forked(self, process: int) -> None:
        """Keep the process's id and let go of its ends."""
        self.process = process
        for one in (self._messages, self._answers, self._output):
            os.close(one)

    def let_go(self) -> None:
        """In another worker: close the controller's ends of this one."""
        self.queue.close()
        for one in (self.mailbox.descriptor, self._answering, self.output):
            os.close(one)
        self._crash.close()

    def become(self) -> None:
        """In the worker itself: close the controller's ends."""
        for one in (self.mailbox.descriptor, self._answering, self.output):
            os.close(one)

    def close(self) -> None:
        """Let go of a worker that has ended."""
        self.let_go()
