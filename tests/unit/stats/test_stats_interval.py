import math
import random

import pytest

from paceline.errors import MeasureError, UsageError
from paceline.stats.distribution import clopper_pearson_upper
from paceline.stats.interval import estimate, half_width_to_rounds
from paceline.stats.summary import STATISTICS, statistic

NOISE = random.Random(2)  # noqa: S311  (seeded data, no secret)
VALUES = [NOISE.lognormvariate(0, 0.3) for _ in range(300)]
NUMBERS = [name for name in STATISTICS if name not in {"outliers", "rounds"}]


@pytest.mark.parametrize("name", [*NUMBERS, "p99.9"])
def test_every_statistic_has_an_interval_around_it(name: str) -> None:
    found = estimate(VALUES, name)
    assert found.point == pytest.approx(statistic(VALUES, name))
    assert found.low < found.high
    assert found.low <= found.point <= found.high
    assert 0 < found.level <= 0.95


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("mean", "batch means, 33 batches"),
        ("ops", "batch means, 33 batches"),
        ("median", "order statistics, 33 batches"),
        ("stddev", "jackknife, 33 batches"),
        ("min", "spacings, 33 batches"),
        ("rounds", "a count"),
    ],
)
def test_an_estimate_names_its_method(name: str, method: str) -> None:
    assert estimate(VALUES, name).method == method


def test_few_values_are_said() -> None:
    assert estimate(VALUES[:12]).method == "batch means, only 12 values"


def test_a_single_value_has_no_confidence() -> None:
    found = estimate([0.5], "median")
    assert (found.point, found.low, found.high, found.level) == (0.5, 0.5, 0.5, 0.0)
    assert found.method == "single value"


@pytest.mark.parametrize("name", NUMBERS)
def test_equal_values_have_no_width(name: str) -> None:
    found = estimate([3.0] * 20, name)
    assert found.low == found.point == found.high
    assert found.level == 0.95


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "values",
    [
        [1.0, 1.0, 1.0, 2.0],
        [1.0] * 40 + [1.02] * 3,
        [1.0, 2.0],
        [1.0] * 99 + [5.0],
        [1.0, 2.0] * 99,
    ],
)
def test_ties_do_not_hide_that_values_differ(name: str, values: list[float]) -> None:
    found = estimate(values, name)
    assert found.low < found.high


def test_a_coarse_clock_widens_by_half_a_tick() -> None:
    found = estimate([1.0, 2.0, 2.0] * 100, "q3")
    assert (found.low, found.high) == pytest.approx((1.5, 2.5))


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_a_median_of_few_reaches_beyond_the_extreme_values(count: int) -> None:
    values = [100.0 + n for n in range(count)]
    found = estimate(values, "median")
    assert found.low < values[0]
    assert found.high > values[-1]
    assert "and t" in found.method


def test_a_tail_without_values_lowers_the_level() -> None:
    found = estimate(VALUES[:100], "p99")
    assert found.high == max(VALUES[:100])
    assert 0.3 < found.level < 0.95


def test_spikes_leave_the_median_alone() -> None:
    calm = estimate(VALUES, "median")
    spiky = estimate([v * 1000 if n % 40 == 7 else v for n, v in enumerate(VALUES)], "median")
    assert spiky.half_width < 1.5 * calm.half_width


def test_a_higher_level_is_wider() -> None:
    assert estimate(VALUES, level=0.99).half_width > estimate(VALUES, level=0.9).half_width


def test_totals_and_rates_follow_the_mean() -> None:
    mean, total = estimate(VALUES), estimate(VALUES, "total")
    rate = estimate(VALUES, "ops")
    assert (total.low, total.high) == pytest.approx((300 * mean.low, 300 * mean.high))
    assert (rate.low, rate.high) == pytest.approx((1 / mean.high, 1 / mean.low), rel=2e-3)


def test_a_rate_of_a_mean_of_zero_is_zero() -> None:
    found = estimate([-1.0, 1.0], "ops")
    assert (found.point, found.low, found.high) == (0, 0, 0)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_lies_between_0_and_1(level: float) -> None:
    with pytest.raises(ValueError, match="level between"):
        estimate(VALUES, level=level)


def test_an_unknown_statistic_is_refused() -> None:
    with pytest.raises(UsageError):
        estimate(VALUES, "modus")


def test_rounds_grow_with_the_square_of_the_precision() -> None:
    reached = estimate(VALUES, "median").half_width
    assert half_width_to_rounds(VALUES, reached * 1.0001) == 300
    assert half_width_to_rounds(VALUES, reached / 2) == pytest.approx(1200, abs=1)


def test_equal_values_need_no_more_rounds() -> None:
    assert half_width_to_rounds([2.0] * 7, 0.01) == 7


@pytest.mark.parametrize("values", [[1.0], [-1.0, 0.0, 1.0]])
def test_no_number_of_rounds_without_a_width(values: list[float]) -> None:
    with pytest.raises(MeasureError):
        half_width_to_rounds(values, 0.01)


def test_a_target_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        half_width_to_rounds(VALUES, 0.0)


def _drifting(source: random.Random) -> list[float]:
    state, values = 0.0, []
    for _ in range(120):
        state = 0.6 * state + source.gauss(0, 0.8)
        values.append(10 + state)
    return values[20:]


@pytest.mark.parametrize("name", ["mean", "median"])
def test_intervals_hold_although_neighbours_are_alike(name: str) -> None:
    source = random.Random(3)  # noqa: S311  (seeded data, no secret)
    found = [estimate(_drifting(source), name) for _ in range(250)]
    missed = sum(not one.low <= 10 <= one.high for one in found)
    assert clopper_pearson_upper(missed, len(found), 0.95) < 0.10


def test_a_drifting_level_does_not_reach_into_the_spikes() -> None:
    noise = random.Random(3)  # noqa: S311  (a simulation)
    values = [
        26 * (1 + 0.01 * math.sin(index / 300)) * (2.5 if noise.random() < 0.005 else 1)
        for index in range(3600)
    ]
    found = estimate(values, "median")
    assert found.method.startswith("sectioning")
    assert 25 < found.low < found.point < found.high < 27


def test_two_levels_widen_what_batches_say() -> None:
    values = [1.0 if (index // 20) % 5 < 2 else 1.2 for index in range(200)]
    found = estimate(values, "median")
    assert found.method.startswith("sectioning")
    assert found.low < 1.12


def test_no_spread_of_times_lies_below_zero() -> None:
    assert estimate([1.0] * 100 + [50.0], "stddev").low == 0
