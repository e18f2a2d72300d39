"""Scheme: what this run is to do and why: workers, order and plan, from records and the machine."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Literal

from paceline.errors import SettingsError, StoreError
from paceline.plugin.dependents import groups_of
from paceline.plugin.planning import module_of, tasks_of
from paceline.probes.capacity import observe_capacity
from paceline.store.facts import Fact
from paceline.suite.bound import Bound
from paceline.suite.expectation import expect
from paceline.suite.explain import explain_plan
from paceline.suite.ladder import Dependence, Facts, Step, allowed
from paceline.suite.options import OrderBy
from paceline.suite.order import Order
from paceline.suite.past import Past
from paceline.suite.plan import Room, make_plan
from paceline.suite.workers import choose_workers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pytest

    from paceline.store.sqlite import Store
    from paceline.suite.options import SuiteOptions
    from paceline.suite.plan import Plan
    from paceline.suite.task import Task
    from paceline.suite.workers import Choice

__all__ = ["Scheme", "make_scheme"]

_FAILED = frozenset({"failed", "error", "crashed"})
_LONGEST = 60.0  # seconds of serial predecessors that are run again for a test known to pass
_LITTLE = 2.0  # and for one of which nothing is known
_WHOLE = "."  # the name of a fact about the whole suite


class Scheme:
    """A run's plan with its reasons, and what earlier runs say about failures."""

    def __init__(  # noqa: PLR0913  (each is one thing that was decided)
        self,
        root: Path,
        tasks: Sequence[Task],
        plan: Plan,
        room: Room,
        *,
        choice: Choice,
        step: Step,
        past: Past,
        facts: Facts,
        unforked: Sequence[pytest.Item] = (),
    ) -> None:
        self._root = root
        self._tasks = tasks
        self._outcomes = {one.node_id: one.outcome for one in past.tests}
        self._facts = facts
        self.unforked = unforked
        self.plan = plan
        self.room = room
        self.choice = choice
        self.step = step

    def passes(self, task: int) -> bool:
        """Tell whether a test may pass in one process: it is not known to fail."""
        return self._outcomes.get(self._tasks[task].node_id, "") not in _FAILED

    def patience(self, task: int) -> float:
        """Tell how many seconds of predecessors a failure is worth before it is reported.

        Much where the test is known to pass, little where nothing is known, none where it failed.
        """
        outcome = self._outcomes.get(self._tasks[task].node_id, "")
        if outcome in _FAILED:
            return 0.0
        return _LONGEST if outcome else _LITTLE

    def bound(self, collection: float) -> Bound:
        """Give the expected lower bound."""
        seconds = [one.seconds for one in self.plan.expectations]
        return Bound(sum(seconds), collection, max(seconds, default=0.0), self.plan.workers)

    def explained(self, collection: float) -> tuple[str, ...]:
        """Say the plan and why it is so."""
        return explain_plan(
            self.plan,
            self._tasks,
            choice=self.choice,
            because=self.step.because,
            room=self.room,
            bound=self.bound(collection),
        )

    def learn(
        self,
        store: Store,
        *,
        dependent: Iterable[tuple[str, str]],
        exclusive: Mapping[str, str],
        unforked: Iterable[str],
        passed: bool,
    ) -> None:
        """Keep what this run showed: what depends on the order, what is owned, what passed.

        Raises:
            StoreError: the store can't be written.
        """
        found = [
            Fact("order_dependent", node, json.dumps([other, _digest(self._root, node, other)]))
            for node, other in dependent
        ]
        reordered = self.plan.order is not Order.SERIAL
        if reordered and passed and not found:
            gone = [one.node_id for one in self._facts.order_dependent]
            if gone:
                store.forget_facts("order_dependent", gone)
            if not self._facts.shuffled:
                found.append(Fact("shuffled", _WHOLE))
        known = dict(self._facts.exclusive)
        found += [
            Fact("exclusive", name, json.dumps(resource))
            for name, resource in exclusive.items()
            if known.get(name) != resource
        ]
        found += [
            Fact("unforked", node, json.dumps(_digest(self._root, node))) for node in unforked
        ]
        if found:
            store.keep_facts(found)


