from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paceline.plugin.xdist_schedule import XdistSchedule
from paceline.suite.chunks import Chunk
from paceline.suite.expectation import Expectation, Source
from paceline.suite.order import Order
from paceline.suite.past import Shared
from paceline.suite.plan import Plan, Room, make_plan
from paceline.suite.task import ORDINARY, Needs, Task

if TYPE_CHECKING:
    from collections.abc import Sequence


class Node:
    """A process of pytest-xdist as its worker's loop behaves: it runs what it knows a next for."""

    def __init__(self, name: str) -> None:
        self.gateway = type("Gateway", (), {"id": name})
        self.shutting_down = False
        self.queue: list[int] = []
        self.current: int | None = None
        self.asked: list[int] | None = None
        self.ran: list[int] = []

    def send_runtest_some(self, indices: Sequence[int]) -> None:
        self.queue += indices

    def send_steal(self, indices: Sequence[int]) -> None:
        self.asked = list(indices)

    def shutdown(self) -> None:
        self.shutting_down = True

    @property
    def ready(self) -> bool:
        return len(self.queue) > 1 or (self.shutting_down and bool(self.queue))

    def given(self) -> list[int]:
        """Answer to a steal: all of it, or nothing; the next test is not the queue's any more."""
        asked, self.asked = self.asked or [], None
        if not set(asked) <= set(self.queue[2:]):
            return []
        self.queue = [task for task in self.queue if task not in asked]
        return asked


def tasks(seconds: Sequence[float], **changed: Any) -> tuple[Plan, Room]:
    made = [
        Task(
            index,
            f"a.py::test_{index}",
            "a.py",
            **{key: value[index] for key, value in changed.items()},
        )
        for index in range(len(seconds))
    ]
    given_ = [Expectation(one, Source.RECORDED) for one in seconds]
    room = Room(2.0, memory=100)
    return make_plan(made, given_, workers=2, order=Order.LONGEST, room=room), room


class Run:
    """Plays the part of xdist's session for a schedule, an event at a time."""

    def __init__(self, plan: tuple[Plan, Room], *, nodes: int = 2) -> None:
        self.said: list[Any] = []
        hook = type(
            "Hook", (), {"pytest_collectreport": lambda _, report: self.said.append(report)}
        )
        config: Any = type("Config", (), {"hook": hook()})
        self.ids = [f"a.py::test_{index}" for index in range(len(plan[0].expectations))]
        self.schedule = XdistSchedule(
            config, self.said.append, nodes=nodes, planning=lambda _: plan
        )
        self.last = {task for chunk in plan[0].chunks if chunk.last for task in chunk.tasks}
        self.begun = 0
        self.crashed: list[str] = []
        self.ran: list[int] = []
        for _ in range(nodes):
            self.add()

    def add(self, ids: Sequence[str] | None = None) -> Node:
        node = Node(f"gw{self.begun}")
        self.begun += 1
        self.schedule.add_node(node)
        self.schedule.add_node_collection(node, self.ids if ids is None else ids)
        if self.schedule.collection_is_completed:
            self.schedule.schedule()
        return node

    def step(self, choice: int = 0) -> bool:
        """Let one node do one thing; tell whether any could."""
        if self.schedule.tests_finished:
            for node in self.schedule.nodes:
                node.shutdown()
        able = [node for node in self.schedule.nodes if node.ready or node.asked is not None]
        if not able:
            return False
        node = able[choice % len(able)]
        if node.asked is not None:
            self.schedule.remove_pending_tests_from_node(node, node.given())
            return True
        task = node.queue.pop(0)
        others = [other for other in self.schedule.nodes if other is not node]
        assert not (task in self.last and any(other.queue for other in others))
        node.ran.append(task)
        self.ran.append(task)
        self.schedule.mark_test_complete(node, task, 0.5)
        return True

    def crash(self, choice: int = 0) -> None:
        """Lose a node that runs something, and start another as xdist does."""
        able = [node for node in self.schedule.nodes if node.ready]
        node = able[choice % len(able)]
        node.shutting_down = True
        item = self.schedule.remove_node(node)
        self.crashed += [item] if item else []
        self.add()

    def through(self, choice: int = 0) -> list[int]:
        for _ in range(10_000):
            if not self.step(choice):
                return sorted(self.ran)
        pytest.fail("it goes on for ever")


def test_each_node_begins_with_a_longest_test_and_knows_the_next() -> None:
    run = Run(tasks([0.1, 9.0, 0.1, 5.0, 0.1, 0.1]))
    first, second = run.schedule.nodes
    assert (first.queue[0], second.queue[0]) == (1, 3)
    assert len(first.queue) >= 2
    assert len(second.queue) >= 2


