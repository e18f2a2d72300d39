import random

import pytest

from paceline.errors import MeasureError, UsageError
from paceline.stats.ratio import paired_ratio, ratio

NOISE = random.Random(15)  # noqa: S311  (seeded data, no secret)
BASE = [NOISE.gauss(10, 0.5) for _ in range(200)]
HEAD = [NOISE.gauss(12, 0.6) for _ in range(200)]
DRIFT = [1 + n / 100 for n in range(200)]


@pytest.mark.parametrize("statistic", ["mean", "median", "p90", "stddev", "min", "total"])
def test_a_ratio_divides_head_by_base(statistic: str) -> None:
    found = ratio(BASE, HEAD, statistic=statistic)
    assert found.low < 1.2 < found.high
    assert found.method.startswith("log ratio, ")


def test_a_ratio_turned_round_is_the_inverse() -> None:
    there, back = ratio(BASE, HEAD, statistic="mean"), ratio(HEAD, BASE, statistic="mean")
    assert there.point == pytest.approx(1 / back.point)
    assert (there.low, there.high) == pytest.approx((1 / back.high, 1 / back.low))


def test_both_sides_widen_a_ratio() -> None:
    alone = ratio([10.0] * 50, HEAD)
    assert alone.half_width < ratio(BASE, HEAD).half_width


def test_methods_that_differ_are_both_named() -> None:
    found = ratio([10.0] * 50, HEAD)
    assert found.method == "log ratio, all values equal and order statistics, 33 batches"


def test_equal_values_have_an_exact_ratio() -> None:
    found = ratio([4.0] * 5, [6.0] * 5)
    assert (found.point, found.low, found.high, found.level) == (1.5, 1.5, 1.5, 0.95)


def test_single_values_have_no_confidence() -> None:
    found = ratio([4.0], [6.0])
    assert (found.point, found.low, found.high, found.level) == (1.5, 1.5, 1.5, 0.0)


@pytest.mark.parametrize(
    ("base", "head", "side"), [([0.0, 0.0], [1.0, 2.0], "base"), ([1.0, 2.0], [-1.0, 0.0], "head")]
)
def test_figures_that_are_not_positive_have_no_ratio(
    base: list[float], head: list[float], side: str
) -> None:
    with pytest.raises(MeasureError, match=side):
        ratio(base, head)
    with pytest.raises(MeasureError, match=side):
        paired_ratio(base, head)


def test_pairs_cancel_what_slows_both() -> None:
    base = [a * b for a, b in zip(BASE, DRIFT, strict=True)]
    head = [a * b for a, b in zip(HEAD, DRIFT, strict=True)]
    found = paired_ratio(base, head)
    assert found.low < 1.2 < found.high
    assert found.half_width < ratio(base, head).half_width / 5


def test_the_mean_of_pairs_is_geometric() -> None:
    assert paired_ratio([1.0, 1.0], [1.0, 4.0], statistic="mean").point == pytest.approx(2.0)


def test_pairs_need_partners() -> None:
    with pytest.raises(UsageError, match="no pairs"):
        paired_ratio([1.0, 2.0], [1.0])


@pytest.mark.parametrize("statistic", ["stddev", "min", "ops"])
def test_pairs_have_centres_and_percentiles_only(statistic: str) -> None:
    with pytest.raises(UsageError, match=statistic):
        paired_ratio(BASE, HEAD, statistic=statistic)
