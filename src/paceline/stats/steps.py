"""What steps in a series are looked for with: spikes clipped, sums kept, candidates found.

Everything here is O(n) or O(n log n) in the length of the series, with loops that run inside
built-in functions: ten thousand values are a usual history, and this rung has no NumPy.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import accumulate, pairwise
from operator import mul, sub
from typing import TYPE_CHECKING

from paceline.stats.summary import quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Sums", "candidates", "clipped", "on_relative_scale"]

_AROUND = 7  # values of the running median: up to three spikes in a row leave it where it was
_REACH = 3.0  # standard deviations from the running median beyond which a value is a spike
_NORMAL = 1.4826  # standard deviation over median absolute deviation, normal values
_WITHIN = 1.2  # the running median follows the noise: distances from it come out too small
_GENEROUS = 3.2  # standard errors that make a candidate; the real test comes later
_WIDER = 1.5  # factor from one window to the next
_FINE = 8  # steps to a window's width


class Sums:
    """Running sums of a series, from which a stretch's mean and spread follow in O(1).

    Stretches are half open, ``[start, stop)``. The values should lie around zero: sums of squares
    lose digits otherwise.
    """

    __slots__ = ("_counts", "_neighbours", "_squares", "_sums", "values")

    def __init__(self, values: Sequence[float]) -> None:
        self.values = values
        self._counts = list(map(float, range(len(values) + 1)))  # floats: a third of the time
        self._sums: list[float] = [0.0, *accumulate(values)]
        self._squares: list[float] = [0.0, *accumulate(map(mul, values, values))]
        self._neighbours: list[float] = [0.0, *accumulate(map(mul, values, values[1:]))]

    def __len__(self) -> int:
        return len(self.values)

    def mean(self, start: int, stop: int) -> float:
        """Average a stretch."""
        return (self._sums[stop] - self._sums[start]) / (stop - start)

    def squares(self, start: int, stop: int) -> float:
        """Sum the squared distances of a stretch from its mean."""
        total = self._sums[stop] - self._sums[start]
        return max(0.0, self._squares[stop] - self._squares[start] - total * total / (stop - start))

    def products(self, start: int, stop: int) -> float:
        """Sum the products of neighbours' distances from the mean of a stretch."""
        mean = self.mean(start, stop)
        total = self._sums[stop] - self._sums[start]
        ends = self.values[start] + self.values[stop - 1]
        crossed = self._neighbours[stop - 1] - self._neighbours[start]
        return crossed - mean * (2 * total - ends) + (stop - start - 1) * mean * mean

    def gains(self, start: int, stop: int, *, shortest: int) -> list[float]:
        """Give how much of `squares` each split of a stretch explains.

        The first split leaves ``shortest`` values before it, the last as many after it; a stretch
        too short for that has none.
        """
        first, part = self._sums[start], 1 / (stop - start)
        mean = (self._sums[stop] - first) * part
        counts = self._counts[shortest : stop - start - shortest + 1]
        return [
            (away := total - first - mean * count) * away / (count - count * count * part)
            for total, count in zip(self._sums[start + shortest : stop], counts, strict=False)
        ]

    def jumps(self, width: int, stride: int) -> list[float]:
        """Give the step between the sums of two adjoining windows, every ``stride`` places.

        The first lies ``width`` values from the start of the series.
        """
        sums = self._sums
        after, here, before = sums[2 * width :: stride], sums[width:-width:stride], sums[::stride]
        return [abs(a - h - h + b) for a, h, b in zip(after, here, before, strict=False)]


def on_relative_scale(values: Sequence[float]) -> list[float]:
    """Put values on a scale around zero where a step's size is relative.

    Logarithms; where a value is not positive, multiples of the median of the absolute values (of
    the greatest one, where that is zero).
    """
    if min(values) > 0:
        scaled = list(map(math.log, values))
    else:
        sizes = sorted(map(abs, values))
        unit = quantile(sizes, 0.5) or sizes[-1] or 1.0
        scaled = [value / unit for value in values]
    centre = quantile(sorted(scaled), 0.5)
    return [value - centre for value in scaled]


