"""Slots: what each worker is doing, in memory that it shares with the controller."""

from __future__ import annotations

import mmap
import struct
from typing import NamedTuple

__all__ = ["NOTHING", "Doing", "Slots"]

NOTHING = -1
_ROW = struct.Struct("<qd")
_WIDTH = 64  # a cache line each: workers do not get in each other's way


class Doing(NamedTuple):
    """A task's number, or `NOTHING`, and since when, in seconds of the monotonic clock."""

    task: int
    since: float


class Slots:
    """One row per worker; looking and writing need no message and no lock."""

    def __init__(self, workers: int) -> None:
        self._memory = mmap.mmap(-1, workers * _WIDTH)
        for worker in range(workers):
            self.write(worker, NOTHING, 0.0)

    def write(self, worker: int, task: int, since: float) -> None:
        """Say what a worker does now."""
        _ROW.pack_into(self._memory, worker * _WIDTH, task, since)

    def look(self, worker: int) -> Doing:
        """See what a worker does."""
        return Doing(*_ROW.unpack_from(self._memory, worker * _WIDTH))
