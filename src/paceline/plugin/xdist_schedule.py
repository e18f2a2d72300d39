"""Schedule: a plan carried out by pytest-xdist's nodes, as its scheduling protocol asks.

A node runs a test only once it knows the next one, or that there is none. So each holds two tests
or more as long as there are any, and one that nothing is left for is told to shut down: that is
what lets its last test run.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

import pytest

from paceline.suite.committed import committed
from paceline.suite.dispatch import Dispatcher
from paceline.suite.order import Order
from paceline.suite.plan import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from paceline.suite.plan import Plan

    Planning = Callable[[Sequence[str]], tuple[Plan, Room]]

__all__ = ["XdistSchedule"]

_HELD = 2  # tests: the one that runs and the one that xdist wants to know with it
_SOON = 0.05  # seconds of work behind the running test, below which a node is given more


class _Place:
    """A node, its number in the plan, what it has collected and what it has not finished."""

    def __init__(self, node: Any, number: int) -> None:
        self.node = node
        self.number = number
        self.collected: list[str] | None = None
        self.pending: list[int] = []


class XdistSchedule:
    """Implements ``xdist.scheduler.Scheduling`` on top of the planner's hand-out.

    ``planning`` makes a plan of what the nodes have collected, once they all have.
    """

    def __init__(self, config: pytest.Config, log: Any, *, nodes: int, planning: Planning) -> None:
        self.config = config  # as xdist's own schedulers: plugins that hear of a crash look here
        self._log = log
        self._expected = nodes
        self._planning = planning
        self._places: dict[Any, _Place] = {}
        self._begun = 0
        self._ids: list[str] | None = None
        self._seconds: list[float] = []
        self._moves = True
        self._dispatcher: Dispatcher | None = None
        self._last: list[int] = []  # what runs after all others, in order
        self._again: list[int] = []  # what a plugin wants to run once more
        self._apart: dict[int, list[int]] = {}  # handed out from one of these, not from the plan
        self._asked: _Place | None = None  # has been asked to give tests back
        self.took: dict[int, float] = {}

    @property
    def nodes(self) -> list[Any]:
        """Give all nodes."""
        return list(self._places)

    @property
    def collection_is_completed(self) -> bool:
        """Tell whether as many nodes have collected as the run began with."""
        ready = sum(place.collected is not None for place in self._places.values())
        return self._ids is not None or ready >= self._expected

    @property
    def tests_finished(self) -> bool:
        """Tell whether nothing is left but what nodes run once they are told to shut down."""
        if not self.collection_is_completed or self._left or self._asked is not None:
            return False
        return all(len(place.pending) < _HELD for place in self._places.values())

    @property
    def has_pending(self) -> bool:
        """Tell whether tests wait or are handed out."""
        return bool(self._left) or any(place.pending for place in self._places.values())

    def add_node(self, node: Any) -> None:
        """Take in a node that has started."""
        self._places[node] = _Place(node, self._begun)
        self._begun += 1

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        """Take what a node has collected; a late one that has collected other tests gets none."""
        if self._ids is not None and list(collection) != self._ids:
            self._log(_difference(self._ids, collection, "before", node.gateway.id))
            return
        self._places[node].collected = list(collection)

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        """Strike off a test that a node has run, in so many seconds, and hand out what can be."""
        place = self._places[node]
        place.pending.remove(item_index)
        self._apart.pop(item_index, None)
        self.took[item_index] = duration
        if self._dispatcher is not None:
            self._dispatcher.finished(place.number, item_index)
        self._hand_out()

    def mark_test_pending(self, item: str) -> None:
        """Let a test run once more, as a plugin may ask after a crash."""
        assert self._ids is not None  # noqa: S101  (it has run)
        self._again.append(self._ids.index(item))
        self._hand_out()

    def remove_pending_tests_from_node(self, node: Any, indices: Sequence[int]) -> None:
        """Take back what a node gave up when it was asked: all of it, or nothing."""
        self._asked = None
        self._take_back(self._places[node], indices)
        self._hand_out(asks=not indices)

    def remove_node(self, node: Any) -> str | None:
        """Forget a node and name the test that it ran, None where it had ended all of its own."""
        place = self._places.pop(node)
        if self._asked is place:
            self._asked = None
        lost = None
        if place.pending and self._ids is not None and self._dispatcher is not None:
            crashed, *rest = place.pending
            lost = self._ids[crashed]
            self._apart.pop(crashed, None)
            self._dispatcher.finished(place.number, crashed)
            self._take_back(place, rest)
            self._dispatcher.lost(place.number)
        self._hand_out()
        return lost

    def schedule(self) -> None:
        """Plan and begin once all have collected; later, give a new node something to do."""
        if self._ids is None:
            self._ids = self._agreed()
            if self._ids:
                self._begin(self._ids)
        self._hand_out()

    @property
    def _left(self) -> int:
        waiting = self._dispatcher.waiting if self._dispatcher is not None else 0
        return waiting + len(self._last) + len(self._again)

    def _agreed(self) -> list[str] | None:
        """Give what all nodes have collected; say where they differ, as pytest-xdist does."""
        (first, ids), *others = (
            (place, place.collected)
            for place in self._places.values()
            if place.collected is not None
        )
        name, same = first.node.gateway.id, True
        for place, found in others:
            if found != ids:
                same, other = False, place.node.gateway.id
                said = _difference(ids, found, name, other)
                report = pytest.CollectReport(other, "failed", longrepr=said, result=[])
                self.config.hook.pytest_collectreport(report=report)
        return ids if same else None

    def _begin(self, ids: Sequence[str]) -> None:
        plan, room = self._planning(ids)
        plan = committed(plan, room)
        self._seconds = [one.seconds for one in plan.expectations]
        self._moves = plan.order is not Order.SERIAL
        ready = tuple(chunk for chunk in plan.chunks if not chunk.last)
        self._last = [task for chunk in plan.chunks if chunk.last for task in chunk.tasks]
        everything = Room(float("inf"))
        self._dispatcher = Dispatcher(dataclasses.replace(plan, chunks=ready), everything)

    def _hand_out(self, *, asks: bool = True) -> None:
        """Give each node enough; where nothing is left to give, take from others, or let go.

        What came back and suited no idle node is not asked for once more: that could go on for
        ever.
        """
        if self._dispatcher is None:
            return
        live = sorted(self._live(), key=lambda place: len(place.pending) >= _HELD)
        before = sum(len(place.pending) < _HELD for place in live)
        hungry = live
        while hungry:  # a chunk each in turn: the longest ones are to lie side by side
            hungry = [place for place in hungry if self._hungry(place) and self._feed(place)]
        idle = [place for place in live if len(place.pending) < _HELD]
        if not idle or self._asked is not None:
            return
        if not ((asks or len(idle) < before) and self._ask_for(idle)):
            self._let_go(live, idle)

    def _live(self) -> list[_Place]:
        return [
            place
            for place in self._places.values()
            if place.collected is not None and not place.node.shutting_down
        ]

    def _hungry(self, place: _Place) -> bool:
        few = len(place.pending) < _HELD
        return few or sum(self._seconds[task] for task in place.pending[1:]) < _SOON

    def _feed(self, place: _Place) -> bool:
        assert self._dispatcher is not None  # noqa: S101  (only called with one)
        if self._again:
            task = self._again.pop(0)
            self._apart[task] = self._again
            self._send(place, [task])
            return True
        chunk = self._dispatcher.take(place.number)
        if chunk is not None:
            self._send(place, chunk.tasks)
        return chunk is not None

    def _send(self, place: _Place, tasks: Sequence[int]) -> None:
        place.pending += tasks
        place.node.send_runtest_some(list(tasks))

    def _take_back(self, place: _Place, tasks: Iterable[int]) -> None:
        """Let tests wait again that a node has not begun, each where it came from."""
        assert self._dispatcher is not None  # noqa: S101  (something was handed out)
        back = set(tasks)
        for task in [one for one in place.pending if one in back and one in self._apart]:
            self._apart.pop(task).append(task)
        place.pending = [task for task in place.pending if task not in back]
        self._dispatcher.given_back(place.number, tuple(back))

    def _ask_for(self, idle: Sequence[_Place]) -> bool:
        """Ask the node with most left to give half of that back; one is asked at a time."""
        assert self._dispatcher is not None  # noqa: S101  (only called with one)
        if not self._moves or all(self._dispatcher.richest(one.number) is None for one in idle):
            return False
        loads = [(place, self._movable(place)) for place in self._live()]
        place, movable = max(loads, key=lambda load: sum(self._seconds[task] for task in load[1]))
        if not movable:
            return False
        half = sum(self._seconds[task] for task in movable) / 2
        wanted: list[int] = []
        while movable and (not wanted or sum(self._seconds[task] for task in wanted) < half):
            wanted.append(movable.pop())
        self._asked = place
        place.node.send_steal(wanted)
        return True

    def _movable(self, place: _Place) -> list[int]:
        """Give what a node has not begun and is not bound to run next, in its order."""
        assert self._dispatcher is not None  # noqa: S101  (only called with one)
        free = set(self._dispatcher.stealable(place.number))
        return [task for task in place.pending[_HELD:] if task in free]

    def _let_go(self, live: Sequence[_Place], idle: Sequence[_Place]) -> None:
        """Shut down nodes that nothing is left for; one stays as long as anything waits."""
        assert self._dispatcher is not None  # noqa: S101  (only called with one)
        keeper = None
        if self._left and len(idle) == len(live):
            keeper = min(idle, key=lambda place: sum(self._seconds[one] for one in place.pending))
        for place in idle:
            if place is not keeper:
                place.node.shutdown()
                self._dispatcher.lost(place.number)
        others = [place for place in self._places.values() if place is not keeper]
        if keeper is None or self._dispatcher.waiting or self._again:
            return  # the keeper takes more when it hears that one of the others has ended
        if not any(place.pending for place in others):
            last, self._last = self._last, []
            self._apart |= dict.fromkeys(last, self._last)
            self._send(keeper, last)
            self._hand_out()


def _difference(before: Sequence[str], after: Sequence[str], one: str, other: str) -> str:
    lines = difflib.unified_diff(before, after, fromfile=one, tofile=other, lineterm="")
    head = f"Different tests were collected between {one} and {other}. The difference is:"
    return "\n".join([head, *lines])
