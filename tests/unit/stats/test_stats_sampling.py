import random

import pytest

from paceline.errors import MeasureError
from paceline.stats.interval import half_width_to_rounds
from paceline.stats.sampling import rounds_needed

NOISE = random.Random(4)  # noqa: S311  (seeded data, no secret)
PILOT = [NOISE.gauss(10, 1) for _ in range(40)]


def test_the_pilot_fixes_the_rounds_with_a_reserve() -> None:
    asked = half_width_to_rounds(PILOT, 0.01, level=0.95, statistic="mean")
    found = rounds_needed(PILOT, target=0.01, level=0.95, least=10, most=10**6, statistic="mean")
    assert 1.19 * asked < found < 1.21 * asked


@pytest.mark.parametrize(
    ("target", "least", "most", "expected"),
    [(1.0, 5, 200, 100), (1.0, 150, 200, 150), (1e-4, 5, 200, 200), (1.0, 5, 30, 30)],
)
def test_the_rounds_stay_between_least_and_most(
    target: float, least: int, most: int, expected: int
) -> None:
    pilot = [NOISE.gauss(10, 1) for _ in range(100)]
    assert rounds_needed(pilot, target=target, level=0.95, least=least, most=most) == expected


def test_a_pilot_of_like_rounds_is_no_ground_to_stop() -> None:
    drifting = [10 + n / 100 for n in range(40)]
    found = rounds_needed(drifting, target=1.0, level=0.95, least=5, most=10**6)
    assert found > 400


def test_equal_rounds_need_the_reserve_only() -> None:
    assert rounds_needed([2.0] * 60, target=0.01, level=0.95, least=5, most=999) == 72


def test_one_round_is_no_pilot() -> None:
    with pytest.raises(MeasureError, match="one round"):
        rounds_needed([1.0], target=0.01, level=0.95, least=1, most=9)
