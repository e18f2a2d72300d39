"""How many times as much: head over base, with an interval that knows both sides' noise."""

from __future__ import annotations

import math
from operator import truediv
from typing import TYPE_CHECKING

from paceline.errors import MeasureError, UsageError
from paceline.model import Estimate
from paceline.stats import summary
from paceline.stats.distribution import t_quantile
from paceline.stats.interval import interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.stats.interval import Interval

__all__ = ["paired_ratio", "ratio", "ratio_of"]


def ratio(
    base: Sequence[float],
    head: Sequence[float],
    *,
    statistic: str = "median",
    level: float = 0.95,
) -> Estimate:
    """Estimate head over base, a plain ratio, from two series taken apart from each other.

    The delta method on logarithms; the errors of both sides, which may differ upwards and
    downwards, are recovered from their intervals (Zou and Donner, 2008, doi:10.1002/sim.3095) and
    share degrees of freedom as Welch (1947, doi:10.1093/biomet/34.1-2.28) gives them. The ``level``
    of the result is the lower one that the two sides reach.

    Raises:
        MeasureError: a side is not positive, so that no ratio exists.
        UsageError: no statistic has this name.
    """
    below = interval(base, statistic, level=level)
    above = interval(head, statistic, level=level)
    return ratio_of(below, above, level=level)


def ratio_of(base: Interval, head: Interval, *, level: float) -> Estimate:
    """Estimate head over base as `ratio` does, from their intervals at ``level``.

    Raises:
        MeasureError: a side is not positive, so that no ratio exists.
    """
    _check_positive(base.point, "the base")
    _check_positive(head.point, "the head")
    point, reached = head.point / base.point, min(base.level, head.level)
    freedom = (head.freedom, base.freedom)
    down = _combine(_down(head, level), _up(base, level), freedom, level)
    up = _combine(_up(head, level), _down(base, level), freedom, level)
    low, high = point * math.exp(-down), point * math.exp(up)
    method = head.method if base.method == head.method else f"{base.method} and {head.method}"
    return Estimate(point, low, high, reached, f"log ratio, {method}")


def paired_ratio(
    base: Sequence[float],
    head: Sequence[float],
    *,
    statistic: str = "median",
    level: float = 0.95,
) -> Estimate:
    """Estimate head over base, a plain ratio, from rounds taken back to back in pairs.

    Works on the logarithm of each pair's ratio, in which what slows both of a pair down cancels
    out: ``median`` gives the median ratio, ``mean`` the geometric mean ratio. Batches honour the
    likeness of consecutive pairs.

    Raises:
        MeasureError: a value is not positive, so that it has no ratio.
        UsageError: the series differ in length, or the statistic is no centre.
    """
    if len(base) != len(head):
        raise UsageError(
            f"{len(base)} base and {len(head)} head values are no pairs",
            remedy="take both in the same rounds, or use ratio()",
        )
    if statistic != "mean" and summary.share(statistic) is None:
        raise UsageError(
            f"pairs have no ratio of their {statistic!r}",
            remedy="use 'median', 'mean' or a percentile of the pairs' ratios",
        )
    for name, values in (("base", base), ("head", head)):
        _check_positive(min(values), f"a value of {name}")
    found = interval(list(map(math.log, map(truediv, head, base))), statistic, level=level)
    point, low, high = map(math.exp, (found.point, found.low, found.high))
    return Estimate(point, low, high, found.level, f"log ratios of pairs, {found.method}")


def _check_positive(value: float, what: str) -> None:
    if not value > 0:
        raise MeasureError(
            f"{what} is {value:g}: a ratio needs positive figures",
            remedy="compare the difference, or leave this metric out",
        )


def _down(side: Interval, level: float) -> float:
    """Give the standard error towards lower values, relative to the point."""
    return (side.point - side.low) / side.point / t_quantile((1 + level) / 2, side.freedom)


def _up(side: Interval, level: float) -> float:
    return (side.high - side.point) / side.point / t_quantile((1 + level) / 2, side.freedom)


def _combine(first: float, second: float, freedom: tuple[float, float], level: float) -> float:
    """Give the half width, in logarithms, of two independent errors."""
    total = first**2 + second**2
    if not total:
        return 0.0
    shared = total**2 / (first**4 / freedom[0] + second**4 / freedom[1])
    return t_quantile((1 + level) / 2, shared) * math.sqrt(total)
