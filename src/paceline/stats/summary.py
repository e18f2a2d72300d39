"""What a table shows about the values of one measurement: centre, spread, tails, outliers.

There is one definition of a quantile in Paceline: Hazen's (1914; type 5 of Hyndman and Fan, 1996,
doi:10.2307/2684934; ``method="hazen"`` in NumPy). At 25, 50 and 75 % it equals the quartiles and
the median of pytest-benchmark, and it serves every other percentile as well.
"""

from __future__ import annotations

import difflib
import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING

from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "STATISTICS",
    "Summary",
    "deviation",
    "mean",
    "quantile",
    "share",
    "statistic",
    "summarise",
]

STATISTICS = (
    "min",
    "max",
    "mean",
    "stddev",
    "median",
    "iqr",
    "q1",
    "q3",
    "p90",
    "p95",
    "p99",
    "ops",
    "total",
    "rounds",
    "iqr_outliers",
    "stddev_outliers",
    "outliers",
    "ld15iqr",
    "hd15iqr",
)

_SHARES = {"median": 0.5, "q1": 0.25, "q3": 0.75}
_PERCENTILE = re.compile(r"(?:p_?|q_|q(?=\d\d))(\d+(?:\.\d+)?)")
_FENCE = 1.5  # Tukey (1977): beyond 1.5 interquartile ranges a value is an outlier


@dataclass(frozen=True, slots=True)
class Summary:
    """The statistics of one series of values, in its unit (``ops`` per unit, counts plain).

    ``stddev`` divides by n - 1 (0 for one value); ``iqr_outliers`` lie beyond 1.5 ``iqr`` outside
    the quartiles, ``stddev_outliers`` beyond one ``stddev`` from the mean, ``outliers`` is the text
    of both; ``ld15iqr`` and ``hd15iqr`` are the lowest and highest values that are no
    ``iqr_outliers``.
    """

    min: float
    max: float
    mean: float
    stddev: float
    median: float
    iqr: float
    q1: float
    q3: float
    p90: float
    p95: float
    p99: float
    ops: float
    total: float
    rounds: int
    iqr_outliers: int
    stddev_outliers: int
    outliers: str
    ld15iqr: float
    hd15iqr: float


def summarise(values: Sequence[float]) -> Summary:
    """Compute every statistic at once, in the unit of the values.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values to summarise")
    ordered = sorted(values)
    centre = mean(values)
    spread = deviation(values)
    low, middle, high = (quantile(ordered, part) for part in (0.25, 0.5, 0.75))
    reach = _FENCE * (high - low)
    first, end = bisect_left(ordered, low - reach), bisect_right(ordered, high + reach)
    inside = bisect_right(ordered, centre + spread) - bisect_left(ordered, centre - spread)
    rounds = len(ordered)
    beyond_iqr, beyond_stddev = rounds - (end - first), rounds - inside
    return Summary(
        min=ordered[0],
        max=ordered[-1],
        mean=centre,
        stddev=spread,
        median=middle,
        iqr=high - low,
        q1=low,
        q3=high,
        p90=quantile(ordered, 0.90),
        p95=quantile(ordered, 0.95),
        p99=quantile(ordered, 0.99),
        ops=1 / centre if centre else 0.0,
        total=math.fsum(values),
        rounds=rounds,
        iqr_outliers=beyond_iqr,
        stddev_outliers=beyond_stddev,
        outliers=f"{beyond_stddev};{beyond_iqr}",
        ld15iqr=ordered[first],
        hd15iqr=ordered[end - 1],
    )


def statistic(values: Sequence[float], name: str) -> float:
    """Compute one statistic by its name: any of `STATISTICS`, or a percentile as in ``p99.9``.

    ``q_95`` and ``q95`` mean ``p95``.

    Raises:
        UsageError: no statistic has this name, or it is a text (``outliers``).
        ValueError: there are no values.
    """
    part = share(name)
    if not values:
        raise ValueError("no values to summarise")
    if part is not None:
        return quantile(sorted(values), part)
    simple = _SIMPLE.get(name)
    return float(simple(values) if simple else getattr(summarise(values), name))


def share(name: str) -> float | None:
    """Give the share of values below a quantile by its name (0.95 for ``p95``), None for others.

    Raises:
        UsageError: no statistic has this name, or it is a text (``outliers``).
    """
    if name in _SHARES:
        return _SHARES[name]
    match = _PERCENTILE.fullmatch(name)
    if match is not None and 0 < float(match[1]) < 100:  # noqa: PLR2004  (per cent)
        return float(match[1]) / 100
    if name == "outliers":
        raise UsageError(
            "'outliers' is a text of two counts, no number",
            remedy="use 'iqr_outliers' or 'stddev_outliers'",
        )
    if name not in STATISTICS:
        near = difflib.get_close_matches(name, STATISTICS, n=1, cutoff=0.5)
        start = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"{name!r} is no statistic",
            remedy=f"{start}known: {', '.join(STATISTICS)}, any percentile as in 'p99.9'",
        )
    return None


def quantile(ordered: Sequence[float], part: float) -> float:
    """Interpolate the quantile of ascending values at ``part`` in 0…1 by Hazen's definition."""
    position = len(ordered) * part - 0.5
    below = math.floor(position)
    if below < 0:
        return ordered[0]
    if below >= len(ordered) - 1:
        return ordered[-1]
    start, step = ordered[below], position - below
    return start + step * (ordered[below + 1] - start) if step else start


def mean(values: Sequence[float]) -> float:
    """Compute the arithmetic mean from a correctly rounded sum, never outside the values."""
    centre = math.fsum(values) / len(values)
    return min(max(centre, min(values)), max(values))


def deviation(values: Sequence[float]) -> float:
    """Compute the standard deviation over n - 1 in two passes, 0 for one value."""
    if len(values) == 1:
        return 0.0
    centre = mean(values)
    distances = [value - centre for value in values]
    return math.sqrt(math.fsum(map(mul, distances, distances)) / (len(values) - 1))


def _ops(values: Sequence[float]) -> float:
    centre = mean(values)
    return 1 / centre if centre else 0.0


_SIMPLE: dict[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "max": max,
    "mean": mean,
    "stddev": deviation,
    "total": math.fsum,
    "ops": _ops,
    "rounds": len,
}
