"""When warming up is said to be over: not before it is, and not long after.

A figure is the median of five rounds; noise is 5 % with 3 % spikes of five times the value. The
question is put after every figure, as sampling does.
"""

import math
import statistics
from collections.abc import Callable
from typing import Any

import pytest

from paceline.stats.warmup import levelled

pytestmark = pytest.mark.slow

TRIALS = 500
MOST = 120
EARLY = 1.03  # a true level this far above the last one is early
SHAPES: dict[str, tuple[Callable[[int], float], float]] = {
    "decay over 2 figures": (lambda n: 1 + 2 * math.exp(-n / 2), 0.02),
    "decay over 5 figures": (lambda n: 1 + 2 * math.exp(-n / 5), 0.04),
    "step of 2 after 4": (lambda n: 2 if n < 4 else 1, 0.01),
    "step of 1.2 after 4": (lambda n: 1.2 if n < 4 else 1, 0.02),
    "step of 1.1 after 4": (lambda n: 1.1 if n < 4 else 1, 0.03),
    "step of 2 after 7": (lambda n: 2 if n < 7 else 1, 0.02),
    "steps after 3 and 8": (lambda n: 3 if n < 3 else 1.5 if n < 8 else 1, 0.02),
}


def stop(noise: Any, likeness: float, shape: Callable[[int], float]) -> int:
    rounds = noise.draw(f"AR {likeness}", 5 * MOST)
    high = noise.source.random
    figures: list[float] = []
    for index in range(MOST):
        some = rounds[5 * index : 5 * index + 5]
        spiky = [shape(index) * value * (5 if high() < 0.03 else 1) for value in some]
        figures.append(statistics.median(spiky))
        if levelled(figures):
            return index + 1
    return MOST


@pytest.mark.parametrize("likeness", [0.0, 0.6, 0.9])
def test_a_level_series_is_soon_seen_to_be_level(
    likeness: float, noise: Any, tally: Any, say: Any
) -> None:
    stops = sorted(stop(noise, likeness, lambda _n: 1.0) for _ in range(TRIALS))
    late = tally(one > 30 for one in stops)
    say(f"half by {stops[TRIALS // 2]}", f"95 % by {stops[TRIALS * 95 // 100]}", f"late {late}")
    assert stops[TRIALS // 2] <= 12
    assert late.at_most <= 0.04


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("likeness", [0.0, 0.6])
def test_warming_up_is_not_cut_short(
    likeness: float, shape: str, noise: Any, tally: Any, say: Any
) -> None:
    level, limit = SHAPES[shape]
    stops = sorted(stop(noise, likeness, level) for _ in range(TRIALS))
    early = tally(level(one - 1) > EARLY for one in stops)
    say(f"half by {stops[TRIALS // 2]}", f"95 % by {stops[TRIALS * 95 // 100]}", f"early {early}")
    assert early.at_most <= limit
