"""Why a test fails in one order and not in another: the fewest tests before it that decide it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Cause", "Isolation", "isolate"]


class Cause(enum.Enum):
    """How a test depends on those before it."""

    POLLUTED = "polluted"
    NEEDS = "needs"
    ITSELF = "itself"
    NOT_REPRODUCED = "not reproduced"


@dataclass(frozen=True, slots=True)
class Isolation:
    """What decides a test's outcome.

    ``tests`` pollute it or are needed by it, in their order. ``minimal`` tells that none of them
    can be left out; it is False where trials ran out. ``trials`` is how many it took.
    """

    cause: Cause
    tests: tuple[str, ...]
    minimal: bool
    trials: int


class _SpentError(Exception):
    """No trial is left."""


class _Oracle:
    """Counts trials, remembers their answers, and stops when there were enough."""

    def __init__(self, fails: Callable[[tuple[str, ...]], bool], trials: int) -> None:
        self._fails = fails
        self._known: dict[tuple[str, ...], bool] = {}
        self._trials = trials

    @property
    def count(self) -> int:
        return len(self._known)

    def fails(self, history: tuple[str, ...]) -> bool:
        if history not in self._known:
            if len(self._known) >= self._trials:
                raise _SpentError
            self._known[history] = self._fails(history)
        return self._known[history]


def isolate(
    history: Sequence[str], fails: Callable[[tuple[str, ...]], bool], *, trials: int = 100
) -> Isolation:
    """Find the fewest tests of a history that decide whether a test behind them fails.

    ``fails`` runs some of them, in order, and then the test itself in a fresh process. At least two
    trials are made: none of the history, and all of it.
    """
    oracle = _Oracle(fails, max(2, trials))
    everything = tuple(history)
    alone, behind = oracle.fails(()), oracle.fails(everything)
    if alone and behind:
        return Isolation(Cause.ITSELF, (), minimal=True, trials=oracle.count)
    if alone == behind:
        return Isolation(Cause.NOT_REPRODUCED, (), minimal=True, trials=oracle.count)
    cause = Cause.POLLUTED if behind else Cause.NEEDS
    tests, minimal = _fewest(everything, lambda some: oracle.fails(some) is behind)
    return Isolation(cause, tests, minimal=minimal, trials=oracle.count)


def _fewest(
    tests: tuple[str, ...], decides: Callable[[tuple[str, ...]], bool]
) -> tuple[tuple[str, ...], bool]:
    """Narrow tests down by delta debugging (Zeller, Hildebrandt, 2002, doi:10.1109/32.988498)."""
    parts = 2
    try:
        while len(tests) > 1:
            smaller = _smaller(tests, parts, decides)
            if smaller is not None:
                tests, part = smaller
                parts = 2 if part else max(parts - 1, 2)
            elif parts < len(tests):
                parts = min(2 * parts, len(tests))
            else:
                break
    except _SpentError:
        return tests, False
    return tests, True


def _smaller(
    tests: tuple[str, ...], parts: int, decides: Callable[[tuple[str, ...]], bool]
) -> tuple[tuple[str, ...], bool] | None:
    """Find a part that decides by itself (True), or one that can be left out (False).

    The last part is tried first: a polluter mostly runs shortly before its victim.
    """
    marks = [len(tests) * at // parts for at in range(parts + 1)]
    slices = list(pairwise(marks))[::-1]
    for start, stop in slices:
        if decides(tests[start:stop]):
            return tests[start:stop], True
    for start, stop in slices if parts > 2 else ():  # noqa: PLR2004  (of two, each is the other's rest)
        if decides(tests[:start] + tests[stop:]):
            return tests[:start] + tests[stop:], False
    return None
