"""Say a plan: how many workers, which order, what it should take, and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.suite.simulation import simulate
from paceline.suite.task import ORDINARY
from paceline.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paceline.suite.bound import Bound
    from paceline.suite.plan import Plan, Room
    from paceline.suite.task import Needs, Task
    from paceline.suite.workers import Choice

__all__ = ["explain_plan"]

_LONGEST = 5  # tests
_GROUPS = 4
_LIMITED = 4  # tests that wait for room


def explain_plan(  # noqa: PLR0913  (what a plan rests on, by name)
    plan: Plan, tasks: Sequence[Task], *, choice: Choice, because: str, room: Room, bound: Bound
) -> tuple[str, ...]:
    """Say a plan in at most one screen of lines.

    ``because`` is why its order is allowed. The expected wall time comes from running the plan in
    simulated time; it holds the bound's collection.
    """
    seconds = [one.seconds for one in plan.expectations]
    run = simulate(plan, seconds, room, shared=[task.shared for task in tasks])
    wall = run.makespan + bound.collection
    return (
        f"workers  {choice.count}: {choice.because}",
        f"order    {plan.order.value}: {because}",
        *(f"         {reason}" for reason in plan.reasons),
        f"chunks   {len(plan.chunks)} for {len(tasks)} tests",
        f"expected {_time(wall)}",
        (
            f"bound    {_time(bound.seconds)}: work {_time(bound.work)} on {bound.workers} workers,"
            f" collection {_time(bound.collection)}, longest test {_time(bound.longest)}"
        ),
        *_longest(tasks, seconds),
        *_groups(tasks, seconds),
        *_limits(tasks, room),
    )


def _time(seconds: float) -> str:
    return format_quantity(seconds, "s")


def _longest(tasks: Sequence[Task], seconds: Sequence[float]) -> Iterator[str]:
    order = sorted(zip(seconds, tasks, strict=True), key=lambda pair: -pair[0])
    for at, (one, task) in enumerate(order[:_LONGEST]):
        yield f"{'' if at else 'longest':8} {_time(one)} {task.node_id}"


def _groups(tasks: Sequence[Task], seconds: Sequence[float]) -> Iterator[str]:
    groups: dict[str, list[float]] = {}
    for one, task in zip(seconds, tasks, strict=True):
        if task.group:
            groups.setdefault(task.group, []).append(one)
    order = sorted(groups.items(), key=lambda item: -math.fsum(item[1]))
    for at, (name, members) in enumerate(order[:_GROUPS]):
        told = f"{name}: tests {len(members)}, {_time(math.fsum(members))}, on one worker"
        yield f"{'' if at else 'groups':8} {told}"
    if len(order) > _GROUPS:
        yield f"{'':8} and {len(order) - _GROUPS} more"


def _limits(tasks: Sequence[Task], room: Room) -> Iterator[str]:
    limited = [task for task in tasks if task.needs != ORDINARY]
    if not limited:
        return
    memory = f", {format_quantity(room.memory, 'B')}" if room.memory else ""
    yield f"room     {room.cores:g} cores{memory}"
    for task in limited[:_LIMITED]:
        yield f"{'':8} {task.node_id} needs {_needs(task.needs)}"
    if len(limited) > _LIMITED:
        yield f"{'':8} and {len(limited) - _LIMITED} more"


def _needs(needs: Needs) -> str:
    parts = []
    if needs.alone:
        parts.append("to be alone")
    if needs.cores != ORDINARY.cores:
        parts.append(f"{needs.cores:g} cores")
    if needs.memory:
        parts.append(format_quantity(needs.memory, "B"))
    parts += (f"{name} × {places}" if places > 1 else name for name, places in needs.uses)
    return ", ".join(parts)
