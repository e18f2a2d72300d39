"""The order of a benchmark's rounds: first call, calibration, warm-up, pilot, the rest.

A procedure is a generator: it asks for steps and is sent the seconds that each round took. It knows
neither the code under measurement nor whether that code is awaited, and a test can drive it with a
clock of its own.

Sampling ends by a two-stage rule (Stein, 1945): a pilot fixes how many rounds there will be, and
nothing looks at the interval again, so that stopping can't favour a lucky one.
"""

from __future__ import annotations

import enum
import math
import statistics
from collections.abc import Callable, Generator
from dataclasses import dataclass

from paceline.probes.options import BenchmarkOptions, Warmup
from paceline.stats.sampling import rounds_needed
from paceline.stats.warmup import level_start, levelled

__all__ = [
    "Course",
    "Fixed",
    "Phase",
    "Procedure",
    "Sampled",
    "Step",
    "automatic",
    "fixed",
    "open_course",
    "prepare",
    "sampled",
]

_PILOT_SHARE = 0.1  # of the cap: long enough to meet the slow swings of a shared machine
_PILOT_ROUNDS = 30
_BATCH_SECONDS = 0.005
_BATCH_ROUNDS = 64
_EMPTY_ROUNDS = 5
_WARMUP_SHARE = 0.4  # of the cap
_WARMUP_ROUNDS = 5
_FIGURES = 8  # medians that warm-up is judged on
_FIGURES_OF_SLOW_CODE = 4  # rounds of many milliseconds are few, and much happens in each
_MOST_ROUNDS = 100_000
_RECALIBRATIONS = 3
_GROWTH = 10


class Phase(enum.Enum):
    """What a step is for."""

    FIRST = "first call"
    CALIBRATE = "calibration"
    WARMUP = "warm-up"
    EMPTY = "empty loop"
    MEASURE = "measurement"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Step:
    """``rounds`` rounds of ``count`` calls each."""

    phase: Phase
    count: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a procedure found: seconds per call and round, overhead subtracted, never below a tick.

    ``first_call`` in seconds; ``warming`` is what first call and warm-up took beyond the same calls
    warm, in seconds; ``overhead`` is what was subtracted per round, in seconds; ``warm`` and
    ``stopped`` say how warm-up and sampling ended; ``block`` is the number of consecutive rounds
    that share one place in a random order.
    """

    values: tuple[float, ...]
    iterations: int
    warmup: int
    first_call: float
    warming: float
    overhead: float
    warm: str
    stopped: str
    block: int = 1


Procedure = Generator[Step, tuple[float, ...], Sampled]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Rounds, iterations and warm-up rounds set by hand."""

    rounds: int = 1
    iterations: int = 1
    warmup_rounds: int = 0


_Steps = Generator[Step, tuple[float, ...], tuple[float, ...]]


@dataclass(slots=True)
class Course:
    """Where a procedure stands: the clock it obeys and what it has seen so far."""

    options: BenchmarkOptions
    resolution: float
    deadline: float
    now: Callable[[], float]
    empties: list[float]
    cold: list[tuple[float, int]]  # (seconds, calls) before rounds counted
    typical: float = 0.0  # real seconds of the last round, whatever clock measures it
    first: float = 0.0  # real seconds of the first call, or of the second where that is far faster
    warmup: int = 0
    warm: str = "off"

    @property
    def target(self) -> float:
        """The shortest round, in seconds."""
        return max(self.options.min_time, self.options.calibration_precision * self.resolution)

    @property
    def slow(self) -> bool:
        """Whether the first call leaves no room for more than the fewest rounds."""
        return self.first * self.options.min_rounds >= self.options.max_time

    def step(self, phase: Phase, count: int, rounds: int) -> _Steps:
        """Ask for a step, and learn what a round of it takes in real time, its setup included."""
        start = self.now()
        durations = yield Step(phase, count, rounds)
        self.typical = (self.now() - start) / rounds
        return durations

    def left(self) -> float:
        """Seconds until the cap."""
        return self.deadline - self.now()


