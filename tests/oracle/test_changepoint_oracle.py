import math
import random
import statistics
from itertools import pairwise

import pytest
from scipy import ndimage, stats

from paceline.stats import changepoint
from paceline.stats.changepoint import SHORTEST, detect
from paceline.stats.steps import Sums, clipped

SOURCE = random.Random(11)  # noqa: S311  (seeded data, no secret)
VALUES = [SOURCE.gauss(0, 1) for _ in range(40)]


def squares(values: list[float]) -> float:
    return (len(values) - 1) * statistics.variance(values) if len(values) > 1 else 0.0


@pytest.mark.parametrize(("start", "stop"), [(0, 40), (3, 17), (30, 40), (5, 7)])
def test_sums_are_those_of_plain_loops(start: int, stop: int) -> None:
    part = VALUES[start:stop]
    mean = statistics.fmean(part)
    sums = Sums(VALUES)
    assert sums.mean(start, stop) == pytest.approx(mean)
    assert sums.squares(start, stop) == pytest.approx(squares(part))
    products = sum((a - mean) * (b - mean) for a, b in pairwise(part))
    assert sums.products(start, stop) == pytest.approx(products)


def test_gains_are_what_plain_loops_find() -> None:
    gains = Sums(VALUES).gains(4, 33, shortest=3)
    part = VALUES[4:33]
    whole = squares(part)
    expected = [whole - squares(part[:at]) - squares(part[at:]) for at in range(3, 27)]
    assert gains == pytest.approx(expected)


def test_values_are_clipped_around_the_running_medians_of_scipy() -> None:
    spiky = [value + (30 if index % 9 == 4 else 0) for index, value in enumerate(VALUES)]
    medians = ndimage.median_filter(spiky, size=7, mode="mirror")
    distances = [abs(a - b) for a, b in zip(spiky, medians, strict=True)]
    reach = 3 * 1.2 * 1.4826 * statistics.median(distances)
    beside = [medians[[max(at - 3, 0), at, min(at + 3, 39)]] for at in range(40)]
    floors, ceilings = (min(m) - reach for m in beside), (max(m) + reach for m in beside)
    expected = [sorted(three)[1] for three in zip(spiky, floors, ceilings, strict=True)]
    assert clipped(spiky) == pytest.approx(expected)


@pytest.mark.parametrize("chance", [0.01, 0.2, 0.5])
@pytest.mark.parametrize("count", [5, 12, 80])
def test_the_bound_of_chernoff_holds_and_is_not_far_off(count: int, chance: float) -> None:
    for beyond in range(math.ceil(chance * count) + 1, count + 1):
        bound = math.exp(-count * changepoint._divergence(beyond / count, chance))
        exact = stats.binom.sf(beyond - 1, count, chance)
        assert exact <= bound * (1 + 1e-9)
        assert bound <= exact * 3 * math.sqrt(count)


def test_one_step_is_put_where_every_split_tried_by_hand_fits_best() -> None:
    values = [math.exp(0.02 * value + (0.1 if at >= 23 else 0)) for at, value in enumerate(VALUES)]
    logarithms = list(map(math.log, values))
    tried = range(SHORTEST, len(values) - SHORTEST + 1)
    best = min(tried, key=lambda at: squares(logarithms[:at]) + squares(logarithms[at:]))
    (point,) = detect(values)
    assert point.index == best
    step = statistics.fmean(logarithms[best:]) - statistics.fmean(logarithms[:best])
    assert point.size.point == pytest.approx(math.expm1(step), rel=0.05)
