"""Stopping by the two-stage rule costs no confidence; stopping at the first tight look does."""

import math
from typing import Any

import pytest

from paceline.stats.interval import estimate
from paceline.stats.sampling import rounds_needed

pytestmark = pytest.mark.slow

TRIALS = 6000
PILOT = 40
MOST = 2500
LOST = 0.015  # coverage, against the same number of rounds fixed beforehand
CASES = {"normal": 0.01, "lognormal": 0.10, "AR 0.3": 0.01, "AR 0.6": 0.012, "AR 0.9": 0.02}


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_two_stages_keep_the_coverage_of_a_fixed_number_of_rounds(
    kind: str, statistic: str, noise: Any, tally: Any, say: Any
) -> None:
    truth = noise.truth(kind, statistic)
    series = [noise.draw(kind, MOST) for _ in range(TRIALS)]
    staged = [_two_stages(values, statistic, CASES[kind]) for values in series]
    typical = sorted(count for count, _ in staged)[TRIALS // 2]
    fixed = [estimate(values[:typical], statistic) for values in series]
    missed = [not one.low <= truth <= one.high for _, one in staged]
    would_have = [not one.low <= truth <= one.high for one in fixed]
    tight = sum(one.half_width <= CASES[kind] for _, one in staged) / TRIALS
    lost, at_most = _lost(missed, would_have)
    say(f"{typical} rounds", f"missed {tally(missed)}", f"fixed {tally(would_have)}")
    say(f"lost {100 * lost:.1f} (≤ {100 * at_most:.1f}) points", f"tight {tight:.0%}")
    assert tally(missed).at_most <= 0.07
    assert at_most <= LOST


def _lost(missed: list[bool], would_have: list[bool]) -> tuple[float, float]:
    """Give the difference of two rates from the same series and its upper 95 % bound."""
    pairs = [a - b for a, b in zip(missed, would_have, strict=True)]
    mean = sum(pairs) / len(pairs)
    variance = sum((pair - mean) ** 2 for pair in pairs) / (len(pairs) - 1)
    return mean, mean + 1.645 * math.sqrt(variance / len(pairs))


@pytest.mark.parametrize(
    ("kind", "at_least"), [("normal", 0.05), ("AR 0.3", 0.12), ("AR 0.6", 0.25)]
)
def test_stopping_at_the_first_tight_look_misses_often(
    kind: str, at_least: float, noise: Any, tally: Any, say: Any
) -> None:
    held = tally(not _naive(noise.draw(kind, 600), 0.012) for _ in range(TRIALS // 4))
    say(f"missed {100 * (1 - held.rate):.1f} %")
    assert held.at_most < 1 - at_least


def _two_stages(values: list[float], statistic: str, target: float) -> tuple[int, Any]:
    count = rounds_needed(
        values[:PILOT], target=target, level=0.95, least=PILOT, most=MOST, statistic=statistic
    )
    return count, estimate(values[:count], statistic)


def _naive(values: list[float], target: float) -> bool:
    """Look after every round from the fifth on, as if rounds were independent."""
    total = squares = 0.0
    mean = reach = math.inf
    for count, value in enumerate(values, 1):
        total, squares = total + value, squares + value * value
        mean = total / count
        if count >= 5:
            variance = max(0.0, squares - count * mean * mean) / (count - 1)
            reach = 1.96 * math.sqrt(variance / count)
            if reach <= target * mean:
                break
    return abs(mean - 1) > reach