def test_nothing_is_sent_before_all_have_collected() -> None:
    run = Run(tasks([1.0, 1.0]), nodes=0)
    run.schedule = XdistSchedule(run.schedule.config, print, nodes=2, planning=lambda _: tasks([]))
    node = run.add()
    assert (run.schedule.collection_is_completed, run.schedule.tests_finished) == (False, False)
    assert node.queue == []
    assert run.schedule.remove_node(node) is None


def test_what_does_not_fit_beside_each_other_runs_on_one_node() -> None:
    needs = [Needs(memory=60) if index % 2 else Needs() for index in range(8)]
    run = Run(tasks([0.1] * 8, needs=needs))
    nodes = run.schedule.nodes
    assert run.through() == list(range(8))
    assert sorted(sum(task % 2 for task in node.ran) for node in nodes) == [0, 4]


def test_what_runs_last_begins_when_everything_else_has_ended() -> None:
    run = Run(tasks([1.0] * 8, last=[index < 2 for index in range(8)]))
    assert run.through() == list(range(8))
    assert run.ran[-2:] == [0, 1]


def test_a_lost_node_names_its_test_and_the_rest_runs_elsewhere() -> None:
    run = Run(tasks([1.0] * 6))
    run.crash()
    assert len(run.crashed) == 1
    assert run.through() == sorted(set(range(6)) - {run.ids.index(run.crashed[0])})


def test_what_is_to_run_once_more_after_a_crash_does() -> None:
    run = Run(tasks([1.0] * 4))
    run.crash()
    run.schedule.mark_test_pending(run.crashed[0])
    assert run.schedule.has_pending
    assert run.through() == list(range(4))


def test_an_idle_node_gets_what_another_one_holds_too_much_of() -> None:
    run = Run(tasks([0.001] * 400))
    first, second = run.schedule.nodes
    run.through()  # the first one that can is always the first node
    assert sorted(first.ran + second.ran) == list(range(400))
    assert len(first.ran) > 250


def test_what_suits_no_other_node_is_not_asked_for_for_ever() -> None:
    key = "a.py fixture app"
    many = Chunk(tuple(range(6)), 0.024, ORDINARY, each=(0.004,) * 6, shared=(key,))
    few = Chunk((6, 7), 0.008, ORDINARY, each=(0.004,) * 2, number=6)
    expected = (Expectation(0.004, Source.RECORDED),) * 8
    plan = Plan((many, few), 2, Order.LONGEST, expected, (Shared(key, 0.001),), ())
    assert Run((plan, Room(2.0))).through(1) == list(range(8))


def test_different_collections_are_reported_and_nothing_runs() -> None:
    run = Run(tasks([1.0] * 2), nodes=0)
    run.schedule = XdistSchedule(run.schedule.config, print, nodes=2, planning=lambda _: tasks([]))
    run.add()
    node = run.add(["a.py::test_other"])
    assert "test_other" in run.said[0].longrepr
    assert (run.schedule.tests_finished, node.queue) == (True, [])


def test_a_late_node_that_collected_something_else_gets_nothing() -> None:
    run = Run(tasks([1.0] * 4))
    late = run.add(["a.py::test_other"])
    assert "test_other" in run.said[0]
    assert run.through() == list(range(4))
    assert not late.ran


def test_an_empty_collection_is_finished_at_once() -> None:
    run = Run(tasks([]))
    assert run.schedule.tests_finished
    assert not run.schedule.has_pending


@settings(deadline=None)
@given(data=st.data(), count=st.integers(1, 25), order=st.sampled_from(Order))
def test_every_test_runs_once_whatever_happens(
    data: st.DataObject, count: int, order: Order
) -> None:
    several = st.lists(st.sampled_from(("", "", "one", "two")), min_size=count, max_size=count)
    groups, needed = data.draw(several), data.draw(several)
    last = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    made = [
        Task(
            index,
            f"a.py::test_{index}",
            f"{index // 5}",
            group=groups[index],
            last=last[index],
            needs=Needs(uses=((needed[index], 1),) if needed[index] else ()),
        )
        for index in range(count)
    ]
    seconds = data.draw(st.lists(st.floats(0, 2), min_size=count, max_size=count))
    expected = [Expectation(one, Source.RECORDED) for one in seconds]
    nodes = data.draw(st.integers(1, 4))
    plan = make_plan(made, expected, workers=nodes, order=order, room=Room(2.0), seed=3)
    run = Run((plan, Room(2.0)), nodes=nodes)
    for choice in data.draw(st.lists(st.integers(-3, 12), max_size=60)):
        if choice < 0 and any(node.ready for node in run.schedule.nodes):
            run.crash(choice)
        elif choice >= 0:
            run.step(choice)
    run.through()
    crashed = [run.ids.index(name) for name in run.crashed]
    assert sorted(run.ran + crashed) == list(range(count))
