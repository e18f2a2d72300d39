"""Intervals that hold although rounds in one process resemble their neighbours.

Every statistic is turned into a series of consecutive figures whose mean has an error that
`batches.spread` knows: the values themselves for the mean; whether a value lies below it, for a
quantile; the pseudo-values of a jackknife that leaves out one batch at a time, for the rest.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.errors import MeasureError
from paceline.model import Estimate
from paceline.stats import batches, summary
from paceline.stats.distribution import t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.stats.batches import Spread

__all__ = ["Interval", "estimate", "half_width_to_rounds", "interval"]

_FEW = 30  # values below which a likeness of neighbours can hardly be seen
_HALF = 0.5
_ADRIFT = 0.2  # half width of a share's interval beyond which the share says little
_RESOLVED = 2  # values beyond the quantile that a batch has on average, to have a quantile at all
_LUCK = 0.8  # of the binomial error: a smaller one is luck
_NORMAL_MEDIAN = math.sqrt(math.pi / 2)  # error of a median over that of a mean, normal values
_PER_MEAN = {"mean", "total", "ops"}
_EXTREMES = {"min", "max"}


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate, the degrees of ``freedom`` of its error and how much it knows.

    As many ``independent`` values would know as much as those there were.
    """

    point: float
    low: float
    high: float
    level: float
    freedom: float
    independent: float
    method: str

    @property
    def estimate(self) -> Estimate:
        """The same without the degrees of freedom."""
        return Estimate(self.point, self.low, self.high, self.level, self.method)


def estimate(values: Sequence[float], statistic: str = "mean", *, level: float = 0.95) -> Estimate:
    """Estimate a statistic with its interval, in the unit of the values (counts plain).

    The ``level`` of the result is what the interval reaches: 0 for a single value, less than asked
    where too few values lie beyond a percentile. Only equal values (or a count of rounds) give an
    interval without width.

    Raises:
        UsageError: no statistic has this name.
        ValueError: there are no values, or ``level`` is not between 0 and 1.
    """
    found = interval(values, statistic, level=level).estimate
    if found.low < 0 <= min(values):  # no spread and no time lies below zero
        return dataclasses.replace(found, low=0.0)
    return found


def half_width_to_rounds(
    values: Sequence[float], target: float, *, level: float = 0.95, statistic: str = "median"
) -> int:
    """Tell how many rounds of the same kind reach a relative half width of ``target``.

    The width falls with the square root of the rounds.

    Raises:
        MeasureError: one value tells nothing about the next.
        ValueError: ``target`` is not positive.
    """
    if target <= 0:
        raise ValueError(f"the relative half width must be positive, got {target}")
    if len(values) == 1:
        raise MeasureError(
            "one round tells nothing about how far the next one lies",
            remedy="take at least two rounds",
        )
    found = interval(values, statistic, level=level)
    if found.high == found.low:
        return len(values)
    if not found.point:
        raise MeasureError(
            f"the {statistic} is 0: no width is relative to it", remedy="set the rounds by hand"
        )
    reached = (found.high - found.low) / 2 / abs(found.point)
    return max(2, math.ceil(len(values) * (reached / target) ** 2))


def interval(values: Sequence[float], statistic: str, *, level: float) -> Interval:
    """Estimate a statistic as `estimate` does and keep the degrees of freedom."""
    if not 0 < level < 1:
        raise ValueError(f"a level between 0 and 1 is needed, got {level}")
    point = summary.statistic(values, statistic)
    if len(values) == 1:
        return Interval(point, point, point, 0.0, 1.0, 1.0, "single value")
    if statistic == "rounds" or min(values) == max(values):
        method = "a count" if statistic == "rounds" else "all values equal"
        return Interval(point, point, point, level, math.inf, len(values), method)
    part = summary.share(statistic)
    if part is not None:
        return _quantile(values, part, level)
    if statistic in _EXTREMES:
        return _extreme(values, statistic, level)
    if statistic in _PER_MEAN:
        return _mean(values, statistic, level)
    return _rest(values, statistic, level)


