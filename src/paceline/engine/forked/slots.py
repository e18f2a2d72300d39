"""Slots: what each worker is doing, in memory that it shares with the controller."""

from __future__ import annotations

import mmap
from typing import NamedTuple

__all__ = ["NOTHING", "Doing", "Slots"]

NOTHING = -1
_WIDTH = 8  # numbers of 8 bytes, a cache line each: workers do not get in each other's way


class Doing(NamedTuple):
    """A task's number, or `NOTHING`, and since when, in seconds of the monotonic clock."""

    task: int
    since: float


class Slots:
    """One row per worker; looking and writing need no message and no lock.

    A number is written and read at one stroke, two are not: whoever sees a task sees a moment that
    is its own or a later one, never an earlier one.
    """

    def __init__(self, workers: int) -> None:
        memory = memoryview(mmap.mmap(-1, workers * _WIDTH * 8))
        self._tasks = memory.cast("q")
        self._since = memory.cast("d")
        for worker in range(workers):
            self._tasks[worker * _WIDTH] = NOTHING

    def write(self, worker: int, task: int, since: float) -> None:
        """Say what a worker does now; the moment of `NOTHING` is not kept."""
        place = worker * _WIDTH
        if task != NOTHING:
            self._since[place + 1] = since
        self._tasks[place] = task

    def look(self, worker: int) -> Doing:
        """See what a worker does."""
        place = worker * _WIDTH
        return Doing(self._tasks[place], self._since[place + 1])
