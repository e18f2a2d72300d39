"""Which class a noisy cost is given, over sizes from 10 to 10 000."""

import math
from typing import Any

import pytest

from paceline.stats.complexity import fit

pytestmark = pytest.mark.slow

TRIALS = 3000
SIZES = [10, 100, 1000, 10_000]
NOISE = 0.03


def decide(noise: Any, cost: Any, sizes: list[int]) -> Any:
    gauss = noise.source.gauss
    return fit(sizes, [cost(size) * math.exp(gauss(0, NOISE)) for size in sizes])


@pytest.mark.parametrize("constant", [0, 10, 100, 1000, 10_000])
def test_a_linear_cost_is_linear_or_better(constant: int, noise: Any, tally: Any, say: Any) -> None:
    found = (decide(noise, lambda n: n + constant, SIZES) for _ in range(TRIALS))
    wrong = tally(not one.at_most("O(n)") for one in found)
    say(f"called worse {wrong}")
    assert wrong.at_most <= 0.01


@pytest.mark.parametrize("constant", [0, 1000, 100_000, 1_000_000])
def test_a_quadratic_cost_is_never_linear(constant: int, noise: Any, tally: Any, say: Any) -> None:
    for cost in (lambda n: n**2 + constant, lambda n: n**2 + 100 * n + constant):
        found = (decide(noise, cost, SIZES) for _ in range(TRIALS))
        wrong = tally(one.at_most("O(n log n)") for one in found)
        say(f"called linear {wrong}")
        assert wrong.failures == 0


@pytest.mark.parametrize("power", [1.5, 2.5])
def test_a_power_between_classes_is_never_the_lower_one(
    power: float, noise: Any, tally: Any, say: Any
) -> None:
    lower = "O(n)" if power < 2 else "O(n^2)"
    wrong = tally(decide(noise, lambda n: n**power, SIZES).at_most(lower) for _ in range(TRIALS))
    say(f"called lower {wrong}")
    assert wrong.failures == 0


@pytest.mark.parametrize("sizes", [SIZES, [10, 30, 100, 300, 1000, 3000, 10_000]])
def test_n_log_n_is_told_from_n(sizes: list[int], noise: Any, tally: Any, say: Any) -> None:
    found = (decide(noise, lambda n: n * math.log2(n), sizes).name for _ in range(TRIALS))
    wrong = tally(name != "O(n log n)" for name in found)
    say(f"called otherwise {wrong}")
    assert wrong.at_most <= 0.01


def test_the_exponent_holds(noise: Any, tally: Any, say: Any) -> None:
    found = (decide(noise, lambda n: n**1.5, SIZES).exponent for _ in range(TRIALS))
    missed = tally(not one.low <= 1.5 <= one.high for one in found)
    say(f"missed {missed}")
    assert missed.at_most <= 0.07