def fixed(plan: Fixed, *, resolution: float) -> Procedure:
    """Run exactly the rounds that were asked for; the first call is one of them."""
    cold: list[float] = []
    for _ in range(plan.warmup_rounds):
        cold += yield Step(Phase.WARMUP, plan.iterations, 1)
    empty = statistics.median((yield Step(Phase.EMPTY, plan.iterations, _EMPTY_ROUNDS)))
    taken: list[float] = []
    while len(taken) < plan.rounds:
        taken += yield Step(Phase.MEASURE, plan.iterations, 1)
    values = _net(taken, empty, plan.iterations, resolution)
    first = cold[0] if cold and plan.iterations == 1 else 0.0  # a mean of several is no first call
    return Sampled(
        values=values,
        iterations=plan.iterations,
        warmup=plan.warmup_rounds,
        first_call=first,
        warming=0.0,
        overhead=empty,
        warm=f"{plan.warmup_rounds} rounds by hand",
        stopped="rounds by hand",
    )


def automatic(
    options: BenchmarkOptions,
    *,
    resolution: float,
    now: Callable[[], float],
    single: bool = False,
) -> Procedure:
    """Calibrate, warm up and sample within the cap; ``single`` keeps one call to a round."""
    course = open_course(options, resolution=resolution, now=now)
    count = yield from prepare(course, single=single)
    pilot = yield from _pilot(course, count)
    for _ in range(_RECALIBRATIONS):
        better = 1 if single else _fitting(course, statistics.median(pilot) / count)
        if course.slow or course.left() <= 0:
            break
        if better > 2 * count:
            _leave_out(course, pilot, count)  # faster while it was watched: all of it was warm-up
            count, pilot = better, []
            course.empties[:] = yield Step(Phase.EMPTY, count, _EMPTY_ROUNDS)
        else:
            falling = _falling(pilot)
            if not falling:
                break
            _leave_out(course, pilot[:falling], count)
            del pilot[:falling]
        pilot += yield from _pilot(course, count)
    taken, stopped = yield from _rest(course, count, pilot)
    return sampled(course, taken, count, stopped)


def _falling(pilot: list[float]) -> int:
    """Count the rounds at the start of a pilot that lie above the level it ends on."""
    start = level_start(pilot)
    return len(pilot) // 2 if start is None else start


def _leave_out(course: Course, rounds: list[float], count: int) -> None:
    course.cold += [(seconds, count) for seconds in rounds]
    course.warmup += len(rounds)


def open_course(
    options: BenchmarkOptions, *, resolution: float, now: Callable[[], float]
) -> Course:
    """Start the clock of one benchmark; ``resolution`` in seconds."""
    return Course(options, resolution, now() + options.max_time, now, [], [])


def prepare(course: Course, *, single: bool) -> Generator[Step, tuple[float, ...], int]:
    """Make the first call, calibrate and warm up; give the calls to a round."""
    (first,) = yield from course.step(Phase.FIRST, 1, 1)
    course.cold.append((first, 1))
    course.first, count = course.typical, 1
    if course.slow:  # is the code slow, or was only its first call?
        course.cold += [(seconds, 1) for seconds in (yield from course.step(Phase.CALIBRATE, 1, 1))]
        if course.typical < course.first / 2:
            course.first = course.typical
            course.deadline = max(course.deadline, course.now() + course.options.max_time)
    if course.slow:
        course.warm = "the first call only, as it is long against the cap"
    else:
        count = 1 if single else (yield from _calibrate(course))
        count = yield from _warm_up(course, count, single=single)
    course.empties += yield Step(Phase.EMPTY, count, _EMPTY_ROUNDS)
    return count


def _calibrate(course: Course) -> Generator[Step, tuple[float, ...], int]:
    """Find how many calls make a round that is long against the clock."""
    count = 1
    while True:
        (seconds,) = yield from course.step(Phase.CALIBRATE, count, 1)
        course.cold.append((seconds, count))
        if seconds >= course.target or course.left() <= 0:
            return count
        wanted = math.ceil(count * course.target / max(seconds, course.resolution))
        count = min(max(wanted, count + 1), count * _GROWTH)


