import math
import random

import pytest

from paceline.stats.warmup import falls, level_start, levelled

NOISE = random.Random(7)  # noqa: S311  (seeded data, no secret)
LEVEL = [1 + NOISE.gauss(0, 0.02) for _ in range(60)]


def first_level(series: list[float]) -> int:
    return next(n for n in range(len(series) + 1) if levelled(series[:n]))


def test_a_level_series_is_found_as_soon_as_two_looks_agree() -> None:
    assert first_level([1.0] * 20) == 10


def test_noise_and_spikes_delay_little() -> None:
    spiky = [value * (5 if n % 9 == 4 else 1) for n, value in enumerate(LEVEL)]
    assert first_level(LEVEL) <= 16
    assert first_level(spiky) <= 16


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6, 7])
def test_a_plateau_before_a_step_is_not_the_end(length: int) -> None:
    series = [2.0 * value for value in LEVEL[:length]] + LEVEL
    assert first_level(series) >= length + 3


def test_a_slow_decay_is_not_level() -> None:
    series = [value * (1 + math.exp(-n / 20)) for n, value in enumerate(LEVEL)]
    assert not any(levelled(series[:n]) for n in range(50))


def test_a_rising_series_does_not_warm_up() -> None:
    assert levelled([1 + n / 10 for n in range(10)])


def test_fewer_figures_can_be_asked_for() -> None:
    assert levelled([1.0] * 6, fewest=4)
    assert not levelled([1.0] * 5, fewest=4)


@pytest.mark.parametrize(
    ("series", "start"),
    [
        ([1.0] * 20, 0),
        ([3.0, 2.0, 1.5, *[1.0] * 20], 3),
        ([2.0] * 5 + [1.0] * 20, 5),
        ([1.0] * 9 + [2.0], 0),
        ([5.0, 4.0, 3.0, 2.0], None),
        ([30.0 - n for n in range(20)], None),
    ],
)
def test_the_start_of_the_level_is_told(series: list[float], start: int | None) -> None:
    assert level_start(series) == start


def test_one_lucky_figure_does_not_start_the_level() -> None:
    assert level_start([2.0, 2.0, 1.0, 2.0, 2.0, *[1.0] * 20]) == 5


def test_a_level_reached_late_starts_at_the_younger_half() -> None:
    assert level_start([9.0] * 12 + [1.0] * 12) == 12


@pytest.mark.parametrize(
    ("figures", "falling"),
    [
        ([1.0] * 20, False),
        ([1.3] * 10 + [1.0] * 10, True),
        ([1.0] * 10 + [1.3] * 10, False),
        ([1.015] * 10 + [1.0] * 10, False),
        ([1.0, 1.4] * 5 + [0.95, 1.35] * 5, False),
        ([2.0] * 3 + [1.0] * 4, False),
    ],
)
def test_a_few_figures_fall_only_beyond_noise(figures: list[float], *, falling: bool) -> None:
    assert falls(figures) is falling
