"""How close a plan comes to the lower bound, beside the schedulers of pytest-xdist 3.8, simulated.

    python benchmarks/schedule.py [--workers 4 8 16 32 64] [--seeds 10] [durations.json …]

Suites are drawn so that their number of tests, total, median, 99th percentile and longest test are
those of public suites; a JSON list of seconds (in collected order) or an object of node ids and
seconds is simulated as it stands. What the planner is told is off: each duration by a lognormal
factor (standard deviation 0.3), and of one test in ten it knows nothing. pytest-xdist needs no
durations. Nobody pays for messages, collection or set-ups here: only the order is compared. The
bound is max(sum / workers, longest test). Seeds from 1000 on were not used while the planner was
written.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import statistics
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from paceline.suite.expectation import expect
from paceline.suite.order import Order
from paceline.suite.past import Known, Past
from paceline.suite.plan import Room, make_plan
from paceline.suite.simulation import simulate
from paceline.suite.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIGMA = 0.3  # of the logarithm of what is expected over what is true
UNKNOWN = 0.1  # part of the tests without a record
MIN_PENDING = 2  # pytest-xdist's worker begins a test only when it knows the next one


class Shape(NamedTuple):
    """What is known of a public suite; times in seconds."""

    tests: int
    total: float
    median: float
    high: float  # 99th percentile
    longest: float


SHAPES = {
    "flask": Shape(492, 1.1, 0.0019, 0.008, 0.04),
    "jinja": Shape(911, 1.1, 0.0008, 0.004, 0.13),
    "attrs": Shape(1411, 12.1, 0.0006, 0.32, 1.0),
    "starlette": Shape(921, 14.2, 0.006, 0.161, 0.63),
    "rich": Shape(977, 2.4, 0.0008, 0.012, 0.66),
    "boltons": Shape(472, 0.7, 0.0004, 0.01, 0.23),
    "httpx": Shape(1203, 5.0, 0.003, 0.02, 0.15),
    "heavy": Shape(3000, 300.0, 0.01, 1.5, 12.0),
}


class Suite(NamedTuple):
    """Tests in collected order and their true seconds."""

    tasks: tuple[Task, ...]
    durations: tuple[float, ...]

    def bound(self, workers: int) -> float:
        """Give the seconds below which nobody can come."""
        return max(math.fsum(self.durations) / workers, *self.durations)


def quantiles(shape: Shape, knee: float) -> list[float]:
    """Draw durations, ascending, log-linear between the known quantiles and one at 0.9."""
    marks = [
        (0.0, shape.median / 3),
        (0.5, shape.median),
        (0.9, knee),
        (0.99, shape.high),
        (1.0, shape.longest),
    ]
    found = []
    for at in range(shape.tests):
        part = (at + 0.5) / shape.tests
        (low, start), (high, stop) = next(pair for pair in pairwise(marks) if part <= pair[1][0])
        found.append(start * (stop / start) ** ((part - low) / (high - low)))
    found[-1] = shape.longest
    return found


def like(shape: Shape, chance: random.Random) -> Suite:
    """Draw a suite of a shape; slow tests keep company in some modules."""
    low, high = shape.median, shape.high
    for _ in range(40):
        knee = math.sqrt(low * high)
        low, high = (knee, high) if sum(quantiles(shape, knee)) < shape.total else (low, knee)
    values = quantiles(shape, knee)
    modules = max(4, shape.tests // 40)
    names = sorted(chance.randrange(modules) for _ in range(shape.tests))
    pull = [chance.gauss(0, 1) for _ in range(modules)]
    scores = [pull[name] + chance.gauss(0, 1) for name in names]
    durations = [0.0] * shape.tests
    for value, at in zip(values, sorted(range(shape.tests), key=scores.__getitem__), strict=True):
        durations[at] = value
    return suite_of([f"test_{name:03}.py" for name in names], durations)


def suite_of(modules: Sequence[str], durations: Sequence[float]) -> Suite:
    """Name tests; every fourth module keeps its tests in classes of ten."""
    tasks = []
    for at, module in enumerate(modules):
        scope = f"{module}::Test{at // 10}" if sum(map(ord, module)) % 4 == 0 else module
        tasks.append(Task(at, f"{scope}::test_{at}", module))
    return Suite(tuple(tasks), tuple(durations))


def recorded(path: Path, _: random.Random) -> Suite:
    """Read durations that somebody recorded; chance has no part in it."""
    read = json.loads(path.read_text("utf-8"))
    if isinstance(read, dict):
        return suite_of([name.partition("::")[0] for name in read], list(read.values()))
    return suite_of([f"test_{at // 40:03}.py" for at in range(len(read))], read)


def remembered(suite: Suite, chance: random.Random) -> Past:
    """Make what the planner knows: too much or too little of most tests, nothing of some."""
    return Past(
        tuple(
            Known(task.node_id, seconds * chance.lognormvariate(0, SIGMA), 0, None, None, "passed")
            for task, seconds in zip(suite.tasks, suite.durations, strict=True)
            if chance.random() >= UNKNOWN
        ),
        (),
    )


def ours(suite: Suite, workers: int, past: Past) -> float:
    """Simulate a plan."""
    room = Room(float(workers))
    plan = make_plan(
        suite.tasks, expect(suite.tasks, past), workers=workers, order=Order.LONGEST, room=room
    )
    return simulate(plan, suite.durations, room).makespan


class Xdist:
    """pytest-xdist's controller and workers, without the cost of messages."""

    def __init__(self, suite: Suite, workers: int) -> None:
        self.suite = suite
        self.pending: list[list[int]] = [[] for _ in range(workers)]
        self.closed = [False] * workers
        self.running = [False] * workers
        self.ends: list[tuple[float, int]] = []
        self.now = 0.0

    def start(self) -> None:
        """Hand out the first tests."""
        raise NotImplementedError

    def completed(self, worker: int, seconds: float) -> None:
        """React to the end of a test."""
        raise NotImplementedError

    def makespan(self) -> float:
        """Run to the end."""
        self.start()
        self._begin()
        while self.ends:
            self.now, worker = heapq.heappop(self.ends)
            self.running[worker] = False
            task = self.pending[worker].pop(0)
            self.completed(worker, self.suite.durations[task])
            self._begin()
        assert not any(self.pending)
        return self.now

    def _begin(self) -> None:
        for worker, queue in enumerate(self.pending):
            ready = len(queue) >= MIN_PENDING or (queue and self.closed[worker])
            if ready and not self.running[worker]:
                self.running[worker] = True
                heapq.heappush(self.ends, (self.now + self.suite.durations[queue[0]], worker))


