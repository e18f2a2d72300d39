"""How a cost grows with the size of the input: the class that the figures speak for."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING

from paceline.errors import MeasureError, UsageError
from paceline.model import Estimate
from paceline.stats.distribution import t_quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["CLASSES", "WORSE", "Complexity", "fit"]

_GROWTH: dict[str, Callable[[float], float]] = {
    "O(1)": lambda _size: 1.0,
    "O(log n)": math.log2,
    "O(n)": lambda size: size,
    "O(n log n)": lambda size: size * math.log2(size),
    "O(n^2)": lambda size: size**2,
    "O(n^3)": lambda size: size**3,
}
CLASSES = tuple(_GROWTH)
WORSE = "worse than O(n^3)"
_FITTING = 0.5  # below it costs are off by half on average, and no class speaks for them


_FEWEST = 3  # sizes: two parameters and one degree of freedom
_SURE = 5.0  # degrees of freedom times log ratio of misfits: clearly better beyond
_SAME = 0.01  # relative misfit below which two classes tell nothing
_STEP = 4.0  # a step in size over which steepness is judged
_STEEPER = 0.3  # power of n by which the end may outgrow a class
_ROUNDS = 12
_SINGULAR = 1e-12
_LEAST = 1e-9  # of a cost: a fit of nothing has no logarithm


@dataclass(frozen=True, slots=True)
class Complexity:
    """A fit ``constant + coefficient · g(n)`` of costs, in their unit, to the sizes n.

    ``name`` is one of `CLASSES` or `WORSE`; ``goodness`` is 1 minus the root mean
    square of the residuals of the logarithms (0.97 for 3 % noise, 0 at worst); ``exponent`` is
    the slope of log cost over log size with its 95 % interval, the constant included;
    ``per_item_ratio`` is the cost per item at the largest size over that at the smallest.
    """

    name: str
    coefficient: float
    constant: float
    goodness: float
    exponent: Estimate
    per_item_ratio: float
    sizes: tuple[float, ...]
    costs: tuple[float, ...]

    def at_most(self, name: str) -> bool:
        """Tell whether the cost grows like this class or slower: ``at_most("O(n)")``.

        Raises:
            UsageError: the class is none of `CLASSES`.
            MeasureError: no class fits these costs, so that either answer would be a guess.
        """
        if name not in CLASSES:
            raise UsageError(
                f"{name!r} is no complexity class", remedy=f"known: {', '.join(CLASSES)}"
            )
        if self.name == WORSE:
            return False
        if self.goodness < _FITTING:
            return self._by_exponent(name)
        return CLASSES.index(self.name) <= CLASSES.index(name)

    def _by_exponent(self, name: str) -> bool:
        """Decide by the slope where no class fits, if the slope is sure enough."""
        growth = [max(_GROWTH[name](size), 1.0) for size in self.sizes]
        slope = _exponent(list(zip(self.sizes, growth, strict=True))).point
        if self.exponent.low > slope or self.exponent.high <= slope:
            return self.exponent.high <= slope
        raise MeasureError(
            f"no class fits these costs: {self.name} has a goodness of {self.goodness:.2f}",
            remedy="measure more sizes, closer together, or assert per_item_ratio",
        )


@dataclass(frozen=True, slots=True)
class _Fit:
    name: str
    coefficient: float
    constant: float
    misfit: float  # sum of squared residuals of the logarithms


def fit(sizes: Sequence[float], costs: Sequence[float]) -> Complexity:
    """Fit every class and choose the simplest that no richer one beats clearly.

    Relative least squares with neither parameter below zero; misfit is the sum of squared residuals
    of the logarithms. A richer class is clearly better when (n - 2) · log of the ratio of misfits
    exceeds 5, misfits of 1 % aside. A class is out when the cost ends steeper than it can.

    Raises:
        MeasureError: fewer than three sizes differ, a size is below 1 or a cost is not positive.
        UsageError: sizes and costs differ in number.
    """
    _check(sizes, costs)
    points = sorted(zip(map(float, sizes), map(float, costs), strict=True))
    fits = [_fit(name, points) for name in CLASSES if not _outgrown(name, points)]
    if not fits:
        fits = [dataclasses.replace(_fit(CLASSES[-1], points), name=WORSE)]
    floor = len(points) * _SAME**2
    best = min(found.misfit for found in fits) + floor
    chosen = next(
        found
        for found in fits
        if (len(points) - 2) * math.log((found.misfit + floor) / best) <= _SURE
    )
    (least, cheapest), (most, dearest) = points[0], points[-1]
    return Complexity(
        name=chosen.name,
        coefficient=chosen.coefficient,
        constant=chosen.constant,
        goodness=max(0.0, 1 - math.sqrt(chosen.misfit / len(points))),
        exponent=_exponent(points),
        per_item_ratio=(dearest / most) / (cheapest / least),
        sizes=tuple(size for size, _ in points),
        costs=tuple(cost for _, cost in points),
    )


def _check(sizes: Sequence[float], costs: Sequence[float]) -> None:
    if len(sizes) != len(costs):
        raise UsageError(f"{len(sizes)} sizes and {len(costs)} costs do not pair up")
    if len(set(sizes)) < _FEWEST:
        raise MeasureError(
            f"{len(set(sizes))} different sizes can't tell how a cost grows",
            remedy="measure at least three sizes, each ten times the one before",
        )
    if min(sizes) < 1:
        raise MeasureError(f"the size {min(sizes):g} is below 1", remedy="measure sizes from 1 on")
    if not all(map(math.isfinite, (*sizes, *costs))):
        raise MeasureError("a size or a cost is no finite number", remedy="measure it again")
    if not min(costs) > 0:
        raise MeasureError(
            f"the cost {min(costs):g} is not positive", remedy="measure larger sizes or more calls"
        )


def _outgrown(name: str, points: Sequence[tuple[float, float]]) -> bool:
    """Tell whether the cost ends steeper than a class can be, whatever its constant."""
    size, cost = points[-1]
    before = [point for point in points if point[0] <= size / _STEP] or points[:1]
    growth = _GROWTH[name]
    reference = growth(before[-1][0])
    if not reference:
        return False
    excess = math.log(cost / before[-1][1]) - math.log(growth(size) / reference)
    return excess > _STEEPER * math.log(size / before[-1][0])


def _fit(name: str, points: Sequence[tuple[float, float]]) -> _Fit:
    """Fit one class; weights 1/(cost · fit) keep a class that fits badly from shrinking to 0."""
    growth = _GROWTH[name]
    largest = growth(points[-1][0])
    grown = [growth(size) / largest for size, _ in points]
    costs = [cost for _, cost in points]
    model = costs
    for _ in range(_ROUNDS):
        constant, coefficient = _solve(grown, costs, model)
        straight = [constant + coefficient * part for part in grown]
        model = [max(on, _LEAST * cost) for on, cost in zip(straight, costs, strict=True)]
    residuals = [math.log(found / cost) for found, cost in zip(model, costs, strict=True)]
    return _Fit(name, coefficient / largest, constant, _product(residuals, residuals))


def _solve(
    grown: Sequence[float], costs: Sequence[float], model: Sequence[float]
) -> tuple[float, float]:
    """Give constant and coefficient, neither below zero, of least weighted squares."""
    weights = [1 / (cost * fitted) for cost, fitted in zip(costs, model, strict=True)]
    weighted = list(map(mul, weights, grown))
    a, b, c = math.fsum(weights), math.fsum(weighted), _product(weighted, grown)
    u, v = _product(weights, costs), _product(weighted, costs)
    determinant = a * c - b * b
    if determinant <= _SINGULAR * a * c:
        return u / a, 0.0
    constant, coefficient = (u * c - v * b) / determinant, (v * a - u * b) / determinant
    if constant < 0:
        return 0.0, v / c
    if coefficient < 0:
        return u / a, 0.0
    return constant, coefficient


def _product(first: Sequence[float], second: Sequence[float]) -> float:
    return math.fsum(map(mul, first, second))


def _exponent(points: Sequence[tuple[float, float]]) -> Estimate:
    """Fit a straight line to log cost over log size; Student's t on its slope."""
    x = [math.log(size) for size, _ in points]
    y = [math.log(cost) for _, cost in points]
    count = len(points)
    middle_x, middle_y = math.fsum(x) / count, math.fsum(y) / count
    from_x, from_y = [v - middle_x for v in x], [v - middle_y for v in y]
    square = _product(from_x, from_x)
    slope = _product(from_x, from_y) / square
    residuals = [b - slope * a for a, b in zip(from_x, from_y, strict=True)]
    error = math.sqrt(_product(residuals, residuals) / (count - 2) / square)
    reach = t_quantile(0.975, count - 2) * error
    method = f"log-log slope, {count} points"
    return Estimate(slope, slope - reach, slope + reach, 0.95, method)
