"""Committed: a plan for workers that are handed a test before it can begin, and can't wait."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from paceline.suite.task import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.suite.chunks import Chunk
    from paceline.suite.plan import Plan, Room

__all__ = ["committed"]


def committed(plan: Plan, room: Room) -> Plan:
    """Let what may not meet run on one worker, since there is no admission that it could wait for.

    Tests that ask for one resource, for more memory than a worker's share of the room, or for more
    cores than that, become a group each; tests that have two things in common join their groups.
    What is to run alone comes after all others.
    """
    groups = _Groups()
    keys = [tuple(_keys(chunk, room, plan.workers)) for chunk in plan.chunks]
    for together in keys:
        groups.join(together)
    chunks = tuple(
        replace(
            chunk,
            needs=ORDINARY,
            group=groups.name(together),
            last=chunk.last or chunk.needs.alone,
        )
        for chunk, together in zip(plan.chunks, keys, strict=True)
    )
    return replace(plan, chunks=chunks)


def _keys(chunk: Chunk, room: Room, workers: int) -> Iterable[str]:
    """Name what a chunk must not share with another worker's."""
    needs, places = chunk.needs, dict(room.places)
    if chunk.group:
        yield f"group {chunk.group}"
    for name, count in needs.uses:
        if count * workers > places.get(name, 1):
            yield f"place {name}"
    if room.memory and needs.memory * workers > room.memory:
        yield "memory"
    if needs.cores > 1 and needs.cores * workers > room.cores:
        yield "cores"


class _Groups:
    """Names that belong together, each set under one of its names."""

    def __init__(self) -> None:
        self._over: dict[str, str] = {}

    def join(self, names: Iterable[str]) -> None:
        """Put names into one set."""
        first = ""
        for name in map(self._top, names):
            first = first or name
            self._over[name] = first

    def name(self, names: tuple[str, ...]) -> str:
        """Give the name of the set of these names, "" where there are none."""
        return self._top(names[0]) if names else ""

    def _top(self, name: str) -> str:
        while self._over.get(name, name) != name:
            name = self._over[name]
        return name