def _warm_up(
    course: Course, count: int, *, single: bool
) -> Generator[Step, tuple[float, ...], int]:
    """Run until the series is level, and give the calls to a round that fit the warm code."""
    options = course.options
    if options.warmup is Warmup.OFF:
        return count
    until = course.now() + _WARMUP_SHARE * max(course.left(), 0.0)
    medians: list[float] = []
    calls = 0
    while True:
        size = _rounds_in_batch(course, _WARMUP_ROUNDS)
        rounds = yield from course.step(Phase.WARMUP, count, size)
        course.cold += [(seconds, count) for seconds in rounds]
        course.warmup += len(rounds)
        calls += count * len(rounds)
        medians.append(statistics.median(rounds) / count)
        fewest = _FIGURES if course.typical <= _BATCH_SECONDS else _FIGURES_OF_SLOW_CODE
        if options.warmup is Warmup.AUTO and levelled(medians, fewest=fewest):
            course.warm = "level"
            break
        if calls >= options.warmup_iterations or course.now() >= until:
            course.warm = "fixed" if options.warmup is Warmup.ON else "not level yet"
            break
    return 1 if single else _fitting(course, medians[-1])


def _fitting(course: Course, per_call: float) -> int:
    return max(1, math.ceil(course.target / max(per_call, course.resolution / 1000)))


def _pilot(course: Course, count: int) -> Generator[Step, tuple[float, ...], list[float]]:
    options = course.options
    taken: list[float] = []
    enough = course.now() + _PILOT_SHARE * options.max_time
    least = options.min_rounds if course.slow else max(options.min_rounds, _PILOT_ROUNDS)
    while len(taken) < least or course.now() < enough:
        if course.left() <= 0 and len(taken) >= options.min_rounds:
            break
        taken += yield from _batch(course, count, least - len(taken))
    return taken


def _rest(
    course: Course, count: int, pilot: list[float]
) -> Generator[Step, tuple[float, ...], tuple[list[float], str]]:
    options = course.options
    taken = list(pilot)
    wanted = _MOST_ROUNDS
    if options.precision > 0 and len(pilot) > 1:  # one round tells nothing about the next
        wanted = rounds_needed(
            pilot,
            target=options.precision,
            level=options.confidence,
            least=len(pilot),
            most=_MOST_ROUNDS,
        )
    while len(taken) < wanted:
        if course.left() <= 0 and len(taken) >= options.min_rounds:
            return taken, "the cap"
        taken += yield from _batch(course, count, wanted - len(taken))
    return taken, "the precision asked for"


def _batch(
    course: Course, count: int, wanted: int
) -> Generator[Step, tuple[float, ...], tuple[float, ...]]:
    """Take a few milliseconds of rounds, then the empty loop once, so that both meet one state."""
    rounds = _rounds_in_batch(course, min(_BATCH_ROUNDS, max(wanted, 1)))
    measured = yield from course.step(Phase.MEASURE, count, rounds)
    if count > 1:
        course.empties += yield Step(Phase.EMPTY, count, 1)
    return measured


def _rounds_in_batch(course: Course, most: int) -> int:
    return max(1, min(int(_BATCH_SECONDS / max(course.typical, course.resolution)), most))


def sampled(course: Course, taken: list[float], count: int, stopped: str) -> Sampled:
    """Subtract the overhead and say how warm-up and sampling went."""
    first = course.cold[0][0]
    empty = statistics.median(course.empties)
    values = _net(taken, empty, count, course.resolution)
    warm = statistics.median(taken) / count
    spent = sum(seconds for seconds, _ in course.cold)
    warming = spent - warm * sum(calls for _, calls in course.cold)
    return Sampled(
        values=values,
        iterations=count,
        warmup=course.warmup,
        first_call=max(first - empty / count, course.resolution),
        warming=warming if warming > spent / 2 else 0.0,  # less is noise, not warming up
        overhead=empty,
        warm=course.warm,
        stopped=stopped,
    )


def _net(taken: list[float], empty: float, iterations: int, resolution: float) -> tuple[float, ...]:
    return tuple(max(seconds - empty, resolution) / iterations for seconds in taken)
