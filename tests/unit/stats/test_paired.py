import math
import random

import pytest

from paceline.errors import MeasureError, UsageError
from paceline.stats.paired import Spread, Trimmed, lend, pair_log_ratio, pairs_estimate, trimmed
from paceline.stats.paired_spread import suite_spread

NOISE = random.Random(15)  # noqa: S311  (seeded data, no secret)


def logs(count: int, spread: float = 0.018) -> list[float]:
    return [NOISE.gauss(0, spread) for _ in range(count)]


def test_a_pair_is_the_median_of_its_batches() -> None:
    base, head = [1.0, 2.0, 4.0], [1.1, 2.2, 400.0]
    assert pair_log_ratio(base, head) == pytest.approx(math.log(1.1))


def test_turning_a_pair_round_turns_its_sign() -> None:
    base, head = [1.0, 2.0, 4.0, 3.0], [1.1, 2.3, 4.1, 2.9]
    assert pair_log_ratio(base, head) == pytest.approx(-pair_log_ratio(head, base))


def test_batches_need_partners() -> None:
    with pytest.raises(UsageError, match="3 base and 1 head"):
        pair_log_ratio([1.0, 2.0, 3.0], [1.0])


@pytest.mark.parametrize("bad", [[], [0.0], [-1.0], [math.inf], [math.nan]])
def test_a_batch_without_a_time_has_no_ratio(bad: list[float]) -> None:
    with pytest.raises(MeasureError, match="positive, finite"):
        pair_log_ratio(bad, [1.0] * len(bad))


def test_a_single_pair_has_no_interval() -> None:
    found = pairs_estimate([math.log(1.5)], level=0.95)
    assert (found.point, found.low, found.high) == pytest.approx((1.5, 1.5, 1.5))
    assert (found.level, found.method) == (0.0, "a single pair")


def test_no_pairs_are_no_estimate() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        pairs_estimate([], level=0.95)


def test_few_pairs_are_averaged_whole() -> None:
    assert trimmed([0.0, 0.0, 0.0, 0.4]).centre == pytest.approx(0.1)


def test_of_many_pairs_the_extreme_sixth_is_left_out() -> None:
    values = [0.01 * step for step in range(10)]
    spiked = trimmed([*values, 5.0, -5.0])
    assert spiked.centre == pytest.approx(0.045)
    assert (spiked.freedom, spiked.count) == (7, 12)


def test_a_spike_hardly_widens_the_interval() -> None:
    calm = logs(12)
    spiked = pairs_estimate([*calm[:-1], 0.2], level=0.95)
    assert spiked.half_width < 2 * pairs_estimate(calm, level=0.95).half_width


def test_equal_pairs_have_an_exact_ratio() -> None:
    found = pairs_estimate([0.5] * 9, level=0.95)
    assert found.low == found.point == found.high == pytest.approx(math.exp(0.5))


def test_a_suite_lends_degrees_of_freedom() -> None:
    spread = suite_spread([logs(4) for _ in range(12)])
    own = logs(4)
    alone, moderated = trimmed(own), lend(trimmed(own), spread)
    assert moderated.freedom > alone.freedom + 3
    assert min(alone.variance, spread.variance) < moderated.variance
    assert moderated.variance < max(alone.variance, spread.variance)


def test_a_suite_of_one_kind_lends_twelve_degrees_at_most() -> None:
    assert suite_spread([[0.0, 0.01, 0.02, 0.03]] * 5).freedom == pytest.approx(12)


def test_a_suite_of_many_kinds_lends_little() -> None:
    mixed = suite_spread([logs(8, 10.0**-power) for power in range(1, 7)])
    assert 0 < mixed.freedom < 1


def test_a_suite_knows_the_variance_of_its_pairs() -> None:
    whole, quiet = suite_spread([logs(24) for _ in range(40)]), 0.018**2
    assert whole.variance == pytest.approx(quiet, rel=0.3)


@pytest.mark.parametrize("cases", [[], [[0.1, 0.2]] * 2, [[0.1]] * 5, [[0.1, 0.1]] * 5, [[]] * 5])
def test_too_few_cases_with_a_spread_lend_nothing(cases: list[list[float]]) -> None:
    own = Trimmed(0.0, 1.0, 3.0, 4)
    assert lend(own, suite_spread(cases)) == own


def test_a_single_pair_borrows_no_interval() -> None:
    assert pairs_estimate([0.1], level=0.95, spread=Spread(0.1, 9.0)).level == 0.0


def test_the_widest_interval_has_ends() -> None:
    found = pairs_estimate([0.0, 3.0], level=1 - 1e-9)
    assert found.low == 0.0
    assert 1e300 < found.high < math.inf
