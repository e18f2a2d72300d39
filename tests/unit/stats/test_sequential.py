import itertools

import pytest

from paceline.stats.distribution import normal_quantile
from paceline.stats.sequential import Design, design


def test_a_single_look_has_all_of_the_error() -> None:
    assert design(error=0.05, looks=[8]).levels == pytest.approx((0.05,))


def test_the_first_look_has_its_share() -> None:
    assert design(error=0.05, looks=[2, 4, 8]).levels[0] == pytest.approx(0.05 / 4)


@pytest.mark.parametrize("error", [0.001, 0.01, 0.2])
def test_every_look_has_some_error_and_none_has_all(error: float) -> None:
    levels = design(error=error, looks=range(4, 25)).levels
    assert len(levels) == 21
    assert all(0 < level < error for level in levels)
    assert sum(levels) > error


def test_levels_scale_with_the_looks() -> None:
    few, many = (design(error=0.01, looks=[scale * n for n in (1, 2, 3)]) for scale in (1, 10))
    assert few.levels == pytest.approx(many.levels)


def test_two_looks_far_apart_are_nearly_apart() -> None:
    levels = design(error=0.05, looks=[1, 10_000]).levels
    assert levels[1] == pytest.approx(0.05, rel=0.001)


def test_a_level_holds_from_its_look_to_the_next() -> None:
    found = Design((4, 8), (0.01, 0.02))
    assert [found.level(pairs) for pairs in (1, 4, 7, 8, 99)] == [0.01, 0.01, 0.01, 0.02, 0.02]


@pytest.mark.parametrize("looks", [(), (0, 1), (2, 2), (3, 2)])
def test_looks_must_rise(looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="looks that rise"):
        design(error=0.05, looks=looks)


@pytest.mark.parametrize("error", [0, 1, -0.1])
def test_an_error_is_a_probability(error: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        design(error=error, looks=[4])


def test_later_looks_of_equal_steps_ask_for_less() -> None:
    bounds = [normal_quantile(1 - p / 2) for p in design(error=0.01, looks=range(1, 12)).levels]
    assert all(later < sooner for sooner, later in itertools.pairwise(bounds[1:]))
