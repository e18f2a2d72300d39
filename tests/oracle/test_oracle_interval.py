import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from paceline.stats import batches
from paceline.stats.complexity import fit
from paceline.stats.interval import estimate

SOURCE = random.Random(12)  # noqa: S311  (seeded data, no secret)
UNLIKE = [10 + (-1) ** n + SOURCE.gauss(0, 0.1) for n in range(1000)]
ALIKE = list(np.cumsum([SOURCE.gauss(0, 1) for _ in range(320)]))

STATISTICS: dict[str, Callable[[Any], float]] = {
    "stddev": lambda values: float(np.std(values, ddof=1)),
    "iqr": lambda values: float(stats.iqr(values, interpolation="hazen")),
}


def test_without_likeness_the_interval_is_the_t_interval_of_batch_means() -> None:
    means = np.asarray(UNLIKE[1000 % 31 :]).reshape(-1, 31).mean(axis=1)
    unlike = [mean * (-1) ** n for n, mean in enumerate(means)]
    found = batches.spread(unlike)
    assert found.error == pytest.approx(stats.sem(unlike), rel=1e-12)
    assert found.freedom == len(unlike) - 1


def test_batch_means_are_those_of_a_matrix() -> None:
    for size in (2, 7, 31):
        expected = np.asarray(UNLIKE[1000 % size :]).reshape(-1, size).mean(axis=1)
        assert batches.means(UNLIKE, size) == pytest.approx(expected, rel=1e-12)


def test_likeness_is_von_neumanns_ratio() -> None:
    ratio = np.sum(np.diff(ALIKE) ** 2) / np.sum((ALIKE - np.mean(ALIKE)) ** 2)
    assert batches.likeness(ALIKE) == pytest.approx(1 - ratio / 2, rel=1e-9)


def test_the_error_of_alike_figures_is_that_of_an_autoregression() -> None:
    means = np.asarray(ALIKE).reshape(-1, 16).mean(axis=1)
    left = batches.likeness(list(means))
    left = min(left + (1 + 3 * left) / 20, 0.9)
    expected = stats.sem(means) * math.sqrt((1 + left) / (1 - left))
    assert batches.spread(ALIKE).error == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", list(STATISTICS))
def test_the_jackknife_is_that_of_brute_force(name: str) -> None:
    values = np.asarray(UNLIKE[:62])
    whole = STATISTICS[name](values)
    pseudo = [62 * whole - 61 * STATISTICS[name](np.delete(values, i)) for i in range(62)]
    found = batches.spread(pseudo)
    expected = stats.t.ppf(0.975, found.freedom) * found.error
    got = estimate(list(values), name)
    assert (got.high - got.low) / 2 == pytest.approx(expected, rel=1e-6)


def test_the_exponent_is_the_slope_of_a_regression_line() -> None:
    sizes, costs = [10, 30, 100, 300, 1000], [1.0, 3.5, 9.0, 33.0, 98.0]
    line = stats.linregress(np.log(sizes), np.log(costs))
    found = fit(sizes, costs).exponent
    assert found.point == pytest.approx(line.slope, rel=1e-12)
    reach = stats.t.ppf(0.975, 3) * line.stderr
    assert (found.high - found.low) / 2 == pytest.approx(reach, rel=1e-9)
