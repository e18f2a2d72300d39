"""The plan of a run: chunks in the order in which they are handed out, and why."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paceline.suite.chunks import Chunk, Priced, blocks, neighbours, price
from paceline.suite.order import Order
from paceline.suite.task import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.suite.expectation import Expectation
    from paceline.suite.past import Shared
    from paceline.suite.task import Task

__all__ = ["PARTS", "Plan", "Room", "lower_bound", "make_plan"]

PARTS = 24  # a chunk holds at most this part of the bound
_DEAR = 0.05  # of a chunk: a set-up that takes less is not cared for
_WORTH = 0.005  # seconds: nor is one that takes less than this
_EARLY = 0.5  # of the bound: unknown tests start behind what is known to take longer
_TAIL = 0.15  # of all work: what runs last is cut finer
_FINER = 4  # times


@dataclass(frozen=True, slots=True)
class Room:
    """What the tests of a run may hold together.

    ``memory`` is in bytes, 0 means that it is not known and limits nothing. A named resource that
    is not listed in ``places`` has one place.
    """

    cores: float
    memory: int = 0
    places: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Chunks in the order in which they are handed out, what they rest on, and why so."""

    chunks: tuple[Chunk, ...]
    workers: int
    order: Order
    expectations: tuple[Expectation, ...]
    shared: tuple[Shared, ...]
    reasons: tuple[str, ...]


def make_plan(  # noqa: PLR0913  (what a plan depends on, by name)
    tasks: Sequence[Task],
    expectations: Sequence[Expectation],
    *,
    workers: int,
    order: Order,
    room: Room,
    shared: Sequence[Shared] = (),
    seed: int = 0,
) -> Plan:
    """Put tests, given in collected order, into chunks; ``seed`` decides a shuffled order."""
    bound = lower_bound(tasks, expectations, workers)
    dear = {
        one.key: one.seconds for one in shared if one.seconds >= max(_WORTH, _DEAR * bound / PARTS)
    }
    priced = price(tasks, expectations, dear)
    ready = [one for one in priced if not one.task.last]
    late = [one for one in priced if one.task.last]
    if order is Order.LONGEST:
        chunks = _longest(ready, bound, dear, room)
    elif order is Order.SHUFFLED:
        chunks = blocks(_shuffled(ready, seed), workers)
    else:
        chunks = blocks(ready, workers)
    chunks += blocks(late, workers)
    return Plan(
        tuple(replace(chunk, number=number) for number, chunk in enumerate(chunks)),
        workers,
        order,
        tuple(expectations),
        tuple(shared),
        _reasons(priced, order, dear, seed),
    )


def lower_bound(tasks: Iterable[Task], expectations: Iterable[Expectation], workers: int) -> float:
    """Give the seconds below which no schedule can come: work shared evenly, or the longest part.

    A part is what one worker runs in a row: a test, or all tests of a group.
    """
    total = longest = 0.0
    groups: defaultdict[str, float] = defaultdict(float)
    for task, given in zip(tasks, expectations, strict=True):
        total += given.seconds
        longest = max(longest, given.seconds)
        if task.group:
            groups[task.group] += given.seconds
    return max(total / workers, longest, *groups.values(), 0.0)


def _shuffled(priced: Iterable[Priced], seed: int) -> list[Priced]:
    """Put modules in an order that only the seed decides; inside, the order stays."""

    def lot(one: Priced) -> bytes:
        return hashlib.blake2b(f"{seed} {one.task.module}".encode()).digest()

    return sorted(priced, key=lot)