def _tell(name: str, values: Sequence[float], found: Spread) -> str:
    """Name a method by how the error was found: ``batch means, 32 batches``."""
    if len(values) < _FEW:
        return f"{name}, only {len(values)} values"
    return f"{name}, {found.batches} batches"


def _spread(values: Sequence[float]) -> Spread:
    return batches.spread(batches.means(values, batches.batch_size(len(values))))


def _mean(values: Sequence[float], statistic: str, level: float) -> Interval:
    """Batch means with Student's t; ``total`` and ``ops`` follow their mean."""
    found = _spread(values)
    centre = summary.mean(values)
    # batches that swing evenly cancel out; the next round still weighs its share
    error = max(found.error, summary.deviation(values) / len(values))
    reach = t_quantile((1 + level) / 2, found.freedom) * error
    point, low, high = centre, centre - reach, centre + reach
    if statistic == "total":
        point, low, high = (end * len(values) for end in (point, low, high))
    if statistic == "ops":
        point = 1 / centre if centre else 0.0
        factor = math.exp(reach / abs(centre)) if centre else 1.0
        low, high = point / factor, point * factor
    independent = _independent(values, found)
    method = _tell("batch means", values, found)
    return Interval(point, low, high, level, found.freedom, independent, method)


def _independent(values: Sequence[float], found: Spread) -> float:
    """Give the number of independent values whose mean has this error."""
    return (summary.deviation(values) / found.error) ** 2 if found.error else len(values)


def _quantile(values: Sequence[float], part: float, level: float) -> Interval:
    """Order statistics at the ends of the interval for the share below the quantile.

    Woodruff (1952, doi:10.1080/01621459.1952.10483443) with the batch-means error of that share,
    as Heidelberger and Lewis (1984, doi:10.1287/opre.32.1.185) for dependent values, and the skew
    of a binomial. Free of assumptions about tails and spikes.
    """
    ordered = sorted(values)
    count = len(ordered)
    point = summary.quantile(ordered, part)
    found = _spread([1.0 if value < point else 0.5 if value == point else 0.0 for value in values])
    binomial = part * (1 - part)
    error = max(found.error, _LUCK * math.sqrt(binomial / count))
    t = t_quantile((1 + level) / 2, found.freedom)
    centre = part + (1 - 2 * part) * (t * t - 1) / 6 * error * error / binomial
    first, last = centre - t * error, centre + t * error
    low, high = summary.quantile(ordered, first), summary.quantile(ordered, last)
    independent = binomial / error**2
    if t * error > _ADRIFT and batches.batch_size(count) * min(part, 1 - part) >= _RESOLVED:
        return _sections(values, part, level, independent=independent)
    method = _tell("order statistics", values, found)
    reached = _reached((first, last), part, level, independent=independent, count=count)
    if part == _HALF and reached < level:
        # a median of so few: the extreme values, or further where t on the mean says so
        wide = t * _NORMAL_MEDIAN * summary.deviation(values) / math.sqrt(independent)
        low, high = min(low, point - wide), max(high, point + wide)
        reached, method = level, _tell("order statistics and t", values, found)
    if low == high:
        low, high = _tie(ordered, point)
    low, high = min(low, point), max(high, point)
    return Interval(point, low, high, reached, found.freedom, independent, method)


def _sections(
    values: Sequence[float], part: float, level: float, *, independent: float
) -> Interval:
    """Take the spread of the quantiles of consecutive batches around the quantile of all.

    Sectioning (Asmussen and Glynn, Stochastic Simulation, 2007, section III.5a). A slow drift turns
    whole batches to one side, and the ends of a share's interval then reach into the spikes;
    batches know how far the level itself moved.
    """
    size = batches.batch_size(len(values))
    starts = range(len(values) % size, len(values), size)
    figures = [summary.quantile(sorted(values[start : start + size]), part) for start in starts]
    found = batches.spread(figures)
    point = summary.quantile(sorted(values), part)
    aside = point - math.fsum(figures) / len(figures)  # batches of two levels speak for neither
    reach = t_quantile((1 + level) / 2, found.freedom) * math.hypot(found.error, aside)
    method = _tell("sectioning", values, found)
    return Interval(point, point - reach, point + reach, level, found.freedom, independent, method)


