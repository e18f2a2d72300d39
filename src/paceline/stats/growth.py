"""Growth: tell a series that keeps growing from one that fills, swings or drifts.

A series holds a count at the end of each round of a stage; all rounds have as many calls.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Growth", "Trend", "judge_growth", "lower_envelope", "slope_interval"]

_NORMAL = 1.4826  # standard deviation over median absolute deviation, normal values
_CONFIDENCE = 1.96  # standard normal quantile of a 95 % interval
_BEYOND = 5.0  # scatters that growth must exceed
_HALF = 0.5  # of the first half's rate: less is slowing down, whatever the scatter
_NEARLY = (
    0.93  # of the first half's rate: less is slowing down where the scatter doesn't explain it
)
_SURE = 3.5  # standard errors that make a slowing down sure
_CLEAR = 6.0  # standard errors by which the mean step must differ from none, the oddest left out
_ODD = 4.0  # times the usual step
_LATE = 0.02  # of the growth in the last third: less is none any more
_FALL = 0.25  # of the growth: a deeper fall on the way is a saw, not a climb


class Trend(enum.Enum):
    """What a series does: a sparse one grows in few rounds, a swinging one falls as well."""

    QUIET = "quiet"
    STEADY = "steady"
    SLOWING = "slowing"
    FULL = "full"
    SPARSE = "sparse"
    SWINGING = "swinging"


@dataclass(frozen=True, slots=True)
class Growth:
    """How a series grows: ``point``, ``low`` and ``high`` a call (95 % interval), ``total`` in all.

    ``rate`` is the total a call, ``scatter`` the standard deviation of a round's value around the
    line, in the series' unit.
    """

    trend: Trend
    point: float
    low: float
    high: float
    total: float
    scatter: float
    rate: float

    @property
    def suspicious(self) -> bool:
        """Whether more calls are needed to know."""
        return self.trend not in {Trend.QUIET, Trend.FULL}


def judge_growth(
    values: Sequence[float],
    calls: int,
    *,
    at: Sequence[float] = (),
    least: float = 1.0,
    staircase: bool = False,
) -> Growth:
    """Judge a series of at least five values, ``calls`` calls apart.

    ``at`` says where they stand, in rounds of so many calls, where that is not evenly.
    Less than ``least`` in all is no growth. ``staircase`` also takes growth in steps for steady, as
    of a buffer that is enlarged now and then; only for series without noise.
    """
    places = at or range(len(values))
    slope, low, high = slope_interval(values, at=places)
    scatter = _scatter(values, slope, places)
    total = values[-1] - values[0]
    apart = [after - before for before, after in pairwise(places)]
    steps = [
        (after - before) / rounds
        for (before, after), rounds in zip(pairwise(values), apart, strict=True)
    ]
    if total < least or (total <= _BEYOND * scatter and not _climbs(steps)):
        trend = Trend.QUIET
    else:
        trend = _trend(values, steps, staircase=staircase)
    rate = total / calls / (places[-1] - places[0])
    return Growth(trend, slope / calls, low / calls, high / calls, total, scatter, rate)


def slope_interval(
    values: Sequence[float], *, at: Sequence[float] = ()
) -> tuple[float, float, float]:
    """Give the median of all slopes between two values, a round, and its 95 % interval.

    The estimate is Theil's (1950, Proc. K. Ned. Akad. Wet. 53, 386-392), the interval Sen's (1968,
    doi:10.1080/01621459.1968.10480934) with Kendall's variance. At least two values.
    """
    count = len(values)
    places = at or range(count)
    slopes = sorted(
        (values[right] - values[left]) / (places[right] - places[left])
        for left in range(count)
        for right in range(left + 1, count)
    )
    spread = _CONFIDENCE * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    first = max(0, math.floor((len(slopes) - spread) / 2))
    return _median(slopes), slopes[first], slopes[len(slopes) - 1 - first]


def lower_envelope(values: Sequence[float], group: int) -> list[float]:
    """Give the least of each ``group`` of values: the course below a saw's teeth."""
    whole = len(values) // group * group
    return [min(values[at : at + group]) for at in range(0, whole, group)]


def _trend(values: Sequence[float], steps: Sequence[float], *, staircase: bool) -> Trend:
    total = values[-1] - values[0]
    even = _evened(steps)
    if sum(even[-(len(steps) // 3) :]) <= _LATE * sum(even):
        return Trend.FULL
    if _slows(even):
        return Trend.SLOWING
    rising = sum(step > 0 for step in steps)
    enough = (len(steps) + 1) // 2 if staircase else len(steps) - 1
    if _deepest_fall(values) > (0 if staircase else _FALL * total) or values[-1] < max(values):
        return Trend.SWINGING
    if rising >= enough and (staircase or _is_clear(steps)):
        return Trend.STEADY
    return Trend.SPARSE if min(steps) >= 0 else Trend.SWINGING


def _evened(steps: Sequence[float]) -> list[float]:
    """Take the height of one step far above the others from it: something happened once."""
    usual, highest = _median(steps), max(steps)
    at = steps.index(highest) if highest > _ODD * usual > 0 else -1
    return [usual if place == at else step for place, step in enumerate(steps)]


def _slows(steps: Sequence[float]) -> bool:
    """Tell whether the second half grew less, beyond what the scatter in both halves explains."""
    half = len(steps) // 2
    early, late = steps[:half], steps[-half:]
    first, second = sum(early), sum(late)
    if second < _HALF * first:
        return True
    error = math.sqrt(half * (_variance(early) + _variance(late)))
    return second < _NEARLY * first and first - second > _SURE * error


def _is_clear(steps: Sequence[float]) -> bool:
    """Tell a climb from a walk, whose steps scatter as much as they climb; one step may be odd."""
    centre = _median(steps)
    kept = sorted(steps, key=lambda step: abs(step - centre))[:-1]
    mean = sum(kept) / len(kept)
    return mean > _CLEAR * math.sqrt(_variance(kept) / len(kept))


def _climbs(steps: Sequence[float]) -> bool:
    """Tell whether no step falls and nearly all rise: then no noise hides the growth."""
    return min(steps) >= 0 and sum(step > 0 for step in steps) >= len(steps) - 1


def _scatter(values: Sequence[float], slope: float, places: Sequence[float]) -> float:
    rests = [value - slope * at for at, value in zip(places, values, strict=True)]
    centre = _median(rests)
    return _NORMAL * _median([abs(rest - centre) for rest in rests])


def _deepest_fall(values: Sequence[float]) -> float:
    return max(top - value for top, value in zip(accumulate(values, max), values, strict=True))


def _variance(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _median(values: Sequence[float]) -> float:
    ordered, half = sorted(values), len(values) // 2
    return (ordered[half] + ordered[-half - 1]) / 2