def _longest(
    priced: Sequence[Priced], bound: float, dear: Mapping[str, float], room: Room
) -> list[Chunk]:
    cap = bound / PARTS
    order = _Order(priced, bound, dear, room)
    runs: defaultdict[tuple[object, ...], list[Priced]] = defaultdict(list)
    for one in priced:
        task = one.task
        alone = task.index if not one.divisible else None
        home = task.group or task.module
        runs[home, task.group, task.failed, task.rank, one.known, alone].append(one)
    keyed: list[tuple[tuple[bool, int, float, int], Chunk]] = []
    for run in runs.values():
        size = math.inf if run[0].task.group else cap
        keyed += ((order.key(run[0], chunk), chunk) for chunk in neighbours(run, size, dear))
    keyed.sort(key=lambda pair: pair[0])
    chunks = [chunk for _, chunk in keyed]
    if any(one.task.rank for one in priced):
        return chunks
    return _with_fine_tail(chunks, cap)


class _Order:
    """What makes a chunk run earlier than another: its last failure, its category, its length."""

    __slots__ = ("_bound", "_dear", "_groups", "_queues", "_room")

    def __init__(
        self, priced: Iterable[Priced], bound: float, dear: Mapping[str, float], room: Room
    ) -> None:
        self._bound, self._dear = bound, dear
        self._room = dict(room.places)
        self._groups: defaultdict[str, float] = defaultdict(float)
        self._queues: defaultdict[str, float] = defaultdict(float)
        for one in priced:
            self._groups[one.task.group] += one.seconds
            for name, places in one.task.needs.uses:
                self._queues[name] += one.seconds * places

    def key(self, first: Priced, chunk: Chunk) -> tuple[bool, int, float, int]:
        """Give what chunks are sorted by, the earliest first."""
        task = first.task
        return (not task.failed, task.rank, -self._length(first, chunk), chunk.tasks[0])

    def _length(self, first: Priced, chunk: Chunk) -> float:
        """Give the seconds that depend on when this chunk begins."""
        if chunk.needs.alone:
            return math.inf
        length = chunk.seconds + sum(self._dear[key] for key in chunk.shared)
        if chunk.group:
            length = max(length, self._groups[chunk.group])
        for name, _ in chunk.needs.uses:
            length = max(length, self._queues[name] / self._room.get(name, 1))
        return length if first.known else max(length, _EARLY * self._bound)


def _with_fine_tail(chunks: list[Chunk], cap: float) -> list[Chunk]:
    """Cut what runs last finer, so that workers end together."""
    left = _TAIL * math.fsum(chunk.seconds for chunk in chunks)
    at = len(chunks)
    while at and left > 0:
        at -= 1
        left -= chunks[at].seconds
    fine = [piece for chunk in chunks[at:] for piece in _pieces(chunk, cap / _FINER)]
    return chunks[:at] + sorted(fine, key=lambda chunk: -chunk.seconds)


def _pieces(chunk: Chunk, cap: float) -> list[Chunk]:
    if chunk.group or chunk.shared:
        return [chunk]
    found: list[Chunk] = []
    start, seconds = 0, 0.0
    for at, (one, after) in enumerate(zip(chunk.each, (*chunk.each[1:], math.inf), strict=True), 1):
        seconds += one
        if seconds + after > cap:
            found.append(chunk.part(chunk.tasks[start:at]))
            start, seconds = at, 0.0
    return found


def _reasons(
    priced: Sequence[Priced], order: Order, dear: Mapping[str, float], seed: int
) -> tuple[str, ...]:
    bold = order is Order.LONGEST
    unknown = bold * sum(not one.known for one in priced)
    limited = sum(one.task.needs != ORDINARY for one in priced)
    failed = bold * sum(one.task.failed for one in priced)
    late = sum(one.task.last for one in priced)
    how = {
        Order.SERIAL: "contiguous blocks in serial order",
        Order.SHUFFLED: f"modules shuffled with seed {seed}",
        Order.LONGEST: "longest expected first",
    }[order]
    told = (
        (1, how),
        (failed, f"failed last time, so first: {failed}"),
        (unknown, f"without a record, so early: {unknown}"),
        (
            len(dear) if order is not Order.SERIAL else 0,
            f"dear shared fixtures that stay where they are set up: {len(dear)}",
        ),
        (limited, f"tests that wait for room of their own: {limited}"),
        (late, f"after all others, one at a time: {late}"),
    )
    return tuple(text for count, text in told if count)
