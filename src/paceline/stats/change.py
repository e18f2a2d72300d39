"""Whether two series differ beyond their noise, and by enough to matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.model import Change
from paceline.stats.interval import interval
from paceline.stats.ratio import ratio_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["compare"]


def compare(
    base: Sequence[float],
    head: Sequence[float],
    *,
    statistic: str,
    threshold: float,
    level: float = 0.95,
) -> Change:
    """Compare head with base; ``threshold`` is the relative change that counts (0.05 for 5 %).

    ``significant``: the interval of head over base leaves out 1 and reaches the level asked for;
    ``relevant``: the point differs from 1 by more than the threshold.

    Raises:
        MeasureError: a side is not positive, so that no ratio exists.
        UsageError: no statistic has this name.
    """
    before = interval(base, statistic, level=level)
    after = interval(head, statistic, level=level)
    found = ratio_of(before, after, level=level)
    return Change(
        base=before.estimate,
        head=after.estimate,
        ratio=found,
        significant=found.level >= level and not found.low <= 1 <= found.high,
        relevant=abs(found.point - 1) > threshold,
    )
