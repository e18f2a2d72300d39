"""Bisection: find between a good and a bad revision the one at which a figure moved."""

from __future__ import annotations

import enum
import math
import typing
from dataclasses import dataclass

from paceline.model import Kind

if typing.TYPE_CHECKING:
    from collections.abc import Generator

    from paceline.guard.paired import Decision

__all__ = ["Position", "Span", "bisection", "position_of", "steps_left"]


class Position(enum.Enum):
    """On which level a revision lies; the last two can't say."""

    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Span:
    """The figure moved after revision ``low`` and no later than ``high``; -1 is the good end."""

    low: int
    high: int

    @property
    def exact(self) -> bool:
        """Whether one revision alone is left."""
        return self.high - self.low == 1


def bisection(count: int) -> Generator[int, Position, Span]:
    """Ask for positions of revisions 0 … count - 1, the last of which is bad, and narrow them down.

    The revision nearest to the middle is asked for; one that can't say is passed over, and if only
    such are left, the span holds them all.
    """
    low, high = -1, count - 1
    passed: set[int] = set()
    while True:
        left = [index for index in range(low + 1, high) if index not in passed]
        if not left:
            return Span(low, high)
        middle = (low + high) / 2
        index = min(left, key=lambda one: abs(one - middle))
        position = yield index
        if position is Position.GOOD:
            low = index
        elif position is Position.BAD:
            high = index
        else:
            passed.add(index)


def position_of(decision: Decision | None, *, bad: Kind = Kind.REGRESSED) -> Position:
    """Tell the level from a decision about head over half of the whole change.

    ``bad`` is what the whole change is: beyond half of it, in that direction, lies the bad level,
    on this side the good one. What can't be told apart from half of it is neither.
    """
    if decision is None:
        return Position.FAILED
    if decision.kind in {Kind.REGRESSED, Kind.IMPROVED}:
        return Position.BAD if decision.kind is bad else Position.GOOD
    return Position.UNSURE


def steps_left(count: int) -> int:
    """Give about how many revisions must be measured among this many."""
    return math.ceil(math.log2(count)) if count > 1 else 0
