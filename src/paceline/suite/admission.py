"""Room: what running tests hold of cores, memory and named resources, and what is left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.suite.task import Needs

if TYPE_CHECKING:
    from paceline.suite.plan import Room

__all__ = ["ALONE", "Ledger", "claims"]

ALONE = "alone"
_CORES = "cores"
_MEMORY = "memory"
_PLACE = "place "


class Ledger:
    """What each worker's chunks hold of a room.

    A worker runs one test at a time, so of its chunks' needs only the greatest counts. Everything a
    chunk needs is taken at once, and only by what can begin: nothing waits while it holds.
    """

    __slots__ = ("_held", "_places", "_room", "_workers")

    def __init__(self, room: Room, workers: int) -> None:
        self._room = room
        self._workers = workers
        self._places = dict(room.places)
        self._held: dict[int, list[Needs]] = {}

    def clamp(self, needs: Needs) -> Needs:
        """Cut needs down to what the whole room has: such a test has to make do with it."""
        room = self._room
        return Needs(
            min(needs.cores, max(1.0, room.cores)),
            min(needs.memory, room.memory) if room.memory else 0,
            tuple((name, min(count, self._size(name))) for name, count in needs.uses),
            alone=needs.alone,
        )

    def hold(self, worker: int, needs: Needs) -> None:
        """Book clamped needs on a worker."""
        self._held.setdefault(worker, []).append(needs)

    def free(self, worker: int, needs: Needs) -> None:
        """Give back what was booked."""
        self._held[worker].remove(needs)
        if not self._held[worker]:
            del self._held[worker]

    @property
    def empty(self) -> bool:
        """Whether nothing is booked."""
        return not self._held

    def lacking(self, needs: Needs, worker: int) -> frozenset[str]:
        """Name what is missing now for a worker to begin something with these clamped needs."""
        if self.empty:
            return frozenset()
        if needs.alone or any(held.alone for held in self._every()):
            return frozenset({ALONE})
        held = {**self._held, worker: [*self._held.get(worker, ()), needs]}
        missing = set()
        if needs.cores and self._crowded(held):
            missing.add(_CORES)
        memory = sum(max(one.memory for one in many) for many in held.values())
        if needs.memory and memory > self._room.memory:
            missing.add(_MEMORY)
        for name, _ in needs.uses:
            if self._size(name) < sum(
                max(dict(one.uses).get(name, 0) for one in many) for many in held.values()
            ):
                missing.add(_PLACE + name)
        return frozenset(missing)

    def _size(self, name: str) -> int:
        return self._places.get(name, 1)

    def _every(self) -> list[Needs]:
        return [needs for many in self._held.values() for needs in many]

    def _crowded(self, held: dict[int, list[Needs]]) -> bool:
        """Tell whether too many cores are held: in all, or by tests that ask for more than one.

        More workers than cores are what the user asked for, but tests that use several cores must
        not meet beyond what there is.
        """
        most = [max(one.cores for one in many) for many in held.values()]
        greedy = math.fsum(cores for cores in most if cores > 1)
        everything = math.fsum(most)
        limit = max(1.0, self._room.cores)
        return greedy > limit or everything > max(limit, self._workers)


def claims(needs: Needs) -> frozenset[str]:
    """Name what these needs take room of."""
    names = {_PLACE + name for name, _ in needs.uses}
    if needs.cores:
        names.add(_CORES)
    if needs.memory:
        names.add(_MEMORY)
    return frozenset(names)
