from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.stats.growth import Trend, judge_growth, lower_envelope, slope_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE: list[float] = [0, 5, 10, 15, 20, 25, 30, 35, 40]


def trend(values: Sequence[float], **how: bool | float) -> Trend:
    return judge_growth(values, 10, **how).trend  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([7] * 9, Trend.QUIET),
        (LINE, Trend.STEADY),
        ([0, 5, 10, 12, 20, 25, 31, 35, 40], Trend.STEADY),
        ([0, 10, 20, 30, 40, 40, 40, 40, 40], Trend.FULL),
        ([0, 1000, 2000, 3000, 4000, 5000, 5996, 6000, 6001], Trend.FULL),
        ([0, 10, 20, 30, 40, 41, 42, 43, 44], Trend.SLOWING),
        ([0, 100, 200, 300, 400, 490, 580, 670, 760], Trend.SLOWING),
        ([0, 0, 8, 8, 8, 16, 16, 16, 24], Trend.SPARSE),
        ([0, 9, 1, 13, 12, 16, 18, 31, 30], Trend.SWINGING),
        ([0, 30, 60, 90, 25, 115, 145, 175, 205], Trend.SWINGING),
    ],
)
def test_a_series_is_told_by_its_course(values: Sequence[float], found: Trend) -> None:
    assert trend(values) is found


def test_growth_within_the_scatter_is_quiet() -> None:
    assert trend([3, 0, 4, 1, 5, 2, 0, 5, 6]) is Trend.QUIET


def test_growth_below_the_least_is_quiet() -> None:
    assert trend(LINE, least=41) is Trend.QUIET
    assert trend(LINE, least=40) is Trend.STEADY


def test_one_odd_step_does_not_hide_a_climb() -> None:
    assert trend([0, 5, 10, 15, 20, 25, 925, 930, 935]) is Trend.STEADY
    assert trend([0, 900, 905, 910, 915, 920, 925, 930, 935]) is Trend.STEADY


def test_a_walk_that_happens_to_rise_is_no_climb() -> None:
    assert trend([0, 10, 75, 80, 110, 115, 190, 230, 235]) is Trend.SPARSE


def test_growth_in_steps_is_steady_only_where_steps_are_expected() -> None:
    steps: list[float] = [0, 8, 8, 16, 16, 24, 24, 32, 40]
    assert trend(steps) is Trend.SPARSE
    assert trend(steps, staircase=True) is Trend.STEADY
    assert trend([0, 8, 7, 16, 16, 24, 24, 32, 40], staircase=True) is Trend.SWINGING


def test_rates_are_a_call_and_exact_growth_has_no_width() -> None:
    found = judge_growth(LINE, 10)
    assert (found.point, found.low, found.high, found.rate) == (0.5, 0.5, 0.5, 0.5)
    assert (found.total, found.scatter) == (40, 0)


def test_the_interval_holds_the_slope_and_widens_with_scatter() -> None:
    calm = slope_interval([0, 10, 20, 31, 40, 50, 60])
    wild = slope_interval([0, 14, 15, 36, 38, 44, 65])
    assert calm[1] <= calm[0] <= calm[2]
    assert wild[2] - wild[1] > 3 * (calm[2] - calm[1])


def test_two_values_have_their_own_slope_as_interval() -> None:
    assert slope_interval([1, 4]) == (3, 3, 3)


def test_the_envelope_is_the_least_of_each_group() -> None:
    assert lower_envelope([3, 1, 2, 6, 4, 5, 9], 3) == [1, 4]


@pytest.mark.parametrize(("found", "suspicious"), [(LINE, True), ([1] * 9, False)])
def test_only_what_may_go_on_growing_is_suspicious(
    found: Sequence[float], suspicious: bool
) -> None:
    assert judge_growth(found, 10).suspicious is suspicious
