import itertools

import pytest
from scipy import stats

from paceline.stats.distribution import clopper_pearson_upper, normal_quantile, t_quantile

TAILS = [1e-12, 1e-6, 1e-3, 0.01, 0.025, 0.1, 0.25, 0.4, 0.499]
PROBABILITIES = [*TAILS, *(1 - tail for tail in TAILS)]
FREEDOMS = [1, 1.5, 2, 3, 4.7, 10, 31, 100, 1000, 19_999, 20_001, 1e6]


@pytest.mark.parametrize("df", FREEDOMS)
def test_t_quantile_is_that_of_scipy(df: float) -> None:
    for p in PROBABILITIES:
        expected = stats.t.ppf(p, df) if p < 0.5 else stats.t.isf(1 - p, df)
        assert t_quantile(p, df) == pytest.approx(expected, rel=1e-9)


def test_normal_quantile_is_that_of_scipy() -> None:
    for p in PROBABILITIES:
        assert normal_quantile(p) == pytest.approx(stats.norm.ppf(p), rel=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_the_upper_bound_is_that_of_scipy(level: float) -> None:
    counts = [(0, 1), (0, 10_000), (1, 10), (9, 10), (37, 2000), (1999, 2000), (50_000, 100_000)]
    for successes, trials in counts:
        exact = stats.binomtest(successes, trials, alternative="less")
        expected = exact.proportion_ci(confidence_level=level, method="exact").high
        found = clopper_pearson_upper(successes, trials, level)
        assert found == pytest.approx(expected, rel=1e-8)


def test_quantile_and_distribution_invert_each_other() -> None:
    for p, df in itertools.product(TAILS, FREEDOMS):
        assert stats.t.cdf(t_quantile(p, df), df) == pytest.approx(p, rel=1e-8)
