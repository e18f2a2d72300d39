"""Ratios of process pairs: two processes side by side give one figure, and pairs are replicates.

Rounds in one process share its hash seed, its address layout and the machine's mood, so they are no
replicates of each other. A fresh pair of processes draws all of that anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul, truediv
from typing import TYPE_CHECKING

from paceline.errors import MeasureError, UsageError
from paceline.model import Estimate
from paceline.stats import summary
from paceline.stats.distribution import t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Spread", "Trimmed", "lend", "pair_log_ratio", "pairs_estimate", "trimmed"]

_WHOLE = 8  # pairs from which on the extreme ones are trimmed; fewer can't spare any
_SIXTH = 6
_TENTH = 10
_LARGEST = 700.0  # the exponent that a float still holds


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A trimmed mean of logs: its ``centre``, and ``count`` times its squared error.

    ``variance`` is thus on the scale of a single pair, whatever was trimmed; ``freedom`` are its
    degrees of freedom, 0 for a single pair.
    """

    centre: float
    variance: float
    freedom: float
    count: int

    @property
    def error(self) -> float:
        """The standard error of the centre, in natural logs."""
        return math.sqrt(self.variance / self.count)


@dataclass(frozen=True, slots=True)
class Spread:
    """What a suite knows of one case's ``variance`` beforehand, and its degrees of ``freedom``.

    No degrees of freedom: it knows nothing.
    """

    variance: float
    freedom: float


def pair_log_ratio(base: Sequence[float], head: Sequence[float]) -> float:
    """Give the natural log of head over base of one process pair: the median over its batches.

    ``base[i]`` and ``head[i]`` were taken side by side, so that what slows both cancels out. The
    mean would follow spikes.

    Raises:
        MeasureError: there are no batches, or one took no time or no finite one.
        UsageError: the sides differ in length.
    """
    if len(base) != len(head):
        raise UsageError(
            f"{len(base)} base and {len(head)} head batches are no pairs",
            remedy="take both sides in turns",
        )
    if not base or not all(0 < value < math.inf for value in (*base, *head)):
        raise MeasureError(
            f"a pair of {len(base)} batches has no ratio: each needs a positive, finite time",
            remedy="measure more calls in a batch",
        )
    return summary.quantile(sorted(map(math.log, map(truediv, head, base))), 0.5)


def pairs_estimate(
    logs: Sequence[float], *, level: float, spread: Spread | None = None
) -> Estimate:
    """Estimate head over base from the log ratios of process pairs, one at least.

    Student's t on a trimmed mean (Yuen, 1974, doi:10.1093/biomet/61.1.165), with what the suite
    lends about the spread. A single pair has no interval: its level is 0.

    Raises:
        ValueError: there are no pairs, or ``level`` is not between 0 and 1.
    """
    found = lend(trimmed(logs), spread)
    point = math.exp(found.centre)
    if not found.freedom:
        return Estimate(point, point, point, 0.0, "a single pair")
    reach = t_quantile((1 + level) / 2, found.freedom) * found.error
    low, high = math.exp(found.centre - reach), math.exp(min(found.centre + reach, _LARGEST))
    return Estimate(point, low, high, level, f"trimmed mean of logs, {found.count} pairs")


def trimmed(logs: Sequence[float]) -> Trimmed:
    """Average all but the extreme sixth on either side; fewer than eight pairs are all kept.

    The variance is that of the Winsorised logs (Tukey and McLaughlin, 1963, Sankhyā A 25(3)).

    Raises:
        ValueError: there are no pairs.
    """
    count = len(logs)
    if not count:
        raise ValueError("no pairs to estimate a ratio from")
    off = count // _SIXTH if count >= _WHOLE else 0
    ordered = sorted(logs)
    inner = ordered[off : count - off]
    kept = len(inner)
    if kept == 1:
        return Trimmed(inner[0], 0.0, 0.0, 1)
    pulled = [inner[0]] * off + inner + [inner[-1]] * off
    middle = summary.mean(pulled)
    distances = [value - middle for value in pulled]
    squares = math.fsum(map(mul, distances, distances))
    variance = squares * count / (kept * (kept - 1))
    return Trimmed(summary.mean(inner), variance, kept - 1, count)


def lend(own: Trimmed, spread: Spread | None) -> Trimmed:
    """Moderate a variance by what the suite knows (Smyth, 2004, doi:10.2202/1544-6115.1027)."""
    if spread is None or not spread.freedom or not own.freedom:
        return own
    # whole tenths, downwards: quantiles are remembered by their degrees of freedom
    freedom = math.floor(_TENTH * (own.freedom + spread.freedom)) / _TENTH
    shared = own.freedom * own.variance + spread.freedom * spread.variance
    variance = shared / (own.freedom + spread.freedom)
    return Trimmed(own.centre, variance, freedom, own.count)
