import math
from itertools import pairwise

import pytest

from paceline.stats.steps import Sums, candidates, clipped, on_relative_scale


def test_a_stretch_is_known_from_its_sums() -> None:
    sums = Sums([1.0, 2.0, 4.0, -3.0, 0.0])
    assert len(sums) == 5
    assert sums.mean(1, 4) == 1.0
    assert sums.squares(1, 4) == pytest.approx(1 + 9 + 16)
    assert sums.products(1, 4) == pytest.approx(1 * 3 + 3 * -4)


def test_a_gain_is_what_a_split_takes_from_the_squares() -> None:
    sums = Sums([0.0, 0.0, 0.0, 3.0, 3.0, 3.0])
    gains = sums.gains(0, 6, shortest=2)
    assert gains == pytest.approx([sums.squares(0, 6) / 2, sums.squares(0, 6), 6.75])
    assert sums.gains(0, 3, shortest=2) == []


def test_jumps_compare_adjoining_windows() -> None:
    assert Sums([0.0, 0.0, 2.0, 2.0, 2.0]).jumps(2, 1) == [4.0, 2.0]


def test_positive_values_are_put_on_logarithms_around_zero() -> None:
    assert on_relative_scale([1.0, 2.0, 4.0]) == pytest.approx([-math.log(2), 0.0, math.log(2)])


@pytest.mark.parametrize(
    ("values", "scaled"),
    [([-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]), ([0.0, 0.0, 4.0], [0.0, 0.0, 1.0]), ([0.0], [0.0])],
)
def test_other_values_are_put_on_multiples_of_their_size(
    values: list[float], scaled: list[float]
) -> None:
    assert on_relative_scale(values) == scaled


def test_a_spike_is_pulled_back_and_a_step_is_not() -> None:
    series = [0.1, 0.0, -0.1, 0.0] * 5 + [9.0] + [0.0, 0.1, 0.0, -0.1] * 5 + [5.0, 5.1, 4.9] * 4
    pulled = clipped(series)
    assert 0 < pulled[20] < 1
    assert pulled[:20] == series[:20]
    assert pulled[-11:] == series[-11:]


def test_where_most_values_are_equal_the_mean_distance_tells_spikes() -> None:
    pulled = clipped([0.0] * 20 + [1.0] + [0.0] * 20)
    assert 0 < pulled[20] < 0.2


def test_a_single_value_is_no_spike() -> None:
    assert clipped([3.0]) == [3.0]


def test_candidates_hold_lasting_and_passing_steps_and_lie_apart() -> None:
    level = [0.0] * 50 + [1.0] * 12 + [0.0] * 50 + [1.0] * 6
    found = candidates(Sums([v + 0.05 * (i % 3 - 1) for i, v in enumerate(level)]), shortest=5)
    assert {50, 62, 112} <= set(found)
    assert all(after - before >= 5 for before, after in pairwise(found))
