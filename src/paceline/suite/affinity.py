"""Where shared fixtures live, and whether a copy on another worker pays."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from paceline.suite.task import lives_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paceline.suite.chunks import Chunk

__all__ = ["Affinity"]


class Affinity:
    """Which worker holds which shared fixtures, and how much waits for each of them.

    ``costs`` are set-ups in seconds. A session's fixture stays with a worker for ever, any other
    as long as the worker's chunks use it.
    """

    __slots__ = ("_costs", "_has", "_waiting", "total")

    def __init__(self, costs: Mapping[str, float]) -> None:
        self._costs = costs
        self._has: dict[int, set[str]] = {}
        self._waiting: defaultdict[str, float] = defaultdict(float)
        self.total = 0.0

    @property
    def cares(self) -> bool:
        """Whether any shared fixture is dear enough to care for."""
        return bool(self._costs)

    def comes(self, chunk: Chunk, sign: int = 1) -> None:
        """Count a chunk among those that wait; with sign −1, no longer."""
        self.total += 0.0 if chunk.last else sign * chunk.seconds
        for key in chunk.shared:
            self._waiting[key] += sign * chunk.seconds

    def begins(self, worker: int, chunk: Chunk) -> None:
        """Remember what a worker holds once it runs a chunk."""
        kept = {key for key in self._has.get(worker, ()) if lives_on(key)}
        self._has[worker] = kept | set(chunk.shared)

    def lost(self, worker: int) -> None:
        """Forget what a worker held."""
        self._has.pop(worker, None)

    def missing(self, worker: int, keys: Iterable[str]) -> float:
        """Give the seconds of the set-ups that a worker would have to run for these fixtures."""
        has = self._has.get(worker, set())
        return sum(self._costs[key] for key in keys if key not in has)

    def stays(self, worker: int, chunk: Chunk) -> bool:
        """Tell whether a chunk saves this worker a set-up that would be lost with another one."""
        has = self._has.get(worker, set())
        return any(key in has and not lives_on(key) for key in chunk.shared)

    def better_elsewhere(self, worker: int, chunk: Chunk, *, workers: int) -> bool:
        """Tell whether the workers that hold a chunk's fixtures had better run it themselves.

        They had, when they keep pace with everybody else, or are through with all that waits for
        the fixture before this worker would be with its copy.
        """
        lacked = self.missing(worker, chunk.shared)
        has = self._has.get(worker, set())
        for key in chunk.shared:
            holders = sum(key in held for held in self._has.values())
            if key in has or not holders:
                continue
            if self._waiting[key] / holders <= max(self.total / workers, lacked + chunk.seconds):
                return True
        return False
