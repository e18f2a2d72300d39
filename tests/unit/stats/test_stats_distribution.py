import math

import pytest

from paceline.stats.distribution import clopper_pearson_upper, normal_quantile, t_quantile


@pytest.mark.parametrize(
    ("p", "df", "expected"),
    [
        (0.5, 7, 0.0),
        (0.75, 1, 1.0),
        (0.25, 1, -1.0),
        (0.975, 2, 0.95 / math.sqrt(0.025 * 0.975 * 2)),
        (0.975, 10, 2.2281388519649385),
        (0.6, 4, 0.2707222948),
        (1e-100, 1, -1 / math.tan(math.pi * 1e-100)),
        (0.975, 50_000, 1.96001143109368),
        (0.975, math.inf, 1.959963984540054),
    ],
)
def test_t_quantile_agrees_with_closed_forms_and_tables(
    p: float, df: float, expected: float
) -> None:
    assert t_quantile(p, df) == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    ("p", "expected"), [(0.5, 0.0), (0.975, 1.959963984540054), (0.001, -3.090232306167813)]
)
def test_normal_quantile_agrees_with_tables(p: float, expected: float) -> None:
    assert normal_quantile(p) == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_a_probability_outside_0_to_1_is_refused(p: float) -> None:
    for quantile in (normal_quantile, lambda p: t_quantile(p, 5)):
        with pytest.raises(ValueError, match="between 0 and 1"):
            quantile(p)


@pytest.mark.parametrize("df", [0.0, -1.0, math.nan])
def test_there_is_at_least_one_degree_of_freedom(df: float) -> None:
    with pytest.raises(ValueError, match="at least one"):
        t_quantile(0.9, df)


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),
    [(0, 120, 1 - 0.05 ** (1 / 120)), (3, 3, 1.0), (1, 2, math.sqrt(0.95)), (5, 10, 0.7775588989)],
)
def test_the_upper_bound_of_a_proportion_is_exact(
    successes: int, trials: int, expected: float
) -> None:
    assert clopper_pearson_upper(successes, trials, 0.95) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 3), (4, 3), (0, 0)])
def test_no_bound_without_a_proportion(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        clopper_pearson_upper(successes, trials, 0.95)
