"""Queue: the numbers of tasks in a pipe, which a worker reads and the controller may take back.

The kernel gives each number to one reader only: a task is the worker's once the worker has read
it and not before, and nobody has to agree on anything.
"""

from __future__ import annotations

import os
import select
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["END", "WAIT", "ControllerGoneError", "Queue"]

END = -1
"""No further task will come."""

WAIT = -2
"""Nothing can be begun now; something may come later."""

_WIDTH = 4
_AT_ONCE = select.PIPE_BUF // _WIDTH  # what one write puts in as a whole


class ControllerGoneError(Exception):
    """The controller has ended; there is nobody left to work for."""


class Queue:
    """One worker's queue; the controller keeps both ends, the worker only reads."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)

    def put(self, numbers: Iterable[int]) -> None:
        """Add numbers of tasks, or one of the signs above; some thousands may wait at a time."""
        rows = array("i", numbers)
        for start in range(0, len(rows), _AT_ONCE):
            os.write(self._writing, rows[start : start + _AT_ONCE].tobytes())

    def take(self) -> int | None:
        """Take the next number, None while there is none.

        Raises:
            ControllerGoneError: there is none and nobody can add one.
        """
        try:
            data = os.read(self._reading, _WIDTH)
        except BlockingIOError:
            return None
        if not data:
            raise ControllerGoneError
        return int.from_bytes(data, "little", signed=True)

    def take_back(self) -> list[int]:
        """Take everything that still waits, in its order."""
        found: list[int] = []
        while (number := self.take()) is not None:
            found.append(number)
        return found

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until a number can be taken, or its writer is gone."""
        poll = select.poll()
        poll.register(self._reading, select.POLLIN)
        return bool(poll.poll(None if seconds is None else seconds * 1e3))

    def only_read(self) -> None:
        """Let go of the writing end, so that the controller's end is noticed."""
        os.close(self._writing)
        self._writing = -1

    def close(self) -> None:
        """Let go of both ends."""
        for one in (self._reading, self._writing):
            if one >= 0:
                os.close(one)
        self._reading = self._writing = -1