class Load(Xdist):
    """LoadScheduling: a quarter of the share first, refilled below an eighth of what is left."""

    def start(self) -> None:
        """Send the first batches."""
        self.queue = list(range(len(self.suite.tasks)))
        workers = len(self.pending)
        if len(self.queue) < MIN_PENDING * workers:
            for at in range(len(self.queue)):
                self._send(at % workers, 1)
        else:
            size = max(len(self.queue) // workers // 4, 2)
            for worker in range(workers):
                self._send(worker, size)
        if not self.queue:
            self.closed = [True] * workers

    def completed(self, worker: int, seconds: float) -> None:
        """Refill this worker's queue."""
        if not self.queue:
            self.closed[worker] = True
            return
        least = max(2, len(self.queue) // len(self.pending) // 4)
        most = max(2, len(self.queue) // len(self.pending) // 2)
        held = len(self.pending[worker])
        if held < least and not (seconds >= 0.1 and held >= MIN_PENDING):
            self._send(worker, most - held)

    def _send(self, worker: int, count: int) -> None:
        self.pending[worker] += self.queue[:count]
        del self.queue[:count]


class WorkSteal(Xdist):
    """WorkStealingScheduling: all handed out evenly, half of the longest queue stolen."""

    def start(self) -> None:
        """Hand out everything."""
        self.queue = list(range(len(self.suite.tasks)))
        self._check()

    def completed(self, worker: int, seconds: float) -> None:  # noqa: ARG002
        """Steal where somebody is idle."""
        self._check()

    def _idle(self) -> list[int]:
        return [
            at
            for at, queue in enumerate(self.pending)
            if len(queue) < MIN_PENDING and not self.closed[at]
        ]

    def _check(self) -> None:
        while idle := self._idle():
            if self.queue:
                for at, worker in enumerate(idle):
                    count = len(self.queue) // (len(idle) - at)
                    self.pending[worker] += self.queue[:count]
                    del self.queue[:count]
                if not (idle := self._idle()):
                    return
            up = [at for at in range(len(self.pending)) if not self.closed[at]]
            victim = self.pending[max(up, key=lambda at: len(self.pending[at]))]
            count = min(len(victim) // 2, max(0, len(victim) - MIN_PENDING))
            if not count:
                for worker in idle:
                    self.closed[worker] = True
                return
            self.queue += victim[-count:]
            del victim[-count:]


class LoadScope(Xdist):
    """LoadScopeScheduling: whole scopes, those with most tests first."""

    def scope(self, task: Task) -> str:
        """Name what a test is kept together by."""
        return task.node_id.rpartition("::")[0]

    def start(self) -> None:
        """Give every worker a scope, and another where it has few tests."""
        units: dict[str, list[int]] = {}
        for task in self.suite.tasks:
            units.setdefault(self.scope(task), []).append(task.index)
        self.queue = sorted(units.values(), key=len, reverse=True)
        for worker in range(len(self.pending)):
            if self.queue:
                self.pending[worker] += self.queue.pop(0)
            else:
                self.closed[worker] = True
        for worker in range(len(self.pending)):
            self._refill(worker)
        if not self.queue:
            self.closed = [True] * len(self.pending)

    def completed(self, worker: int, seconds: float) -> None:  # noqa: ARG002
        """Give another scope."""
        self._refill(worker)

    def _refill(self, worker: int) -> None:
        if self.closed[worker]:
            return
        if not self.queue:
            self.closed[worker] = True
        elif len(self.pending[worker]) <= MIN_PENDING:
            self.pending[worker] += self.queue.pop(0)


class LoadFile(LoadScope):
    """LoadFileScheduling: whole files."""

    def scope(self, task: Task) -> str:
        """Name the file."""
        return task.module


PEERS: dict[str, Callable[[Suite, int], Xdist]] = {
    "load": Load,
    "loadscope": LoadScope,
    "loadfile": LoadFile,
    "worksteal": WorkSteal,
}


def row(name: str, draw: Callable[[random.Random], Suite], workers: int, seeds: range) -> list[str]:
    """Simulate one suite at one number of workers over all seeds."""
    ratios: dict[str, list[float]] = {name: [] for name in ("paceline", *PEERS)}
    for seed in seeds:
        chance = random.Random(seed)
        suite = draw(chance)
        bound = suite.bound(workers)
        ratios["paceline"].append(ours(suite, workers, remembered(suite, chance)) / bound)
        for peer, kind in PEERS.items():
            ratios[peer].append(kind(suite, workers).makespan() / bound)
    cells = [f"{statistics.fmean(values):.2f}" for values in ratios.values()]
    return [name, str(workers), cells[0], f"{max(ratios['paceline']):.2f}", *cells[1:]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[4, 8, 16, 32, 64])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=1000, help="the first seed")
    parser.add_argument("files", type=Path, nargs="*")
    args = parser.parse_args()
    seeds = range(args.first, args.first + args.seeds)
    print("makespan over the lower bound, mean over seeds; paceline's worst beside")
    print("suite      workers  paceline  worst   load  loadscope  loadfile  worksteal")
    drawn: dict[str, Callable[[random.Random], Suite]] = {
        name: partial(like, shape) for name, shape in SHAPES.items()
    }
    drawn |= {path.stem: partial(recorded, path) for path in args.files}
    for name, draw in drawn.items():
        for workers in args.workers:
            cells = row(name, draw, workers, seeds)
            widths = (10, 8, 9, 6, 6, 10, 9, 10)
            print(" ".join(f"{one:>{width}}" for one, width in zip(cells, widths, strict=True)))


if __name__ == "__main__":
    main()
