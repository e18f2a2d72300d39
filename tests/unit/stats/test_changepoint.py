import dataclasses
import math
import random

import pytest

from paceline.stats import changepoint
from paceline.stats.changepoint import RECENT, SHORTEST, Detector, Rule, detect

NOISE = random.Random(7)  # noqa: S311  (seeded data, no secret)
QUIET = [NOISE.gauss(1, 0.01) for _ in range(300)]


def stepped(values: list[float], *steps: tuple[int, float]) -> list[float]:
    """Multiply the level from each index on by its factor."""
    return [
        value * math.prod(factor for start, factor in steps if index >= start)
        for index, value in enumerate(values)
    ]


def places(values: list[float], **rule: float) -> list[int]:
    return [point.index for point in detect(values, rule=Rule(**rule))]


def test_a_step_is_found_where_it_is_with_its_size_inside_the_interval() -> None:
    (point,) = detect(stepped(QUIET, (120, 1.1)))
    assert point.earliest <= 120 <= point.latest
    assert abs(point.index - 120) <= 1
    assert point.size.low <= 0.1 <= point.size.high
    assert point.size.high - point.size.low < 0.01
    assert point.strength > 1


def test_several_steps_are_found_in_order_also_those_that_undo_each_other() -> None:
    series = stepped(QUIET, (60, 1.1), (90, 1 / 1.1), (200, 0.9), (240, 1.05))
    assert places(series) == pytest.approx([60, 90, 200, 240], abs=2)


def test_the_unit_of_the_values_bears_on_nothing_but_rounding() -> None:
    series = stepped(QUIET, (100, 1.05))
    assert places([1e-9 * value for value in series]) == places(series)


@pytest.mark.parametrize(
    "series",
    [
        [],
        [1.0] * (2 * SHORTEST - 1),
        [1.0] * 50,
        [0.0] * 50,
        QUIET,
        [value * (5 if index % 40 < 3 else 1) for index, value in enumerate(QUIET)],
        [value * (1.3 if NOISE.random() < 0.25 else 1) for value in QUIET],
        [value + 3e-5 * index for index, value in enumerate(QUIET)],
        [1000.0] * 30 + [1005.0] * 30,
    ],
    ids=[
        *("empty", "too short", "equal", "zero", "noise", "bursts of spikes", "two levels in turn"),
        *("slow drift", "too small to matter"),
    ],
)
def test_what_is_no_step_is_not_called_one(series: list[float]) -> None:
    assert detect(series) == ()


def test_a_few_values_of_a_new_level_are_enough_where_nothing_scatters() -> None:
    exact = [1000.0] * 30
    assert places([*exact, *[1100.0] * SHORTEST]) == [30]
    assert places([*exact, *[1100.0] * (SHORTEST - 1)]) == []


def test_the_smallest_step_that_matters_is_the_users() -> None:
    assert places([1000.0] * 30 + [1005.0] * 30, threshold=0.001) == [30]
    assert places(stepped(QUIET, (150, 1.1)), threshold=0.2) == []


def test_a_step_lost_in_the_noise_is_shown_when_asked_for() -> None:
    series = stepped([1 + 3 * (value - 1) for value in QUIET], (150, 1.025))
    assert places(series) == []
    assert places(series, visible=0.5) == pytest.approx([150], abs=10)


def test_zero_and_negative_values_have_steps_relative_to_their_common_size() -> None:
    (point,) = detect([0.0, -1.0, 1.0, 2.0] * 10 + [10.0, 9.0, 11.0, 12.0] * 10)
    assert point.index == 40
    assert point.size.low < 10 / 5.5 < point.size.high


def test_a_value_that_is_rare_among_zeros_is_no_step() -> None:
    assert detect([0.0] * 40 + [3.0] + [0.0] * 40) == ()


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        detect([1.0, value])
    with pytest.raises(ValueError, match="finite"):
        Detector().append(value)


def test_rows_of_dependent_values_need_more_evidence() -> None:
    state, wandering = 0.0, []
    for _ in range(300):
        state = 0.8 * state + NOISE.gauss(0, 0.006)
        wandering.append(1 + state)
    (loose,) = detect(stepped(QUIET, (150, 1.05)))
    (strict,) = detect(stepped(wandering, (150, 1.05)))
    assert strict.strength < loose.strength
    assert strict.latest - strict.earliest > loose.latest - loose.earliest


def test_a_growing_series_shows_a_step_as_soon_as_it_is_one() -> None:
    detector = Detector([1000.0] * 1000)
    seen = [detector.append(1100.0) for _ in range(SHORTEST)]
    assert seen[:-1] == [()] * (SHORTEST - 1)
    assert [point.index for point in seen[-1]] == [1000]


def test_a_growing_series_ends_with_the_points_of_the_whole() -> None:
    series = stepped(QUIET[:90], (30, 1.1), (60, 0.95))
    detector = Detector()
    for value in series:
        detector.append(value)
    assert detector.points == detect(series)
    assert detector.points is detector.points


def test_appending_looks_back_on_the_newest_values_only() -> None:
    early = stepped(QUIET, (100, 1.1))
    detector = Detector(early)
    assert detector.append(early[-1]) == ()
    (point,) = detector.points
    assert point.index < len(early) - RECENT


def test_a_step_that_is_no_candidate_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    series = stepped(QUIET, (60, 1.1), (200, 1.1))
    whole = places(series)
    monkeypatch.setattr(changepoint, "candidates", lambda _sums, shortest: [] * shortest)
    assert places(series) == whole


def test_candidates_that_never_settle_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    series = stepped(QUIET, (60, 1.1), (90, 1 / 1.1))
    monkeypatch.setattr(changepoint, "_ROUNDS", 1)
    assert places(series) == pytest.approx([60, 90], abs=2)


def test_a_rule_that_never_cries_wolf_finds_less() -> None:
    (point,) = detect(stepped(QUIET, (150, 1.02)))
    strict = detect(
        stepped(QUIET, (150, 1.02)), rule=dataclasses.replace(Rule(), false_alarms=1e-9)
    )
    assert strict[0].strength < point.strength
