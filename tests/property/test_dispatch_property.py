"""Any suite, any machine, any luck: the hand-out ends, and keeps every promise on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from paceline.suite.dispatch import Dispatcher
from paceline.suite.expectation import Expectation, Source
from paceline.suite.order import Order
from paceline.suite.past import Shared
from paceline.suite.plan import Plan, Room, make_plan
from paceline.suite.task import Needs, Task

if TYPE_CHECKING:
    from collections.abc import Callable

PHASES = (Phase.explicit, Phase.generate)  # a history of a run is long: it shrinks for minutes
NAMES = ("port", "db")
KEYS = (". fixture a", "m.py fixture b")
NEEDS = st.builds(
    Needs,
    st.sampled_from([0.0, 0.5, 1.0, 1.0, 1.0, 2.0, 9.0]),
    st.sampled_from([0, 0, 0, 3, 9]),
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(1, 3)), max_size=2, unique_by=lambda u: u[0]
    ).map(tuple),
    alone=st.sampled_from([False, False, False, True]),
)
TASK = st.tuples(
    st.sampled_from("mnop"),
    st.lists(st.sampled_from(KEYS), max_size=2, unique=True).map(tuple),
    st.one_of(st.just(Needs()), NEEDS),
    st.sampled_from(["", "", "", "g", "h"]),
    st.integers(0, 1),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
)
SOURCE = st.sampled_from(list(Source))
SECONDS = st.sampled_from([0.0, 0.01, 0.2, 1.0, 7.0])
ROOM = st.builds(
    Room,
    st.sampled_from([0.5, 1.0, 2.0, 4.0]),
    st.sampled_from([0, 5]),
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 2)), max_size=2).map(tuple),
)


class Suite(NamedTuple):
    tasks: tuple[Task, ...]
    plan: Plan
    room: Room


@st.composite
def suites(draw: st.DrawFn) -> Suite:
    raw = draw(st.lists(TASK, max_size=25))
    tasks = tuple(
        Task(at, f"{one[0]}.py::test_{at}", f"{one[0]}.py", *one[1:]) for at, one in enumerate(raw)
    )
    room = draw(ROOM)
    plan = make_plan(
        tasks,
        [Expectation(draw(SECONDS), draw(SOURCE)) for _ in tasks],
        workers=draw(st.integers(1, 8)),
        order=draw(st.sampled_from(Order)),
        room=room,
        shared=[Shared(key, draw(SECONDS)) for key in KEYS],
        seed=draw(st.integers(0, 9)),
    )
    return Suite(tasks, plan, room)


class Run:
    """A run driven by chance: queues per worker, of which the first test is the one that runs."""

    def __init__(self, suite: Suite, chance: st.DataObject) -> None:
        self.suite = suite
        self.chance = chance
        self.dispatcher = Dispatcher(suite.plan, suite.room)
        self.queues: dict[int, list[int]] = {at: [] for at in range(suite.plan.workers)}
        self.began: list[tuple[int, int]] = []
        self.ended: Counter[int] = Counter()
        self.homes: dict[int, int] = {}
        self.groups: dict[str, int] = {}
        self.pinned: set[int] = set()
        self.fresh = suite.plan.workers

    def play(self) -> None:
        for _ in range(2_000):
            if self.dispatcher.over:
                return
            self.offer()
            self.check_limits()
            acts = [self.finish, self.finish, self.steal, self.lose, self.pin, self.press]
            self.draw(st.sampled_from(acts))()
        raise AssertionError("it does not end")

    def draw(self, strategy: st.SearchStrategy[Callable[[], None]]) -> Callable[[], None]:
        return self.chance.draw(strategy)

    def offer(self) -> None:
        moved = True
        while moved:
            moved = False
            for worker in list(self.queues):
                if not self.queues[worker] and (chunk := self.dispatcher.take(worker)):
                    self.queues[worker] = list(chunk.tasks)
                    self.begin(worker)
                    moved = True
        assert any(self.queues.values()) or self.dispatcher.over, "nothing runs, nothing begins"

    def begin(self, worker: int) -> None:
        task = self.queues[worker][0]
        self.began.append((worker, task))
        group = self.suite.tasks[task].group
        if group and task not in self.pinned:
            home = self.groups.setdefault(group, worker)
            assert home == worker or home not in self.queues, "a group ran on two workers"
            self.groups[group] = worker
        assert self.homes.get(task, worker) == worker, "ran elsewhere than where it is pinned"

    def busy(self) -> list[int]:
        return [worker for worker, queue in self.queues.items() if queue]

    def pick(self) -> int:
        return self.chance.draw(st.sampled_from(self.busy()))

    def finish(self) -> None:
        if not self.busy():
            return
        worker = self.pick()
        task = self.queues[worker].pop(0)
        self.ended[task] += 1
        self.dispatcher.finished(worker, task)
        if self.queues[worker]:
            self.begin(worker)

    def steal(self) -> None:
        for worker, queue in self.queues.items():
            victim = None if queue else self.dispatcher.richest(worker)
            if victim is None:
                continue
            self.take_back(victim, self.dispatcher.stealable(victim))
            return

    def take_back(self, worker: int, tasks: tuple[int, ...]) -> None:
        queue = self.queues[worker]
        back = [task for task in queue[1:] if task in tasks]
        self.queues[worker] = [task for task in queue if task not in back]
        self.dispatcher.given_back(worker, back)

    def lose(self) -> None:
        if not self.busy():
            return
        worker = self.pick()
        self.finish_crashed(worker)
        self.homes = {task: home for task, home in self.homes.items() if home != worker}
        self.queues[self.fresh] = []
        self.fresh += 1

    def finish_crashed(self, worker: int) -> None:
        crashed, *rest = self.queues.pop(worker)
        self.ended[crashed] += 1
        self.dispatcher.finished(worker, crashed)
        self.dispatcher.given_back(worker, rest)
        self.dispatcher.lost(worker)

    def pin(self) -> None:
        if not self.busy():
            return
        worker = self.pick()
        begun = {task for _, task in self.began}
        module = self.suite.tasks[self.queues[worker][0]].module
        tasks = [t.index for t in self.suite.tasks if t.module == module and t.index not in begun]
        self.dispatcher.pin(tasks, worker, f"owner of {module}")
        self.homes.update(dict.fromkeys(tasks, worker))
        self.pinned.update(tasks)
        for other in self.busy():
            if other != worker:
                self.take_back(other, tuple(tasks))

    def press(self) -> None:
        self.dispatcher.paused = not self.dispatcher.paused

    def check_limits(self) -> None:
        plan, room = self.suite.plan, self.suite.room
        running = [self.suite.tasks[queue[0]] for queue in self.queues.values() if queue]
        most = max(1.0, room.cores)
        if len(running) > 1:
            assert not any(task.needs.alone or task.last for task in running)
        cores = [min(task.needs.cores, most) for task in running]
        assert sum(cores) <= max(most, plan.workers)
        assert sum(one for one in cores if one > 1) <= most
        memory = [min(task.needs.memory, room.memory) for task in running]
        assert sum(memory) <= room.memory
        places = dict(room.places)
        for name in NAMES:
            have = places.get(name, 1)
            used = [min(dict(task.needs.uses).get(name, 0), have) for task in running]
            assert sum(used) <= have


@pytest.mark.slow
@settings(deadline=None, max_examples=100, phases=PHASES)
@given(suites(), st.data())
def test_in_serial_order_each_worker_runs_a_part_of_the_serial_order(
    suite: Suite, chance: st.DataObject
) -> None:
    ungrouped = [replace(task, group="", last=False) for task in suite.tasks]
    plan = make_plan(
        ungrouped,
        suite.plan.expectations,
        workers=suite.plan.workers,
        order=Order.SERIAL,
        room=suite.room,
    )
    run = Run(Suite(tuple(ungrouped), plan, suite.room), chance)
    while not run.dispatcher.over:
        run.offer()
        run.finish()
    for worker in range(plan.workers):
        own = [task for runner, task in run.began if runner == worker]
        assert own == sorted(own)


@pytest.mark.slow
@settings(deadline=None, max_examples=300, phases=PHASES)
@given(suites(), st.data())
def test_every_test_runs_once_within_all_limits_whatever_happens(
    suite: Suite, chance: st.DataObject
) -> None:
    run = Run(suite, chance)
    run.play()
    assert run.ended == Counter(range(len(suite.tasks)))
    assert run.dispatcher.left == run.dispatcher.waiting == 0
