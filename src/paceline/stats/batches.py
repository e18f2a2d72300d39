"""How far the mean of consecutive figures may be off when neighbours resemble each other.

Rounds taken back to back in one process are not independent: a slow moment of the machine spans
many of them, and the textbook error of a mean comes out too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul, sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FEWEST", "MOST", "Spread", "batch_size", "likeness", "means", "spread"]

FEWEST = 16  # batches that merging leaves at least
MOST = 32  # batches before merging, and up to twice as many
_DOUBT = 1.28  # standard normal, one-sided 10 %: the least doubt merges batches
_STRONGEST = 0.9  # likeness beyond which the data can't tell how bad it is
_FREEDOM = 3.0  # degrees of freedom left at the worst likeness


@dataclass(frozen=True, slots=True)
class Spread:
    """The standard ``error`` of a mean, its degrees of ``freedom`` and the ``batches`` it is from.

    ``size`` is the number of figures in a batch.
    """

    error: float
    freedom: float
    batches: int
    size: int


def batch_size(count: int) -> int:
    """Give the batch size that makes `MOST` batches or up to twice as many of ``count`` values."""
    return max(1, count // MOST)


def means(values: Sequence[float], size: int) -> list[float]:
    """Average batches of ``size`` consecutive values; a remainder is left out at the start."""
    if size == 1:
        return list(values)
    starts = range(len(values) % size, len(values), size)
    return [math.fsum(values[start : start + size]) / size for start in starts]


def spread(figures: Sequence[float]) -> Spread:
    """Estimate the standard error of the mean of consecutive figures, two at least.

    Batch means (Conway, 1963, doi:10.1287/mnsc.10.1.47): while von Neumann's ratio (1941,
    doi:10.1214/aoms/1177731677) finds neighbours alike, they are merged, down to `FEWEST` batches.
    The likeness that is left, freed of its bias (Marriott and Pope, 1954,
    doi:10.1093/biomet/41.3-4.390), widens the error and takes degrees of freedom as that of a
    first-order autoregression would (Tafazzoli, Steiger and Wilson, 2011,
    doi:10.1109/TAC.2010.2052137).
    """
    batches, size = list(figures), 1
    while len(batches) >= 2 * FEWEST and likeness(batches) > _DOUBT / math.sqrt(len(batches)):
        batches, size = means(batches, 2), size * 2
    count = len(batches)
    variance = _squares(batches) / (count - 1)
    left = _left(batches)
    widening = (1 + left) / (1 - left)
    return Spread(
        error=math.sqrt(variance / count * widening),
        freedom=min(max(_FREEDOM, (count - 1) / widening), count - 1),
        batches=count,
        size=size,
    )


def likeness(figures: Sequence[float]) -> float:
    """Give the correlation of neighbours by von Neumann's ratio: 0 for independent figures."""
    total = _squares(figures)
    if not total:
        return 0.0
    steps = list(map(sub, figures[1:], figures))
    return 1 - math.fsum(map(mul, steps, steps)) / (2 * total)


def _left(batches: Sequence[float]) -> float:
    count = len(batches)
    if count < 3:  # noqa: PLR2004  (two figures always look unlike)
        return 0.0
    found = likeness(batches)
    return min(max(0.0, found + (1 + 3 * found) / count), _STRONGEST)


def _squares(figures: Sequence[float]) -> float:
    if min(figures) == max(figures):
        return 0.0  # not what rounding makes of it
    centre = math.fsum(figures) / len(figures)
    distances = [figure - centre for figure in figures]
    return math.fsum(map(mul, distances, distances))