def clipped(values: Sequence[float]) -> list[float]:
    """Pull values back that lie far from the running medians before, around and after them.

    As the filter of Hampel (1974, doi:10.1080/01621459.1974.10482962), but a spike keeps its side:
    replaced by the median itself, many would look like a quiet series. A step stays where it is.
    """
    half = min(_AROUND // 2, len(values) - 1)
    around = [*values[half:0:-1], *values, *values[-2 : -half - 2 : -1]]
    width = 2 * half + 1
    medians = [sorted(around[at : at + width])[half] for at in range(len(values))]
    distances = sorted(map(abs, map(sub, values, medians)))
    spread = _NORMAL * quantile(distances, 0.5) or math.fsum(distances) / len(distances)
    reach = _REACH * _WITHIN * spread
    # beside a step with a spike, one median may belong to the other level
    known = [*medians[:1] * half, *medians, *medians[-1:] * half]
    floors = map(min, known, medians, known[2 * half :])
    ceilings = map(max, known, medians, known[2 * half :])
    return [
        low - reach if value < low - reach else min(value, high + reach)
        for value, low, high in zip(values, floors, ceilings, strict=True)
    ]


def candidates(sums: Sums, *, shortest: int) -> list[int]:
    """Find where the level may have moved: too many places rather than too few, in order.

    Moving sums at many widths (Eichinger and Kirch, 2018, doi:10.3150/16-BEJ887) find most, also
    those that a later one undoes; binary segmentation (Scott and Knott, 1974, doi:10.2307/2529204)
    of the stretches between them those that lie close to an end.
    """
    steps = sorted(abs(after - before) for before, after in pairwise(sums.values))
    noise = _NORMAL * quantile(steps, 0.5) / math.sqrt(2)
    found = _thinned(_moving(sums, noise, shortest=shortest), apart=shortest)
    ends = [0, *found, len(sums)]
    further = _segments(sums, noise, list(pairwise(ends)), shortest=shortest)
    return sorted((*found, *further))


def _segments(
    sums: Sums, noise: float, pending: list[tuple[int, int]], *, shortest: int
) -> Iterator[int]:
    enough = (_GENEROUS * noise) ** 2
    while pending:
        start, stop = pending.pop()
        gains = sums.gains(start, stop, shortest=shortest)
        best = max(gains, default=0.0)
        if best > enough:
            split = start + shortest + gains.index(best)
            pending += (start, split), (split, stop)
            yield split


def _moving(sums: Sums, noise: float, *, shortest: int) -> Iterator[int]:
    width = shortest
    while 2 * width <= len(sums):
        stride = max(1, width // _FINE)
        enough = _GENEROUS * noise * math.sqrt(2 * width)
        jumps = sums.jumps(width, stride)
        high = [at for at, jump in enumerate(jumps) if jump > enough]
        for run in _runs(high, gap=max(1, width // stride // 2)):
            yield width + stride * max(run, key=jumps.__getitem__)
        width = int(width * _WIDER)


def _runs(places: Sequence[int], *, gap: int) -> Iterator[Sequence[int]]:
    """Part places into runs of neighbours no further than ``gap`` from each other."""
    start = 0
    for at in range(1, len(places) + 1):
        if at == len(places) or places[at] - places[at - 1] > gap:
            yield places[start:at]
            start = at


def _thinned(places: Iterable[int], *, apart: int) -> list[int]:
    """Keep the first of places closer than ``apart`` to each other; give the rest in order."""
    kept: list[int] = []
    for place in places:
        at = bisect_left(kept, place)
        if all(abs(place - near) >= apart for near in kept[max(0, at - 1) : at + 1]):
            kept.insert(at, place)
    return kept
