"""Where the level of a series moved: change points in a history of figures.

A candidate must pass three questions. Is the step beyond noise, given that the best of all places
was searched for, and that neighbours resemble each other? Do the values themselves lie on either
side of the step, more often than the mixture of all would put them there by chance (two levels
that take turns, or a burst of spikes, move a mean without being a step)? Is it large enough to be
seen among the noise, and to matter? The weakest is dropped first, as it may be the shadow of
another.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from paceline.model import Estimate
from paceline.stats.distribution import t_quantile
from paceline.stats.steps import Sums, candidates, clipped, on_relative_scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["RECENT", "SHORTEST", "ChangePoint", "Detector", "Rule", "detect"]

SHORTEST = 5
"""Values that a level needs before it is one."""

RECENT = 120
"""Values that `Detector.append` looks back on."""

_ROUNDS = 8  # at most so many goes of dropping and adding
_PRIOR = 10.0  # values' worth of the common variance that a stretch's own is mixed with
_CALM = 30.0  # the same where a stretch is calmer than the rest, which few values often are
_NEAR = 200  # values next to a step that show on which side of it they lie
_STRONGEST = 0.9  # likeness of neighbours beyond which the data can't tell how bad it is
_ROUNDING = 1e-18  # variance that rounding alone may leave, relative values
_FREEDOMS = (13, 16, 20, 25, 32, 40, 50, 64, 80, 100, 128, 200, 1000)
_LEVEL = 0.95  # of the interval of a step's size
_SURE = 0.99  # of the places where a step may be, normal noise; skewed noise leaves less of it


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a step a change point.

    ``false_alarms`` is the chance of any in a series without a step; ``threshold`` the smallest
    relative step that matters (0.01 for 1 %); ``visible`` the smallest step in standard deviations
    of the noise, as a drift or a long memory passes for small steps.
    """

    false_alarms: float = 0.01
    threshold: float = 0.01
    visible: float = 1.25


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A step in a series: ``index`` is that of the first value of the new level.

    ``size`` is the relative change of the level (0.05 for 5 % more). The new level began from
    ``earliest`` to ``latest``, at 90 % confidence or more. ``strength`` is the evidence over what
    was needed: 1 is just enough.
    """

    index: int
    size: Estimate
    strength: float
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class _Noise:
    """The ``variance`` around the levels and the ``likeness``, a correlation, of neighbours."""

    variance: float
    likeness: float


class Detector:
    """Detects change points while a series grows.

    `append` looks at the newest `RECENT` values only and so takes the same time however long the
    series is: it sees a step that these show, and may miss a small one that needs more of the past,
    or see one that all of the past explains away. `points` is always what `detect` gives for all
    values.
    """

    def __init__(self, values: Iterable[float] = (), *, rule: Rule | None = None) -> None:
        self._values = list(values)
        self._rule = rule or Rule()
        self._points: tuple[ChangePoint, ...] | None = None

    def append(self, value: float) -> tuple[ChangePoint, ...]:
        """Add the next value and give the change points that the newest values show.

        Raises:
            ValueError: the value is not finite.
        """
        _check((value,))
        self._values.append(value)
        self._points = None
        start = max(0, len(self._values) - RECENT)
        return _detect(self._values[start:], self._rule, places=len(self._values), start=start)

    @property
    def points(self) -> tuple[ChangePoint, ...]:
        """The change points of all values, as `detect` gives them."""
        if self._points is None:
            self._points = detect(self._values, rule=self._rule)
        return self._points


def detect(values: Sequence[float], *, rule: Rule | None = None) -> tuple[ChangePoint, ...]:
    """Find the change points of a series, in order; the same series always gives the same ones.

    Raises:
        ValueError: a value is not finite.
    """
    _check(values)
    return _detect(values, rule or Rule(), places=len(values), start=0)


def _check(values: Iterable[float]) -> None:
    for value in values:
        if not math.isfinite(value):
            raise ValueError(f"a series needs finite values, got {value}")


def _detect(
    values: Sequence[float], rule: Rule, *, places: int, start: int
) -> tuple[ChangePoint, ...]:
    """Detect in a series, or in a part of it that begins at ``start``."""
    if len(values) < 2 * SHORTEST:
        return ()
    scaled = on_relative_scale(values)
    # rounded up, so that the quantiles of one place more are those of the last time
    judge = _Judge(scaled, rule, places=2 ** math.ceil(math.log2(places)))
    relative = min(values) > 0
    return tuple(judge.described(*at, start=start, logarithms=relative) for at in judge.decided())


class _Judge:
    """Judges candidates by the levels on both sides of them."""

    def __init__(self, values: Sequence[float], rule: Rule, *, places: int) -> None:
        self._values = values
        self._sums = Sums(clipped(values))
        self._rule = rule
        # the error is shared among all places where the best split was looked for
        self._tail = rule.false_alarms / places
        self._noise = _Noise(0.0, 0.0)
        self._splits: dict[tuple[int, int], int | None] = {}

    def decided(self) -> Iterable[tuple[int, int, int]]:
        """Give the change points, each between the ones before and after it."""
        points = candidates(self._sums, shortest=SHORTEST)
        for _ in range(_ROUNDS):
            kept = self._kept(self._moved(points))
            more = self._added(kept)
            if kept == points and not more:
                break
            points = sorted((*kept, *more))
        points = self._kept(points)
        ends = [0, *points, len(self._sums)]
        return zip(ends, ends[1:], ends[2:], strict=False)

    def described(
        self, before: int, split: int, after: int, *, start: int, logarithms: bool
    ) -> ChangePoint:
        """Describe a change point by the levels on both sides of it."""
        step, error, freedom = self._step(before, split, after)
        reach = t_quantile((1 + _LEVEL) / 2, freedom) * error
        point, low, high = step, step - reach, step + reach
        if logarithms:
            point, low, high = map(math.expm1, (point, low, high))
        method = "means of clipped logarithms" if logarithms else "means of clipped values"
        earliest, latest = self._region(before, split, after)
        return ChangePoint(
            index=start + split,
            size=Estimate(point, low, high, _LEVEL, method),
            strength=self._strength(before, split, after),
            earliest=start + earliest,
            latest=start + latest,
        )

    def _moved(self, points: Sequence[int]) -> list[int]:
        """Put each point where it explains most between its neighbours."""
        moved = [0]
        for after in (*points[1:], len(self._sums)) if points else ():
            best = self._best(moved[-1], after)
            moved += [] if best is None else [best]
        return moved[1:]

    def _kept(self, points: Sequence[int]) -> list[int]:
        """Drop the weakest point until all are strong enough.

        Levels that are none take part of the noise with them: it is measured anew after every
        eighth of the points.
        """
        kept = list(points)
        while True:
            self._noise = self._noise_around(kept)
            ends = [0, *kept, len(self._sums)]
            strengths = [self._strength(*ends[at : at + 3]) for at in range(len(kept))]
            if min(strengths, default=1.0) >= 1:
                return kept
            fewest = len(kept) * 7 // 8
            while len(kept) > fewest and min(strengths) < 1:
                weakest = strengths.index(min(strengths))
                del kept[weakest], strengths[weakest], ends[weakest + 1]
                for at in range(max(0, weakest - 1), min(weakest + 1, len(kept))):
                    strengths[at] = self._strength(*ends[at : at + 3])

    def _added(self, points: Sequence[int]) -> list[int]:
        """Look between the points for what was no candidate."""
        added = []
        ends = [0, *points, len(self._sums)]
        for before, after in pairwise(ends):
            split = self._best(before, after)
            if split is not None and self._strength(before, split, after) >= 1:
                added.append(split)
        return added

    def _best(self, before: int, after: int) -> int | None:
        """Find the split that explains most of a stretch, None where there is none inside it."""
        if (before, after) not in self._splits:
            gains = self._sums.gains(before, after, shortest=1)
            self._splits[before, after] = _peak(gains, before + 1)
        return self._splits[before, after]

    def _noise_around(self, points: Sequence[int]) -> _Noise:
        """Measure variance and likeness around the levels between points.

        A level takes its own part of the likeness away: Marriott and Pope (1954,
        doi:10.1093/biomet/41.3-4.390) give how much.
        """
        ends = [0, *points, len(self._sums)]
        stretches = list(pairwise(ends))
        squares = math.fsum(self._sums.squares(*one) for one in stretches)
        products = math.fsum(self._sums.products(*one) for one in stretches)
        count, levels = len(self._sums), len(stretches)
        variance = max(squares / (count - levels), _ROUNDING)
        found = products / squares if squares else 0.0
        unbiased = found + (1 + 3 * max(0.0, found)) * levels / count
        return _Noise(variance, min(max(0.0, unbiased), _STRONGEST))

    def _strength(self, before: int, split: int, after: int) -> float:
        """Give the least evidence for a step over what is needed; below 1 it is none."""
        step, error, freedom = self._step(before, split, after)
        rule, size = self._rule, abs(step)
        least = max(rule.threshold, rule.visible * math.sqrt(self._noise.variance))
        # so much larger than needed says nothing about being sure of it
        strength = size / error / t_quantile(1 - self._tail / 2, freedom)
        if size < least:
            return min(strength, 0.999 * size / least)
        return strength if strength < 1 else min(strength, self._apart(before, split, after))

    def _step(self, before: int, split: int, after: int) -> tuple[float, float, int]:
        """Give a step, its standard error and, rounded down, its degrees of freedom.

        Welch (1947, doi:10.1093/biomet/34.1-2.28).
        """
        first, first_freedom = self._error(before, split)
        second, second_freedom = self._error(split, after)
        total = first + second
        freedom = total**2 / (first**2 / first_freedom + second**2 / second_freedom)
        step = self._sums.mean(split, after) - self._sums.mean(before, split)
        known = _FREEDOMS[bisect_right(_FREEDOMS, freedom) - 1]
        return step, math.sqrt(total * _widening(self._noise.likeness)), known

    def _error(self, start: int, stop: int) -> tuple[float, float]:
        """Give the squared error of a level, its neighbours taken for unlike, and its freedom."""
        count, common = stop - start, self._noise.variance
        squares = self._sums.squares(start, stop)
        prior = _PRIOR if squares >= (count - 1) * common else _CALM
        freedom = count - 1 + prior
        return (squares + prior * common) / freedom / count, count - 1 + _PRIOR

    def _apart(self, before: int, split: int, after: int) -> float:
        """Give how sure it is that the shorter side's values lie beyond the longer side's.

        Beyond means past the middle of the step, spikes included. The chance that as many do so if
        the longer side rules has the bound of Chernoff (1952, doi:10.1214/aoms/1177729330); its
        logarithm over the needed one is the answer. Likeness is that of signs (Van Vleck and
        Middleton, 1966, doi:10.1109/PROC.1966.4567).
        """
        values, mean = self._values, self._sums.mean
        middle = (mean(before, split) + mean(split, after)) / 2
        sides = [
            values[max(before, split - _NEAR) : split],
            values[split : min(after, split + _NEAR)],
        ]
        shorter, longer = sorted(sides, key=len)
        above = (mean(split, after) > middle) == (shorter is sides[1])
        here, there = (
            sum(value > middle if above else value < middle for value in side)
            for side in (shorter, longer)
        )
        chance = (there + 1) / (len(longer) + 2)
        share = max(here / len(shorter), chance)
        # which side they lie on resembles less than the values do
        sides_alike = 2 / math.pi * math.asin(self._noise.likeness)
        evidence = len(shorter) / _widening(sides_alike) * _divergence(share, chance)
        return evidence / -math.log(self._tail)

    def _region(self, before: int, split: int, after: int) -> tuple[int, int]:
        """Give the first and the last place where the step may be.

        All places whose likelihood is near the best one's (Siegmund, 1988, doi:10.2307/1403360).
        """
        gains = self._sums.gains(before, after, shortest=SHORTEST)
        common = self._noise.variance * _widening(self._noise.likeness)
        near = max(gains) + 2 * common * math.log(1 - math.sqrt(_SURE))
        likely = [at for at, gain in enumerate(gains, before + SHORTEST) if gain >= near]
        return min(likely[0], split), max(likely[-1], split)


def _peak(gains: Sequence[float], first: int) -> int | None:
    """Give the split of the greatest gain that leaves `SHORTEST` values on both sides.

    ``first`` is the split of the first gain. A gain that only rises towards an end belongs to a
    level that is too short yet: a split further inside would put the step before its time.
    """
    edge = SHORTEST - 1
    inside = gains[edge : len(gains) - edge]
    if not inside:
        return None
    best = inside.index(max(inside))
    beyond = gains[:edge] if not best else ()
    if best == len(inside) - 1:
        beyond = gains[-edge:]
    return first + edge + best if max(beyond, default=0.0) <= inside[best] else None


def _widening(likeness: float) -> float:
    """Tell how many times as large likeness of neighbours makes the squared error of a mean."""
    return (1 + likeness) / (1 - likeness)


def _divergence(share: float, chance: float) -> float:
    """Give the relative entropy of two shares, in natural units."""
    rest = (1 - share) * math.log((1 - share) / (1 - chance)) if share < 1 else 0.0
    return share * math.log(share / chance) + rest
