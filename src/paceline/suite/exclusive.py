"""What a shared fixture owns alone keeps its users together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.suite.ladder import Facts
    from paceline.suite.task import Task

__all__ = ["grouped"]


def grouped(tasks: Sequence[Task], facts: Facts) -> tuple[Task, ...]:
    """Put all users of a fixture that owns something into one group, with those they belong to."""
    owned = dict(facts.exclusive)
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        while leaders.setdefault(name, name) != name:
            name = leaders[name]
        return name

    labels = [_labels(task, owned) for task in tasks]
    for first, *others in filter(None, labels):
        for other in others:
            leaders[leader(other)] = leader(first)
    return tuple(
        replace(task, group=leader(own[0])) if own else task
        for task, own in zip(tasks, labels, strict=True)
    )


def _labels(task: Task, owned: dict[str, str]) -> list[str]:
    """Name what a test belongs to: its own group, and what its fixtures own."""
    names = (key.rpartition(" fixture ")[2].partition("[")[0] for key in task.shared)
    labels = [f"owner of {owned[name]}" for name in names if name in owned]
    return [task.group, *labels] if task.group else labels
