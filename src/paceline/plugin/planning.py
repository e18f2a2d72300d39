"""Planning: collected tests as the planner's tasks, with what the store knows of them."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING

from paceline.plugin.categories import needs_of
from paceline.plugin.selecting import has_benchmark
from paceline.suite.category import place_in_order
from paceline.suite.task import ORDINARY, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from paceline.suite.past import Known, Past
    from paceline.suite.task import Needs

__all__ = ["module_of", "tasks_of", "users_of"]

_FIXTURE = " fixture "
_EVERYWHERE = "."
_MUCH = 128 * 1024 * 1024  # bytes of recorded rise from which a test's memory is planned
_SEVERAL = 1.5  # processors that a test keeps busy, from which they are planned
_LONG = 0.2  # seconds: shorter tests are not planned by their processors
_FAILED = frozenset({"failed", "error", "crashed"})


def module_of(node_id: str) -> str:
    """Name the file of a test."""
    return node_id.partition("::")[0]


def tasks_of(
    items: Sequence[pytest.Item],
    past: Past,
    *,
    exclusive: Mapping[str, str],
    groups: Mapping[str, str],
    by_category: bool = False,
) -> tuple[Task, ...]:
    """Give each item as a task.

    ``exclusive`` maps fixtures to what they own alone, ``groups`` node ids to a group that must
    stay on one worker.

    Raises:
        SettingsError: a marker's wrong arguments, with their place.
    """
    known = {one.node_id: one for one in past.tests}
    instances = _Instances(past)
    found = []
    for index, item in enumerate(items):
        record = known.get(item.nodeid)
        marks = [mark.name for mark in item.iter_markers()]
        found.append(
            Task(
                index=index,
                node_id=item.nodeid,
                module=module_of(item.nodeid),
                shared=instances.of(item),
                needs=_learnt(needs_of(item) if marks else ORDINARY, record),
                group=groups.get(item.nodeid, "") or _group_of(item, marks, exclusive),
                rank=place_in_order(marks, item.nodeid) if by_category else 0,
                failed=record is not None and record.outcome in _FAILED,
                last=has_benchmark(item) or "benchmark" in marks,
            )
        )
    return tuple(found)


def users_of(items: Sequence[pytest.Item], fixture: str) -> list[int]:
    """Number the items that ask for a fixture, directly or through another."""
    return [
        index for index, item in enumerate(items) if fixture in getattr(item, "fixturenames", ())
    ]


class _Instances:
    """The recorded instances of shared fixtures, by the fixture's name."""

    def __init__(self, past: Past) -> None:
        self._known: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in past.shared:
            scope, _, label = one.key.partition(_FIXTURE)
            self._known[label.partition("[")[0]].append((scope, one.key))
        self._found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def of(self, item: pytest.Item) -> tuple[str, ...]:
        """Name the instances that an item uses."""
        parent = item.nodeid.rpartition("::")[0]
        names = tuple(getattr(item, "fixturenames", ()))
        if (parent, names) not in self._found:
            self._found[parent, names] = tuple(
                key
                for name in names
                for scope, key in self._known.get(name, ())
                if scope == _EVERYWHERE or _within(parent, scope)
            )
        return self._found[parent, names]


def _within(node: str, scope: str) -> bool:
    return node == scope or node.startswith((f"{scope}::", f"{scope}/"))


def _group_of(item: pytest.Item, marks: Sequence[str], exclusive: Mapping[str, str]) -> str:
    mark = item.get_closest_marker("xdist_group") if "xdist_group" in marks else None
    if mark is not None:
        return str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))
    if exclusive:
        for name in getattr(item, "fixturenames", ()):
            if name in exclusive:
                return f"{exclusive[name]}"
    return ""


def _learnt(needs: Needs, record: Known | None) -> Needs:
    """Complete what markers say by what was recorded; a marker's word counts."""
    if record is None:
        return needs
    if not needs.memory and record.peak is not None and record.peak >= _MUCH:
        needs = dataclasses.replace(needs, memory=int(record.peak))
    busy = record.cores or 0.0
    if needs.cores == 1.0 and busy >= _SEVERAL and record.seconds >= _LONG:
        needs = dataclasses.replace(needs, cores=busy)
    return needs
