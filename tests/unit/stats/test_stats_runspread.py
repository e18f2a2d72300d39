from __future__ import annotations

import math
import random
from statistics import fmean

import pytest

from paceline.stats.runspread import RunSpread, levels, pooled, run_spread, slow_stretch

NOISE = random.Random(11)  # noqa: S311  (seeded noise, no secret)


def gauss(count: int, spread: float = 0.03) -> list[float]:
    return [NOISE.gauss(0, spread) for _ in range(count)]


@pytest.mark.parametrize("count", [10, 15, 20, 40])
def test_the_spread_of_normal_noise_is_found(count: int) -> None:
    found = [run_spread(gauss(count)) for _ in range(400)]
    for squares in (fmean(one.usual**2 for one in found), fmean(one.whole**2 for one in found)):
        assert 0.95 <= math.sqrt(squares) / 0.03 <= 1.15


def test_runs_that_drift_together_are_known_to_differ_more() -> None:
    drift = [0.05 * math.sin(place / 1.2) for place in range(24)]
    shuffled = sorted(drift, key=lambda figure: math.sin(1e5 * figure))
    assert run_spread(drift).usual > 1.3 * math.sqrt(fmean(one**2 for one in drift))
    assert run_spread(shuffled).usual < 1.2 * math.sqrt(fmean(one**2 for one in drift))


def test_a_step_of_the_code_does_not_widen_the_spread() -> None:
    quiet = gauss(20)
    stepped = [log + (0.5 if place >= 9 else 0.0) for place, log in enumerate(quiet)]
    assert run_spread(stepped).whole < 1.5 * run_spread(quiet).whole


def test_the_level_follows_a_step_and_ignores_a_jump() -> None:
    assert levels([0.0] * 5 + [3.0] * 5) == [0.0] * 5 + [3.0] * 5
    assert levels([0.0] * 4 + [9.0] * 3 + [0.0] * 4) == [0.0] * 11
    assert levels([1.0, 2.0]) == [1.5, 1.5]


def test_a_jump_is_counted_apart_from_what_is_usual() -> None:
    found = run_spread([*gauss(12, 0.01), 0.6])
    assert found.usual < 0.03
    assert found.whole > 0.1
    assert found.jump == pytest.approx(0.6, abs=0.03)


def test_what_is_assumed_stands_as_if_known() -> None:
    few = run_spread([0.0, 0.01], least=0.2)
    assert (few.usual, few.whole, few.jump) == (0.2, 0.2, 0.0)
    assert few.freedom > 100
    assert run_spread([0.0, 5.0], least=0.2).usual > 0.2


def test_figures_that_never_change_have_no_spread() -> None:
    found = run_spread([1.5] * 12)
    assert (found.usual, found.whole, found.jump) == (0.0, 0.0, 0.0)
    assert pooled([found])[0].reach(error=0.01) == 0.0


def test_the_reach_grows_with_certainty_jumps_and_slow_stretches() -> None:
    calm = RunSpread(0.03, 0.03, 10.0, 12)
    assert 0.1 < calm.reach(error=0.01) < calm.reach(error=0.001) < 0.25
    jumpy = [RunSpread(0.03, 0.03, 10.0, runs, jump=0.8) for runs in (10, 20, 40)]
    assert [one.reach(error=0.01) for one in jumpy] == pytest.approx([1.2, 1.0, 0.9])
    assert RunSpread(0.03, 0.03, 10.0, 12, stretch=0.7).reach(error=0.01) == 0.7
    assert calm.visible(error=0.01) == pytest.approx(calm.reach(error=0.01) + 0.0357, abs=1e-3)
    assert calm.visible(error=0.01, threshold=0.5) == pytest.approx(0.5357, abs=1e-3)


def test_an_interval_of_a_difference_is_wider_than_of_one_figure() -> None:
    spread = RunSpread(0.03, 0.05, 1e6, 12)
    one, two = (spread.half_width(level=0.95, figures=count) for count in (1, 2))
    assert one == pytest.approx(0.05 * 1.96, rel=1e-3)
    assert two == pytest.approx(math.sqrt(2) * one)


def test_a_spread_below_the_others_is_raised_and_none_is_lowered() -> None:
    own = [RunSpread(spread, spread, 7.0, 10) for spread in (0.001, 0.03, 0.03, 0.4)]
    low, usual, _other, high = pooled(own)
    assert 0.01 < low.usual < usual.usual
    assert [usual.usual, high.usual] == pytest.approx([0.03, 0.4])
    assert low.freedom == 11.0


def test_what_is_assumed_of_new_benchmarks_teaches_the_others_nothing() -> None:
    known, new = RunSpread(0.02, 0.02, 7.0, 10), run_spread([0.0, 0.01], least=0.2)
    taught, still_new, _other = pooled([known, new, new])
    assert [taught.usual, taught.whole] == pytest.approx([0.02, 0.02])
    assert still_new.usual == pytest.approx(0.2)


def test_a_jump_of_one_benchmark_can_meet_another_as_far_in_spreads() -> None:
    jumpy = RunSpread(0.02, 0.2, 7.0, 10, jump=0.6)
    calm, still = RunSpread(0.02, 0.02, 7.0, 10), RunSpread(0.0, 0.0, 7.0, 10)
    found = pooled([jumpy, calm, still], [0.0] * 90 + [0.3] * 10)
    assert [one.jump for one in found[:2]] == [0.6, 0.6]
    assert 0.0 < found[2].jump < 0.6
    assert {one.stretch for one in found} == {0.3}


def test_a_jump_of_two_benchmarks_is_the_machines_and_can_meet_any() -> None:
    first, second = (RunSpread(0.1, 0.2, 7.0, 10, jump=jump) for jump in (0.9, 0.6))
    quiet = RunSpread(0.001, 0.001, 7.0, 10)
    found = pooled([first, second, *[quiet] * 5])
    assert [one.jump for one in found] == [0.9, 0.9, *[0.6] * 5]


@pytest.mark.parametrize(
    ("values", "stretch"),
    [
        ([1.0] * 80, 0.0),
        ([1.0] * 60 + [2.0] * 20, math.log(2)),
        ([1.0] * 79 + [50.0], 0.0),
        ([1.0, 2.0] * 7, 0.0),
        ([0.0] * 40 + [1.0] * 40, 0.0),
    ],
)
def test_a_slow_stretch_is_a_part_of_a_run_and_no_single_round(
    values: list[float], stretch: float
) -> None:
    assert slow_stretch(values) == pytest.approx(stretch)
