"""Quantiles of the distributions that intervals need: normal, Student's t, binomial proportion."""

from __future__ import annotations

import functools
import math

__all__ = ["clopper_pearson_upper", "normal_quantile", "t_quantile"]

_ROOT_TWO = math.sqrt(2)
_STEPS = 64
_TINY = 1e-300
_CONVERGED = 1e-9  # relative step; Newton's method squares it once more
_CENTRAL = 0.25  # tails larger than this are reckoned from the centre
_NEARLY_NORMAL = 2e4  # degrees of freedom beyond which the expansion is exact to 1e-12


def normal_quantile(p: float) -> float:
    """Give the standard normal quantile at probability ``p``.

    Newton's method on the complementary error function from Abramowitz and Stegun (1964), 26.2.23.

    Raises:
        ValueError: ``p`` is not between 0 and 1.
    """
    _check(p)
    if p > 0.5:  # noqa: PLR2004  (the centre of symmetry)
        return -normal_quantile(1 - p)
    scale = math.sqrt(-2 * math.log(p))
    x = (2.515517 + 0.802853 * scale + 0.010328 * scale**2) / (
        1 + 1.432788 * scale + 0.189269 * scale**2 + 0.001308 * scale**3
    ) - scale
    for _ in range(4):
        density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        # near the centre the distance to 1/2 is exact where the tail would be rounded
        far = math.erfc(-x / _ROOT_TWO) / 2 - p
        near = math.erf(x / _ROOT_TWO) / 2 + (0.5 - p)
        x -= (near if p > _CENTRAL else far) / density
    return x


@functools.lru_cache(maxsize=512)
def t_quantile(p: float, df: float) -> float:
    """Give the quantile of Student's t at probability ``p`` for ``df`` >= 1 degrees of freedom.

    Solves the regularised incomplete beta function (Abramowitz and Stegun, 1964, 26.5.27, 26.7.1)
    by Newton's method; from 20 000 degrees on by the expansion 26.7.5. Relative error below 1e-9
    for p from 1e-100.

    Raises:
        ValueError: ``p`` is not between 0 and 1, or ``df`` is below 1.
    """
    _check(p)
    if not df >= 1:
        raise ValueError(f"at least one degree of freedom is needed, got {df}")
    if p == 0.5:  # noqa: PLR2004  (the centre of symmetry)
        return 0.0
    if p < 0.5:  # noqa: PLR2004  (the centre of symmetry)
        return -_upper_t(p, df)
    return _upper_t(1 - p, df)


def clopper_pearson_upper(successes: int, trials: int, level: float) -> float:
    """Give the one-sided upper confidence bound of a proportion.

    Exact: Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404.

    Raises:
        ValueError: ``level`` is not between 0 and 1, or not 0 <= successes <= trials > 0.
    """
    _check(level)
    if not 0 <= successes <= trials or not trials:
        raise ValueError(f"{successes} of {trials} is no proportion")
    if successes == trials:
        return 1.0
    low, high = successes / trials, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _beta(middle, successes + 1, trials - successes) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _check(p: float) -> None:
    if not 0 < p < 1:
        raise ValueError(f"a probability between 0 and 1 is needed, got {p}")


def _upper_t(tail: float, df: float) -> float:
    """Give the t that ``tail`` <= 0.5 of the distribution exceeds."""
    z = -normal_quantile(tail)
    x = _expansion(z, df)
    if df >= _NEARLY_NORMAL:
        return x
    # Newton's method in logarithms: tail and centre are nearly straight in them for any df
    x = max(x, z)
    central = tail > _CENTRAL
    wanted = 0.5 - tail if central else tail
    step = 1.0
    while abs(step) > _CONVERGED:
        found = _centre(x, df) if central else _tail(x, df)
        slope = x * _density(x, df) / found * (1 if central else -1)
        step = (math.log(wanted) - math.log(found)) / slope
        x *= math.exp(max(-2.0, min(2.0, step)))
    return x


def _expansion(z: float, df: float) -> float:
    square = z * z
    return z * (
        1
        + (square + 1) / (4 * df)
        + ((5 * square + 16) * square + 3) / (96 * df**2)
        + (((3 * square + 19) * square + 17) * square - 15) / (384 * df**3)
    )


def _density(x: float, df: float) -> float:
    start = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(df * math.pi) / 2
    return math.exp(start - (df + 1) / 2 * math.log1p(x * x / df))


def _tail(x: float, df: float) -> float:
    """Give the probability above x > 0."""
    square = x * x
    return _beta(df / (df + square), df / 2, 0.5) / 2


def _centre(x: float, df: float) -> float:
    """Give the probability between 0 and x > 0."""
    square = x * x
    return _beta(square / (df + square), 0.5, df / 2) / 2


def _beta(x: float, a: float, b: float) -> float:
    """Give the regularised incomplete beta function I_x(a, b)."""
    start = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(start + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction 26.5.8 by Lentz's method (1976, doi:10.1364/AO.15.000668)."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    step = 0
    while True:
        step += 1
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        d, c = 1 / _away(1 + even * d), _away(1 + even / c)
        value *= d * c
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        d, c = 1 / _away(1 + odd * d), _away(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < 1e-15:  # noqa: PLR2004  (rounding)
            return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
