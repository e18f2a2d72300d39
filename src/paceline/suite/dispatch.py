"""Hand-out: which chunk a worker may begin now, by order, room, pins and shared fixtures."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from paceline.suite.admission import ALONE, Ledger, claims
from paceline.suite.affinity import Affinity
from paceline.suite.order import Order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paceline.suite.chunks import Chunk
    from paceline.suite.plan import Plan, Room
    from paceline.suite.task import Needs

__all__ = ["Dispatcher"]

_PATIENCE = 2  # times the workers: so often what fits may overtake what waits for room
_AHEAD = 2.0  # a chunk this many times shorter than a worker's share of what waits can itself wait


class _Open:
    """A chunk that a worker was handed and has not finished."""

    __slots__ = ("chunk", "left", "needs")

    def __init__(self, chunk: Chunk, needs: Needs) -> None:
        self.chunk = chunk
        self.needs = needs
        self.left = dict(zip(chunk.tasks, chunk.each, strict=True))


class Dispatcher:
    """What waits, what is in hand and what has ended, of a plan; it knows no clock.

    Whoever calls must offer `take` to each idle worker whenever something ended, was given back or
    was lost. ``paused`` says that memory is short: then something begins only when nothing runs.
    """

    def __init__(self, plan: Plan, room: Room) -> None:
        self.paused = False
        self._serial = plan.order is Order.SERIAL
        self._workers = plan.workers
        self._ledger = Ledger(room, plan.workers)
        dear = {key for chunk in plan.chunks for key in chunk.shared}
        self._affinity = Affinity({one.key: one.seconds for one in plan.shared if one.key in dear})
        self._open: dict[int, list[_Open]] = {}
        self._reached: dict[int, int] = {}
        self._owners: dict[str, int] = {}
        self._pins: dict[int, str] = {}
        self._passed: dict[tuple[int, int], int] = {}
        self._waiting: list[Chunk] = []
        self._late: list[Chunk] = []
        for chunk in plan.chunks:
            self._put(chunk)
        self.left = self.waiting

    @property
    def waiting(self) -> int:
        """How many tests are not handed out."""
        return sum(len(chunk.tasks) for chunk in (*self._waiting, *self._late))

    @property
    def over(self) -> bool:
        """Whether every test has ended."""
        return not self.left

    def take(self, worker: int) -> Chunk | None:
        """Hand out what a worker may begin now, or nothing."""
        self._reached.setdefault(worker, -1)
        if self.paused and not self._ledger.empty:
            return None
        passed: list[Chunk] = []
        chunk = self._choice(worker, passed)
        if chunk is None and self._ledger.empty:
            chunk = self._rest(worker)
        if chunk is None:
            return None
        for one in passed:
            self._passed[_name(one)] = self._passed.get(_name(one), 0) + 1
        return self._begin(worker, chunk)

    def finished(self, worker: int, task: int) -> None:
        """Strike off a test that has ended; its chunk's room is free with the last of them."""
        for held in self._held(worker):
            if held.left.pop(task, None) is not None:
                self.left -= 1
                self._close(worker, held)

    def given_back(self, worker: int, tasks: Sequence[int]) -> None:
        """Let tests wait again that a worker was handed and has not begun.

        They come back in pieces, so that several workers can share them.
        """
        wanted = set(tasks)
        for held in self._held(worker):
            back = [task for task in held.left if task in wanted]
            if not back:
                continue
            piece = held.chunk.part(back)
            for task in back:
                del held.left[task]
            self._close(worker, held)
            for one in self._sorted_out(piece):
                size = len(one.tasks) if one.group else -(-len(one.tasks) // self._workers)
                for start in range(0, len(one.tasks), size):
                    self._put(one.part(one.tasks[start : start + size]))

    def lost(self, worker: int) -> None:
        """Forget a worker: what was pinned to it moves to whoever takes it next."""
        self._reached.pop(worker, None)
        self._affinity.lost(worker)
        self._owners = {name: owner for name, owner in self._owners.items() if owner != worker}

    def pin(self, tasks: Sequence[int], worker: int, group: str) -> None:
        """Bind tests that have not begun to one worker."""
        self._owners[group] = worker
        self._pins.update(dict.fromkeys(tasks, group))
        pinned = set(tasks)
        for chunk in (*self._waiting, *self._late):
            if pinned.intersection(chunk.tasks):
                self._drop(chunk)
                for one in self._sorted_out(chunk):
                    self._put(one)

    def stealable(self, worker: int) -> tuple[int, ...]:
        """Give the tests of a worker's chunks that may move, without the one that it runs."""
        left = [(held.chunk, task) for held in self._held(worker) for task in held.left]
        return tuple(task for chunk, task in left[1:] if not chunk.group and task not in self._pins)

    def richest(self, worker: int) -> int | None:
        """Name the worker to take tests from for an idle one: who has most left that may move.

        Seconds count, less those of the set-ups that the idle worker would have to repeat. A
        serial order leaves everything where it is.
        """
        gains = {
            other: self._gain(worker, other)
            for other in self._open
            if other != worker and not self._serial
        }
        best = max(gains, key=lambda other: gains[other], default=None)
        return best if best is not None and gains[best] > 0 else None

    def _gain(self, worker: int, other: int) -> float:
        may = set(self.stealable(other))
        gain = 0.0
        for held in self._held(other):
            tasks = may.intersection(held.left)
            if tasks and not self._ledger.lacking(held.needs, worker):
                gain += sum(held.left[task] for task in tasks)
                gain -= self._affinity.missing(worker, held.chunk.shared)
        return gain

    def _held(self, worker: int) -> tuple[_Open, ...]:
        return tuple(self._open.get(worker, ()))

    def _close(self, worker: int, held: _Open) -> None:
        """Free the room of a chunk with nothing left."""
        if held.left:
            return
        self._open[worker].remove(held)
        self._ledger.free(worker, held.needs)
        if not self._open[worker]:
            del self._open[worker]

    def _sorted_out(self, chunk: Chunk) -> Iterator[Chunk]:
        """Part a chunk by what its tests are pinned to."""
        homes: dict[str, list[int]] = {}
        for task in chunk.tasks:
            homes.setdefault(self._pins.get(task, chunk.group), []).append(task)
        for group, tasks in homes.items():
            yield chunk.part(tasks, group=group)

    def _put(self, chunk: Chunk) -> None:
        """Let a chunk wait at its place in the plan."""
        insort(self._late if chunk.last else self._waiting, chunk, key=_name)
        self._affinity.comes(chunk)

    def _drop(self, chunk: Chunk) -> None:
        (self._late if chunk.last else self._waiting).remove(chunk)
        self._affinity.comes(chunk, -1)

    def _choice(self, worker: int, passed: list[Chunk]) -> Chunk | None:
        """Choose among what fits: the first in order, or what spares a set-up soon to be lost."""
        first: Chunk | None = None
        for chunk in self._fitting(worker, passed):
            if not self._affinity.better_elsewhere(worker, chunk, workers=self._workers):
                first = first or chunk
                if self._serial or not self._affinity.cares or not self._may_wait(first):
                    break
                if self._affinity.stays(worker, chunk):
                    return chunk
        return first

    def _may_wait(self, chunk: Chunk) -> bool:
        return chunk.seconds * _AHEAD * self._workers <= self._affinity.total

    def _fitting(self, worker: int, passed: list[Chunk]) -> Iterator[Chunk]:
        """Give in order what this worker may begin now, and note what waits for room before it.

        What was overtaken too often bars everything behind it from the room that it waits for.
        """
        barred: frozenset[str] = frozenset()
        looked: dict[tuple[Needs, int], frozenset[str]] = {}
        for chunk in self._waiting:
            needs = self._ledger.clamp(chunk.needs)
            owner = self._owners.get(chunk.group, worker)
            if ALONE in barred or barred & claims(needs):
                continue
            if (needs, owner) not in looked:
                looked[needs, owner] = self._ledger.lacking(needs, owner)
            lacking = looked[needs, owner]
            mine = owner == worker and self._in_turn(worker, chunk)
            if not lacking:
                if mine:
                    yield chunk
                continue
            passed.append(chunk)
            if self._passed.get(_name(chunk), 0) >= _PATIENCE * self._workers:
                barred |= lacking
            if mine and self._serial and not self._others_before(worker, chunk):
                return

    def _in_turn(self, worker: int, chunk: Chunk) -> bool:
        """Tell whether a worker may run a chunk after what it ran; only a serial order cares."""
        if not self._serial or chunk.group in self._owners:
            return True
        return self._reached[worker] < chunk.tasks[0] or not self._others_before(worker, chunk)

    def _others_before(self, worker: int, chunk: Chunk) -> bool:
        return any(
            reached < chunk.tasks[0] for other, reached in self._reached.items() if other != worker
        )

    def _rest(self, worker: int) -> Chunk | None:
        """Hand out where nothing runs what was left to others, and at last the late ones."""
        for chunk in self._waiting or self._late:
            if self._owners.get(chunk.group, worker) == worker and self._in_turn(worker, chunk):
                return chunk
        return None

    def _begin(self, worker: int, chunk: Chunk) -> Chunk:
        self._drop(chunk)
        self._affinity.begins(worker, chunk)
        needs = self._ledger.clamp(chunk.needs)
        self._ledger.hold(worker, needs)
        self._open.setdefault(worker, []).append(_Open(chunk, needs))
        self._reached[worker] = max(self._reached[worker], chunk.tasks[-1])
        if chunk.group:
            self._owners[chunk.group] = worker
        return chunk


def _name(chunk: Chunk) -> tuple[int, int]:
    """Give a chunk's place in the plan, and a piece's behind those before it."""
    return (chunk.number, chunk.tasks[0])