def make_scheme(  # noqa: PLR0913  (each is one thing that a plan depends on)
    session: pytest.Session,
    options: SuiteOptions,
    store: Store,
    *,
    root: Path,
    by_category: bool = False,
    forks: bool = True,
) -> Scheme:
    """Decide how to run what was collected; a store that can't be read counts as empty.

    Raises:
        SettingsError: a number of workers that is none, or wrong markers.
    """
    past, rows = _recorded(store)
    facts = _facts(rows)
    unforked = _unforked(session.items, rows, root) if forks else ()
    items = [item for item in session.items if item not in unforked]
    tasks = tasks_of(
        items,
        past,
        exclusive=dict(facts.exclusive),
        groups=groups_of(items),
        by_category=by_category,
    )
    expectations = expect(tasks, past)
    choice, room = _sized(options, past, [one.seconds for one in expectations])
    step = _step(options.order, facts, past, root)
    plan = make_plan(
        tasks,
        expectations,
        workers=choice.count,
        order=step.order,
        room=room,
        shared=past.shared,
        seed=len(past.tests),
    )
    return Scheme(
        root, tasks, plan, room, choice=choice, step=step, past=past, facts=facts, unforked=unforked
    )


def _recorded(store: Store) -> tuple[Past, tuple[Fact, ...]]:
    try:
        return store.past(), store.facts()
    except StoreError:  # said when the run is to be kept
        return Past(), ()


def _sized(options: SuiteOptions, past: Past, seconds: Sequence[float]) -> tuple[Choice, Room]:
    """Choose the number of workers, and tell what their tests may hold together."""
    capacity = observe_capacity()
    choice = choose_workers(
        capacity,
        tests=len(seconds),
        seconds=sum(seconds),
        peak=int(max((one.peak or 0.0 for one in past.tests), default=0.0)),
        asked=_asked(options.workers),
        cap=options.most_workers,
    )
    cores = max(capacity.cores, float(choice.count))
    return choice, Room(cores, capacity.memory, (("cpu_intensive", max(1, int(cores) // 2)),))


def _asked(text: str) -> int | Literal["auto"]:
    if text == "auto":
        return "auto"
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise SettingsError(f"{text!r} is no number of workers", remedy="give 1, 2, … or auto")


def _step(order: OrderBy, facts: Facts, past: Past, root: Path) -> Step:
    if order is not OrderBy.AUTO:
        return Step(Order(order.value), f"--paceline-order={order.value}")
    red = any(one.outcome in _FAILED for one in past.tests)
    green = facts.shuffled or (bool(past.tests) and not red)
    known = Facts(green, facts.shuffled, facts.order_dependent, facts.exclusive)
    digests = {
        (one.node_id, one.polluter): _digest(root, one.node_id, one.polluter)
        for one in facts.order_dependent
    }
    return allowed(known, digests)


def _facts(rows: Iterable[Fact]) -> Facts:
    """Read what the store keeps; a row that a newer Paceline wrote otherwise is left alone."""
    shuffled, dependent, exclusive = False, [], []
    for row in rows:
        if row.kind == "shuffled":
            shuffled = True
        elif row.kind == "order_dependent":
            polluter, digest = json.loads(row.value)
            dependent.append(Dependence(row.name, polluter, digest))
        elif row.kind == "exclusive":
            exclusive.append((row.name, json.loads(row.value)))
    return Facts(True, shuffled, tuple(dependent), tuple(exclusive))


def _unforked(
    items: Sequence[pytest.Item], rows: Iterable[Fact], root: Path
) -> tuple[pytest.Item, ...]:
    """Find the tests that fail wherever they are forked and whose files have not changed since."""
    known = {row.name: json.loads(row.value) for row in rows if row.kind == "unforked"}
    return tuple(
        item
        for item in items
        if item.nodeid in known and known[item.nodeid] == _digest(root, item.nodeid)
    )


def _digest(root: Path, *nodes: str) -> str:
    """Sum up the content of the files that tests stand in."""
    summed = hashlib.blake2b(digest_size=16)
    for node in nodes:
        file = root / module_of(node)
        summed.update(file.read_bytes() if node and file.is_file() else b"")
    return summed.hexdigest()
