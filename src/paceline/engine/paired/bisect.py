"""Bisect: find the commit at which a benchmark moved, each step decided by process pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.errors import MeasureError
from paceline.guard.bisection import Position, bisection, position_of
from paceline.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paceline.guard.paired import Decision

__all__ = ["Bisected", "Step", "bisect"]

_AGAIN = 2  # times that an undecided commit is measured before it is passed over
_MOVED = frozenset({Kind.REGRESSED, Kind.IMPROVED})


@dataclass(frozen=True, slots=True)
class Step:
    """One commit measured against the good one, half of the whole change taken off."""

    commit: str
    position: Position
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Bisected:
    """What was found: ``candidates`` hold the commit that moved the figure, one if all is well.

    ``whole`` is the change from good to bad; ``step`` the one that the candidates alone make, None
    where it could not be measured.
    """

    candidates: tuple[str, ...]
    whole: Decision
    step: Decision | None
    steps: tuple[Step, ...]


def bisect(
    good: str,
    commits: Sequence[str],
    measure: Callable[[str, str, float], Decision | None],
    *,
    watch: Callable[[Step], None],
) -> Bisected:
    """Search ``commits``, oldest first, the last of them bad, for the first that is bad.

    ``measure(base, head, reference)`` decides whether head over base lies above or below the
    reference, a natural log, None where a side can't be measured. A commit is on the bad level when
    its ratio to the good one lies clearly beyond half of the whole change (on a log scale).

    Raises:
        MeasureError: good and bad don't clearly differ, so that there is nothing to find.
    """
    whole = measure(good, commits[-1], 0.0)
    if whole is None or whole.kind not in _MOVED:
        said = whole.because if whole else "one of them can't be measured"
        raise MeasureError(
            f"{good[:10]} and {commits[-1][:10]} don't clearly differ: {said}",
            remedy="name revisions further apart, or a finer --resolution",
        )
    half = math.log(whole.ratio.point) / 2
    search = bisection(len(commits))
    steps: list[Step] = []
    try:
        index = next(search)
        while True:
            step = _step(good, commits[index], measure, half, whole.kind)
            steps.append(step)
            watch(step)
            index = search.send(step.position)
    except StopIteration as stop:
        span = stop.value
    before = good if span.low < 0 else commits[span.low]
    alone = measure(before, commits[span.high], 0.0)
    candidates = tuple(commits[span.low + 1 : span.high + 1])
    return Bisected(candidates, whole, alone, tuple(steps))


def _step(
    good: str,
    commit: str,
    measure: Callable[[str, str, float], Decision | None],
    half: float,
    bad: Kind,
) -> Step:
    position, decision = Position.FAILED, None
    for _ in range(_AGAIN):
        decision = measure(good, commit, half)
        position = position_of(decision, bad=bad)
        if position is not Position.UNSURE:
            break
    return Step(commit, position, decision)
