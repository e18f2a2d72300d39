import math
import random

import numpy as np
import pytest
from scipy import special, stats

from paceline.stats.paired import pairs_estimate, trimmed
from paceline.stats.paired_spread import digamma, trigamma
from paceline.stats.sequential import _levels, design

LOOKS = (4, 5, 6, 8, 10, 12, 16, 20, 24)
WALKS = 1_000_000


@pytest.mark.parametrize(
    ("count", "constant"), [(2, 2.178), (3, 2.289), (4, 2.361), (5, 2.413), (10, 2.555)]
)
def test_pococks_spending_gives_his_constant(count: int, constant: float) -> None:
    # table 2.1 of Jennison and Turnbull (2000), two-sided 5 %
    looks = tuple(range(1, count + 1))
    spent = _crossed([constant] * count)
    assert spent[-1] == pytest.approx(0.05, abs=2e-4)
    bounds = [stats.norm.isf(level / 2) for level in _levels(spent, looks)]
    assert bounds == pytest.approx([constant] * count, abs=2e-3)


@pytest.mark.parametrize(("count", "constant"), [(2, 1.977), (3, 2.004), (5, 2.040)])
def test_obrien_and_flemings_spending_gives_their_constant(count: int, constant: float) -> None:
    # table 2.3 of Jennison and Turnbull (2000), two-sided 5 %
    looks = tuple(range(1, count + 1))
    wanted = [constant * math.sqrt(count / look) for look in looks]
    spent = _crossed(wanted)
    assert spent[-1] == pytest.approx(0.05, abs=2e-4)
    bounds = [stats.norm.isf(level / 2) for level in _levels(spent, looks)]
    assert bounds == pytest.approx(wanted, abs=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("error", [0.01, 0.05])
def test_so_many_walks_have_crossed_by_each_look(error: float) -> None:
    noise = np.random.default_rng(11)
    bounds = [stats.norm.isf(level / 2) for level in design(error=error, looks=LOOKS).levels]
    walk, crossed = np.zeros(WALKS), np.zeros(WALKS, dtype=bool)
    for before, look, bound in zip((0, *LOOKS), LOOKS, bounds, strict=False):
        walk += math.sqrt(look - before) * noise.standard_normal(WALKS)
        crossed |= np.abs(walk) > bound * math.sqrt(look)
        due = error * look / LOOKS[-1]
        assert crossed.mean() == pytest.approx(due, abs=4 * math.sqrt(due / WALKS))


@pytest.mark.parametrize("count", [2, 5, 7])
def test_the_interval_of_few_pairs_is_students(count: int) -> None:
    logs = _logs(count)
    ends = stats.ttest_1samp(logs, 0).confidence_interval(0.9)
    found = pairs_estimate(logs, level=0.9)
    assert (math.log(found.low), math.log(found.high)) == pytest.approx(tuple(ends))


@pytest.mark.parametrize("count", [8, 13, 24])
def test_the_interval_of_more_pairs_is_yuens(count: int) -> None:
    logs, off = _logs(count), count // 6
    found = pairs_estimate(logs, level=0.9)
    reach = stats.t.ppf(0.95, count - 2 * off - 1) * _yuen(logs, off)
    assert trimmed(logs).centre == pytest.approx(stats.trim_mean(logs, 1 / 6))
    assert math.log(found.high / found.low) / 2 == pytest.approx(reach)


def test_digamma_and_trigamma_are_those_of_scipy() -> None:
    for x in (0.01, 0.3, 1.0, 1.5, 6.0, 7.99, 8.0, 50.0):
        assert digamma(x) == pytest.approx(special.digamma(x), rel=1e-9, abs=1e-10)
        assert trigamma(x) == pytest.approx(special.polygamma(1, x), rel=1e-9)


def _logs(count: int) -> list[float]:
    noise = random.Random(count)  # noqa: S311  (seeded data, no secret)
    return [noise.gauss(0.01, 0.02) for _ in range(count)]


def _crossed(bounds: list[float]) -> tuple[float, ...]:
    """Give the probability that a walk has left the bounds by each look, on a plain grid."""
    grid, step = np.linspace(-12, 12, 801, retstep=True)
    kernel = stats.norm.pdf(grid[:, None] - grid[None, :]) * step
    density, crossed = stats.norm.pdf(grid), [0.0]
    for look, bound in enumerate(bounds, 1):
        inside = np.clip((bound * math.sqrt(look) - np.abs(grid)) / step + 0.5, 0, 1)
        crossed.append(crossed[-1] + float(((1 - inside) * density).sum() * step))
        density = kernel @ (density * inside)
    return tuple(crossed[1:])


def _yuen(logs: list[float], off: int) -> float:
    """Give the standard error of a trimmed mean from the variance of the Winsorised logs."""
    ordered = np.sort(logs)
    pulled = np.clip(ordered, ordered[off], ordered[len(logs) - 1 - off])
    kept = len(logs) - 2 * off
    return math.sqrt(pulled.var() * len(logs) / (kept * (kept - 1)))