def _reached(
    ends: tuple[float, float], part: float, level: float, *, independent: float, count: int
) -> float:
    """Tell how sure the interval is where the ranks run out and the extreme values must do.

    ``independent`` values would know as much as all ``count`` of them.
    """
    below = above = (1 - level) / 2
    if ends[0] * count < _HALF:
        below = max(below, (1 - part) ** independent)
    if ends[1] * count > count - _HALF:
        above = max(above, part**independent)
    return max(0.0, 1 - below - above) if below + above > 1 - level else level


def _tie(ordered: Sequence[float], point: float) -> tuple[float, float]:
    """Widen an interval whose ends tie: a coarse clock rounds, the truth lies between its ticks.

    A tick is the step to the nearest other value; the truth may lie half of it away.
    """
    reach = min(abs(value - point) for value in ordered if value != point) * _HALF
    return point - reach, point + reach


def _extreme(values: Sequence[float], statistic: str, level: float) -> Interval:
    """What the extreme of as many rounds would be in another go, by the spacings next to it.

    The best of n further values is worse than our k-th best with probability below 2^-k; the other
    side mirrors that spacing, as nothing in the data bounds it.
    """
    best = sorted(values, reverse=statistic == "max")
    found = _spread(values)
    independent = _independent(values, found)
    alike = max(1.0, len(values) / independent)
    rank = math.ceil(alike * math.log2(2 / (1 - level))) - 1
    inner = best[min(rank, len(best) - 1)]
    if inner == best[0]:
        inner = next(value for value in best if value != best[0])
    reach = abs(inner - best[0])
    method = _tell("spacings", values, found)
    low, high = best[0] - reach, best[0] + reach
    return Interval(best[0], low, high, level, found.freedom, independent, method)


def _rest(values: Sequence[float], statistic: str, level: float) -> Interval:
    """Leave out one batch at a time, and take the spread of the pseudo-values.

    The jackknife of Quenouille (1956, doi:10.1093/biomet/43.3-4.353) by blocks (Künsch, 1989,
    doi:10.1214/aos/1176347265).
    """
    counts = statistic.endswith("_outliers")
    point = summary.statistic(values, statistic)
    figures = _pseudo_values(values, statistic)
    found = batches.spread(figures)
    reach = t_quantile((1 + level) / 2, found.freedom) * found.error
    if not reach:  # the statistic stands on tied values: no batch moves it
        reach = 1.0 if counts else _gap(values)
    low = max(0.0, point - reach) if counts else point - reach
    independent = _independent(figures, found) * len(values) / len(figures)
    method = _tell("jackknife", values, found)
    return Interval(point, low, point + reach, level, found.freedom, independent, method)


def _gap(values: Sequence[float]) -> float:
    """Give the smallest step between values that differ."""
    ordered = sorted(set(values))
    return min(after - before for before, after in itertools.pairwise(ordered))


def _pseudo_values(values: Sequence[float], statistic: str) -> list[float]:
    """Give one figure per batch: what the statistic owes to it."""
    size = batches.batch_size(len(values))
    used = values[len(values) % size :]
    number = len(used) // size
    whole = summary.statistic(used, statistic)
    per_rounds = len(used) / (len(used) - size) if statistic.endswith("_outliers") else 1.0
    lefts = ([*used[: i * size], *used[(i + 1) * size :]] for i in range(number))
    without = (per_rounds * summary.statistic(left, statistic) for left in lefts)
    return [number * whole - (number - 1) * figure for figure in without]
