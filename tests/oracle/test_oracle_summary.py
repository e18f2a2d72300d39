import random
import statistics

import numpy as np
import pytest
from scipy import stats

from paceline.stats.summary import statistic, summarise

SOURCE = random.Random(11)  # noqa: S311  (seeded data, no secret)
LENGTHS = [1, 2, 3, 4, 5, 6, 7, 50, 101, 1000, 1003]
SERIES = [[SOURCE.lognormvariate(-10, 1) for _ in range(count)] for count in LENGTHS]


@pytest.mark.parametrize("values", SERIES, ids=len)
def test_centre_and_spread_are_those_of_the_standard_library(values: list[float]) -> None:
    found = summarise(values)
    assert found.mean == pytest.approx(statistics.mean(values), rel=1e-15)
    assert found.median == pytest.approx(statistics.median(values), rel=1e-15)
    expected = statistics.stdev(values) if len(values) > 1 else 0.0
    assert found.stddev == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("values", SERIES, ids=len)
def test_quantiles_are_those_numpy_and_scipy_name_hazen(values: list[float]) -> None:
    for percent in (0.1, 5, 25, 50, 75, 90, 95, 99, 99.9):
        found = statistic(values, f"p{percent}")
        expected = np.percentile(values, percent, method="hazen")
        assert found == pytest.approx(expected, rel=1e-12)
        (other,) = stats.mstats.mquantiles(values, [percent / 100], alphap=0.5, betap=0.5)
        assert found == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("values", SERIES, ids=len)
def test_quartiles_are_medians_of_the_halves(values: list[float]) -> None:
    """As pytest-benchmark: halves for an even count, the mean of both methods for an odd one."""
    ordered, half = sorted(values), len(values) // 2
    if len(values) == 1:
        low, high = ordered * 2
    else:
        inner = (statistics.median(ordered[:half]), statistics.median(ordered[-half:]))
        wide = len(values) - half
        outer = (statistics.median(ordered[:wide]), statistics.median(ordered[-wide:]))
        low, high = ((a + b) / 2 for a, b in zip(inner, outer, strict=True))
    found = summarise(values)
    assert (found.q1, found.q3) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize("values", SERIES, ids=len)
def test_outliers_are_those_counted_one_by_one(values: list[float]) -> None:
    found = summarise(values)
    low, high = found.q1 - 1.5 * found.iqr, found.q3 + 1.5 * found.iqr
    inside = [value for value in values if low <= value <= high]
    assert found.iqr_outliers == len(values) - len(inside)
    assert (found.ld15iqr, found.hd15iqr) == (min(inside), max(inside))
    far = [value for value in values if abs(value - found.mean) > found.stddev]
    assert found.stddev_outliers == len(far)
