"""What a plan knows of a test: where it stands, what it shares and what it needs."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ORDINARY", "Needs", "Task", "lives_on"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a test holds while it runs.

    ``cores`` are processors, ``memory`` bytes, ``uses`` places of named resources; ``alone`` means
    that nothing else may run beside it.
    """

    cores: float = 1.0
    memory: int = 0
    uses: tuple[tuple[str, int], ...] = ()
    alone: bool = False


ORDINARY = Needs()


@dataclass(frozen=True, slots=True)
class Task:
    """A collected test as the planner sees it.

    ``index`` counts in collected order. ``shared`` names the instances of shared fixtures that it
    uses, as `Past` does: where one lives and its name, ``tests/test_a.py fixture app``. All tests
    of a ``group`` run on one worker. ``rank`` is its category's, lower ones run first; ``failed``
    ones run before all; ``last`` ones run after all others, by themselves.
    """

    index: int
    node_id: str
    module: str
    shared: tuple[str, ...] = ()
    needs: Needs = ORDINARY
    group: str = ""
    rank: int = 0
    failed: bool = False
    last: bool = False


def lives_on(key: str) -> bool:
    """Tell whether a shared fixture outlives its module: only those of the session do."""
    return key.startswith(". ")
