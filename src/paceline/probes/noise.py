"""Noise: run a calibrated loop in pairs, the way the gate runs benchmarks, and see how it scatters.

Both sides are the same loop in one process on one processor, so every difference is noise.
"""

from __future__ import annotations

import math
import os
import random
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from paceline.guard.noise import Noise
from paceline.probes.machine import siblings_of
from paceline.probes.processor import allowed, pin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Clocks", "observe_noise"]

_BATCH = 1e-3  # seconds
_TWOS = 20  # batches of each side in a pair
_TENTHS = 10
_TAKEN = 0.05  # of a batch in which the processor worked for others
_FINEST = 1e-9  # seconds: a batch that a coarse clock calls nothing still has a log
_STAT_COLUMNS = 8  # user nice system idle iowait irq softirq steal
_IDLE = (3, 4)
_STOLEN = 7


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds: of the wall, and of this thread on a processor."""

    wall: Callable[[], float] = time.perf_counter
    own: Callable[[], float] = time.thread_time


@dataclass(frozen=True, slots=True)
class _Ticks:
    """Of one processor since the machine's start: all, busy (own and others), stolen."""

    all: int
    busy: int
    stolen: int

    def since(self, earlier: _Ticks) -> _Ticks:
        return _Ticks(
            self.all - earlier.all, self.busy - earlier.busy, self.stolen - earlier.stolen
        )


@dataclass(slots=True)
class _Seen:
    """Seconds of the batches in the order they were taken, and of each pair's two sides."""

    batches: list[float] = field(default_factory=list)
    pairs: list[float] = field(default_factory=list)
    disturbed: int = 0


def observe_noise(
    seconds: float,
    *,
    clocks: Clocks | None = None,
    work: Callable[[int], object] | None = None,
    order: random.Random | None = None,
    root: Path = Path("/"),
) -> Noise:
    """Run the loop for about ``seconds`` on one of the allowed processors.

    A batch is disturbed when the thread ran for less than 95 % of it.
    """
    clocks, work = clocks or Clocks(), work or _loop
    order = order or random.Random()  # noqa: S311  (an order, no secret)
    processors = allowed()
    processor = order.choice(processors) if processors else 0
    with _kept_on(processor, back=processors) as pinned:
        count = _calibrated(work, clocks)
        before, started, own = _ticks(root), clocks.wall(), clocks.own()
        seen = _Seen()
        while clocks.wall() - started < seconds or not seen.pairs:
            _pair(seen, lambda: _batch(seen, work, count, clocks), order)
        passed, own = clocks.wall() - started, clocks.own() - own
        after = _ticks(root)
    used = own / passed if passed > 0 else 0.0
    here = _shares(before, after, processor) if pinned else None
    siblings = siblings_of(processor, root=root) if pinned else None
    return Noise(
        seconds=passed,
        batch=median(seen.batches),
        batches=tuple(map(math.log, seen.batches)),
        pairs=tuple(seen.pairs),
        tenths=_tenths(seen.batches),
        disturbed=seen.disturbed / len(seen.batches),
        pinned=pinned,
        stolen=here[1] if here else None,
        others=max(here[0] - used, 0.0) if here else None,
        sibling=_beside(before, after, siblings),
    )


@contextmanager
def _kept_on(processor: int, *, back: tuple[int, ...]) -> Iterator[bool]:
    """Keep this thread on one processor and let it ``back`` to those it had; say if that worked."""
    pinned = bool(back) and pin(processor)
    try:
        yield pinned
    finally:
        if pinned:
            os.sched_setaffinity(0, back)


def _pair(seen: _Seen, batch: Callable[[], float], order: random.Random) -> None:
    """Take batches of two equal sides in twos of random order; keep the median log ratio."""
    logs = []
    for _ in range(_TWOS):
        one, other = batch(), batch()
        log = math.log(other / one)
        logs.append(log if order.random() < 0.5 else -log)  # noqa: PLR2004  (a coin)
    seen.pairs.append(median(logs))


def _batch(seen: _Seen, work: Callable[[int], object], count: int, clocks: Clocks) -> float:
    wall, own = clocks.wall, clocks.own
    own_start, start = own(), wall()
    work(count)
    taken, used = max(wall() - start, _FINEST), own() - own_start
    seen.batches.append(taken)
    seen.disturbed += used < (1 - _TAKEN) * taken
    return taken


def _calibrated(work: Callable[[int], object], clocks: Clocks) -> int:
    """Find how many rounds of the loop make a batch, the quickest of three timings each."""
    count = 1
    while True:
        takes = []
        for _ in range(3):
            start = clocks.wall()
            work(count)
            takes.append(clocks.wall() - start)
        if min(takes) >= _BATCH / 2:
            return max(round(count * _BATCH / min(takes)), 1)
        count *= 2


def _loop(count: int) -> int:
    """Do some arithmetic that no interpreter leaves out."""
    total = 0
    for number in range(count):
        total = (total + number * number) % 1_000_003
    return total


def _tenths(batches: list[float]) -> tuple[float, ...]:
    """Give the log of the median of each tenth of the batches; none when they are too few."""
    ends = [place * len(batches) // _TENTHS for place in range(_TENTHS + 1)]
    return tuple(
        math.log(median(batches[first:last]))
        for first, last in pairwise(ends)
        if last - first >= _TENTHS
    )


def _ticks(root: Path) -> dict[int, _Ticks]:
    """Read every processor's ticks; none where the platform doesn't say."""
    try:
        lines = (root / "proc/stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        name, *words = line.split()
        if name.removeprefix("cpu").isdecimal():
            columns = [int(word) for word in words[:_STAT_COLUMNS]]
            idle = sum(columns[place] for place in _IDLE)
            stolen = columns[_STOLEN]
            found[int(name[3:])] = _Ticks(sum(columns), sum(columns) - idle - stolen, stolen)
    return found


def _shares(
    before: dict[int, _Ticks], after: dict[int, _Ticks], processor: int
) -> tuple[float, float] | None:
    """Give the busy and the stolen share of a processor's time; None where it isn't told."""
    if processor not in before or processor not in after:
        return None
    passed = after[processor].since(before[processor])
    if passed.all <= 0:
        return None
    return passed.busy / passed.all, passed.stolen / passed.all


def _beside(
    before: dict[int, _Ticks], after: dict[int, _Ticks], siblings: tuple[int, ...] | None
) -> float | None:
    """Give the busy share of the busiest sibling, 0 where there is none."""
    found = [_shares(before, after, one) for one in siblings or ()]
    if siblings is None or None in found:
        return None
    return max((shares[0] for shares in found if shares), default=0.0)
