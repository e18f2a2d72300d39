"""A run without machines: what a plan takes when tests last as long as is said."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.suite.dispatch import Dispatcher
from paceline.suite.task import lives_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.suite.plan import Plan, Room

__all__ = ["Simulated", "simulate"]


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of a simulated run; times in seconds.

    ``busy`` is each worker's time in tests and set-ups, ``setups`` how many shared fixtures were
    set up, each copy counted.
    """

    makespan: float
    busy: tuple[float, ...]
    setups: int


def simulate(
    plan: Plan,
    durations: Sequence[float],
    room: Room,
    *,
    shared: Sequence[Sequence[str]] = (),
    overhead: float = 0.0,
) -> Simulated:
    """Run a plan in simulated time, with idle workers taking over from busy ones.

    ``durations`` are the tests' true seconds by their index, ``shared`` the shared fixtures that
    each uses, ``overhead`` seconds that every test costs besides.
    """
    run = _Run(plan, room, [seconds + overhead for seconds in durations], shared)
    while not run.dispatcher.over:
        run.offer()
        run.step()
    return Simulated(run.now, tuple(run.busy), run.setups)


class _Run:
    """Workers with their queues, and the times at which the tests that run will end."""

    def __init__(
        self, plan: Plan, room: Room, durations: Sequence[float], shared: Sequence[Sequence[str]]
    ) -> None:
        self.dispatcher = Dispatcher(plan, room)
        self.now = 0.0
        self.busy = [0.0] * plan.workers
        self.setups = 0
        self._durations = durations
        self._shared = shared
        self._costs = {one.key: one.seconds for one in plan.shared}
        self._queues: list[list[int]] = [[] for _ in range(plan.workers)]
        self._has: list[set[str]] = [set() for _ in range(plan.workers)]
        self._ends: list[tuple[float, int, int]] = []

    def offer(self) -> None:
        """Give each idle worker what it may begin, from another worker's queue at need."""
        for worker, queue in enumerate(self._queues):
            if queue:
                continue
            chunk = self.dispatcher.take(worker)
            victim = None if chunk else self.dispatcher.richest(worker)
            if victim is not None:
                self._take_back(victim)
                chunk = self.dispatcher.take(worker)
            if chunk:
                queue.extend(chunk.tasks)
                self._begin(worker)

    def step(self) -> None:
        """Go on to the next end of a test."""
        self.now, worker, task = heapq.heappop(self._ends)
        self._queues[worker].remove(task)
        self.dispatcher.finished(worker, task)
        if self._queues[worker]:
            self._begin(worker)

    def _take_back(self, victim: int) -> None:
        tasks = self.dispatcher.stealable(victim)
        self._queues[victim] = [task for task in self._queues[victim] if task not in tasks]
        self.dispatcher.given_back(victim, tasks)

    def _begin(self, worker: int) -> None:
        task = self._queues[worker][0]
        keys = set(self._shared[task]) if self._shared else set()
        new = keys - self._has[worker]
        self._has[worker] = keys | {key for key in self._has[worker] if lives_on(key)}
        self.setups += len(new)
        seconds = self._durations[task] + sum(self._costs.get(key, 0.0) for key in new)
        self.busy[worker] += seconds
        heapq.heappush(self._ends, (self.now + seconds, worker, task))
