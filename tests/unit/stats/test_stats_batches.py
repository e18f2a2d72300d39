import math
import random

import pytest

from paceline.stats.batches import FEWEST, MOST, batch_size, likeness, means, spread

NOISE = random.Random(1)  # noqa: S311  (seeded data, no secret)
INDEPENDENT = [NOISE.gauss(10, 1) for _ in range(48)]
BLOCKS = [value for value in INDEPENDENT[:16] for _ in range(4)]


@pytest.mark.parametrize("count", [1, 2, 31, 32, 63, 64, 65, 1000, 200_000])
def test_there_are_32_to_64_batches_or_one_per_value(count: int) -> None:
    batches = count // batch_size(count)
    assert batches == count if count < 2 * MOST else MOST <= batches < 2 * MOST


def test_a_remainder_is_left_out_at_the_start() -> None:
    assert means([9.0, 1.0, 3.0, 5.0, 7.0], 2) == [2.0, 6.0]


def test_batches_of_one_are_the_values() -> None:
    assert means((1.0, 2.0), 1) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [([1.0, -1.0] * 50, -0.98), ([0.0] * 50 + [1.0] * 50, 0.98), ([3.0, 3.0], 0.0)],
)
def test_likeness_tells_swings_from_drift(figures: list[float], expected: float) -> None:
    assert likeness(figures) == pytest.approx(expected)


def test_independent_figures_keep_their_textbook_error() -> None:
    found = spread(INDEPENDENT)
    assert found.batches == 48
    assert found.size == 1
    assert 1 / math.sqrt(48) * 0.7 < found.error < 1 / math.sqrt(48) * 1.5


def test_like_neighbours_are_merged_and_widen_the_error() -> None:
    found = spread(BLOCKS)
    assert found.batches == FEWEST
    assert found.size == 4
    assert found.error > 1.5 * 1 / math.sqrt(len(BLOCKS))


def test_a_drift_leaves_few_degrees_of_freedom() -> None:
    assert spread([float(n) for n in range(50)]).freedom == 3


def test_two_figures_have_one_degree_of_freedom() -> None:
    found = spread([1.0, 3.0])
    assert (found.error, found.freedom, found.batches) == (1.0, 1, 2)
