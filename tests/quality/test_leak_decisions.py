"""Series of processes that keep nothing, or fill, must not be called steady; leaks must be."""

from __future__ import annotations

import random
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest

from paceline.stats.distribution import clopper_pearson_upper
from paceline.stats.growth import Trend, judge_growth
from paceline.stats.leak import rate_holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.stats.growth import Growth

pytestmark = pytest.mark.slow
DRAWS = 2000
ROUNDS = 8


def stage(at_call: Callable[[int], float], each: int) -> Growth:
    return judge_growth([at_call(each * done) for done in range(ROUNDS + 1)], each, least=2.0)


def shifted(at_call: Callable[[int], float], start: int, call: int) -> float:
    return at_call(start + call)


def said_to_leak(at_call: Callable[[int], float], *, calls: int = 500) -> bool:
    """Judge two stages in a row, the second a little over five times as long, or a third one."""
    stages: list[Growth] = []
    start = 0
    for each in (calls, 5 * calls + 3, 4 * calls + 2):
        stages.append(stage(partial(shifted, at_call, start), each))
        start += each * ROUNDS
        if len(stages) > 1 and rate_holds(stages):
            return True
    return False


def walk(source: random.Random, *, floor: float) -> Callable[[int], float]:
    """Step by up to 16 each 100 calls, reflected at a floor."""
    steps = (source.choice((-1, 1)) * source.random() * 16 for _ in range(401))
    values = list(accumulate(steps, lambda height, step: max(floor, height + step), initial=0.0))
    return lambda call: values[call // 100]


def stationary(source: random.Random) -> Callable[[int], float]:
    return lambda _: source.gauss(0, 50)


def fill(source: random.Random) -> Callable[[int], float]:
    """Ask for random keys out of up to 15,000, kept for ever."""
    keys = source.randrange(100, 15_000)
    return lambda call: round(keys * (1 - (1 - 1 / keys) ** call) + source.gauss(0, 3))


def saw(source: random.Random) -> Callable[[int], float]:
    period = source.randrange(7, 15_000)
    return lambda call: call % period


def bounded(source: random.Random) -> Callable[[int], float]:
    bound = source.randrange(50, 15_000)
    return lambda call: min(call, bound)


@pytest.mark.parametrize(
    "kind",
    [lambda source: walk(source, floor=-1e9), stationary, fill, saw, bounded],
    ids=["walk", "stationary", "fill", "saw", "bounded"],
)
def test_what_keeps_nothing_for_ever_is_hardly_ever_called_a_leak(
    kind: Callable[[random.Random], Callable[[int], float]],
) -> None:
    source = random.Random(20261121)  # noqa: S311  (a reproducible draw)
    wrong = sum(said_to_leak(kind(source)) for _ in range(DRAWS))
    assert clopper_pearson_upper(wrong, DRAWS, level=0.95) <= 0.01, wrong


@pytest.mark.parametrize("rate", [1.0, 0.1, 0.01])
def test_leaks_by_chance_are_found(rate: float) -> None:
    source = random.Random(20261121)  # noqa: S311  (a reproducible draw)
    found = 0
    for _ in range(100):
        calls = list(accumulate(int(source.random() < rate) for _ in range(40_100)))
        found += said_to_leak(calls.__getitem__)
    assert found >= 95


def test_a_leak_is_found_under_noise() -> None:
    source = random.Random(20261121)  # noqa: S311  (a reproducible draw)
    found = sum(said_to_leak(lambda call: call / 10 + source.gauss(0, 12)) for _ in range(200))
    assert found >= 190


def test_two_steady_stages_at_one_rate_are_steady() -> None:
    assert stage(lambda call: 2 * call, 20).trend is Trend.STEADY
