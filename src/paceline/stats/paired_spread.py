"""What the benchmarks of one suite know about each other's spread.

Four pairs hardly know their own spread, so that their interval is three times too wide to be of
use. But the pairs of a dozen other benchmarks ran on the same machine in the same minutes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.stats import summary
from paceline.stats.paired import Spread, trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["digamma", "suite_spread", "trigamma"]

_FEWEST = 3  # cases: two tell nothing about how much spreads differ
_MOST = 12.0  # degrees of freedom lent at most: a suite is never all of one kind
_LEAST = 0.01
_HALVINGS = 40
_ASYMPTOTIC = 8.0  # beyond it the series below are exact to 1e-10


def suite_spread(cases: Sequence[Sequence[float]]) -> Spread:
    """Learn from the log ratios of all cases what the spread of one of them is like beforehand.

    The empirical Bayes estimate of Smyth (2004, doi:10.2202/1544-6115.1027, section 6.2): the more
    the cases' variances resemble each other, the more degrees of freedom are lent. None are for
    fewer than three cases with a spread.
    """
    known = [own for own in map(trimmed, filter(None, cases)) if own.variance > 0]
    if len(known) < _FEWEST:
        return Spread(0.0, 0.0)
    halves = [own.freedom / 2 for own in known]
    logs = [
        math.log(own.variance) - digamma(half) + math.log(half)
        for own, half in zip(known, halves, strict=True)
    ]
    excess = summary.deviation(logs) ** 2 - summary.mean(list(map(trigamma, halves)))
    half = _inverse(excess)
    return Spread(math.exp(summary.mean(logs) + digamma(half) - math.log(half)), 2 * half)


def _inverse(excess: float) -> float:
    """Find half the degrees of freedom whose trigamma is the excess, within what may be lent."""
    low, high = _LEAST, _MOST / 2
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        if trigamma(middle) > excess:
            low = middle
        else:
            high = middle
    return high


def digamma(x: float) -> float:
    """Give the derivative of log gamma at x > 0 (Abramowitz and Stegun, 1964, 6.3.5 and 6.3.18)."""
    total = 0.0
    while x < _ASYMPTOTIC:
        total -= 1 / x
        x += 1
    square = 1 / (x * x)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))
    return total + math.log(x) - 1 / (2 * x) - series


def trigamma(x: float) -> float:
    """Give the derivative of digamma at x > 0 (Abramowitz and Stegun, 1964, 6.4.6 and 6.4.12)."""
    total = 0.0
    while x < _ASYMPTOTIC:
        total += 1 / (x * x)
        x += 1
    square = 1 / (x * x)
    series = square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30)))
    return total + (1 + 1 / (2 * x) + series) / x
