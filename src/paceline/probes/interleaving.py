"""The order of rounds when several implementations are measured side by side.

Each is calibrated and warmed up by itself; then blocks follow in which every implementation takes
the same number of rounds, in random order within the block, so that a slow moment of the machine
meets all of them (randomised multiple interleaved trials: Abedi and Brecht, 2017,
doi:10.1145/3030207.3030229).
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, TypeVar

from paceline.probes.sampling import Course, Phase, Sampled, Step, open_course, prepare, sampled
from paceline.stats.sampling import rounds_needed

if TYPE_CHECKING:
    from paceline.probes.options import BenchmarkOptions

__all__ = ["Interleaved", "interleaved", "named"]

T = TypeVar("T")

Interleaved = Generator[tuple[int, Step], tuple[float, ...], tuple[Sampled, ...]]

_ROUNDS = 4  # of each implementation in a block, where rounds are short
_MOST_IN_BLOCK = 16
_TICK = 1e-9  # seconds
_SHORT = 0.005  # seconds
_PILOT_BLOCKS = 12
_MOST_ROUNDS = 80_000


def interleaved(
    subjects: int,
    options: BenchmarkOptions,
    *,
    resolution: float,
    now: Callable[[], float],
    shuffle: Callable[[list[int]], None],
) -> Interleaved:
    """Measure ``subjects`` implementations in random blocks; values pair up by their index.

    The cap is the options' cap for each implementation. ``shuffle`` brings a list into random order
    in place.
    """
    courses, counts = [], []
    for index in range(subjects):
        course = open_course(options, resolution=resolution, now=now)
        counts.append((yield from named(index, prepare(course, single=False))))
        courses.append(course)
    taken: list[list[float]] = [[] for _ in range(subjects)]
    deadline = now() + options.max_time * subjects * 0.6
    order = list(range(subjects))
    sizes = _sizes([course.typical for course in courses])
    blocks, wanted, stopped = 0, _PILOT_BLOCKS, "the precision asked for"
    while blocks < wanted:
        shuffle(order)
        for index in order:
            taken[index] += yield index, Step(Phase.MEASURE, counts[index], sizes[index])
            courses[index].empties += yield index, Step(Phase.EMPTY, counts[index], 1)
        blocks += 1
        if now() >= deadline and blocks * min(sizes) >= options.min_rounds:
            stopped = "the cap"
            break
        if blocks == _PILOT_BLOCKS:
            wanted = max(_blocks_needed(taken, sizes, options), blocks)
    _share_overhead(courses, counts)
    return tuple(
        dataclasses.replace(sampled(course, values, count, stopped), block=size)
        for course, values, count, size in zip(courses, taken, counts, sizes, strict=True)
    )


def _sizes(typical: Sequence[float]) -> list[int]:
    """Give the rounds of each in a block: a few, and more of those that take far less time."""
    longest = max(typical)
    fewest = _ROUNDS if longest <= _SHORT else 1
    return [max(fewest, min(_MOST_IN_BLOCK, int(longest / max(one, _TICK)))) for one in typical]


def _share_overhead(courses: Sequence[Course], counts: Sequence[int]) -> None:
    """Give implementations with as many calls to a round one overhead: their loop is the same."""
    empties: dict[int, list[float]] = {}
    for course, count in zip(courses, counts, strict=True):
        empties.setdefault(count, []).extend(course.empties)
    for course, count in zip(courses, counts, strict=True):
        course.empties = empties[count]


def _blocks_needed(
    taken: Sequence[Sequence[float]], sizes: Sequence[int], options: BenchmarkOptions
) -> int:
    """Let the least steady ratio to the first implementation fix the number of blocks."""
    if options.precision <= 0:
        return _MOST_ROUNDS
    medians = [
        [statistics.median(rounds[start : start + size]) for start in range(0, len(rounds), size)]
        for rounds, size in zip(taken, sizes, strict=True)
    ]
    needed = len(medians[0])
    for other in medians[1:]:
        ratios = [b / a for a, b in zip(medians[0], other, strict=True)]
        needed = max(
            needed,
            rounds_needed(
                ratios,
                target=options.precision,
                level=options.confidence,
                least=len(ratios),
                most=_MOST_ROUNDS,
            ),
        )
    return needed


def named(
    index: int, steps: Generator[Step, tuple[float, ...], T]
) -> Generator[tuple[int, Step], tuple[float, ...], T]:
    """Say in every step of a procedure for one implementation which one it is for."""
    step = next(steps)
    while True:
        durations = yield index, step
        try:
            step = steps.send(durations)
        except StopIteration as stop:
            value: T = stop.value
            return value
