import random

import pytest

from paceline.stats.change import compare
from paceline.stats.interval import estimate
from paceline.stats.ratio import ratio

NOISE = random.Random(6)  # noqa: S311  (seeded data, no secret)
BASE = [NOISE.gauss(10, 0.5) for _ in range(200)]


@pytest.mark.parametrize(
    ("factor", "threshold", "significant", "relevant"),
    [
        (1.0, 0.05, False, False),
        (1.2, 0.05, True, True),
        (0.8, 0.05, True, True),
        (1.2, 0.3, True, False),
    ],
)
def test_significant_and_relevant_are_told_apart(
    factor: float, threshold: float, *, significant: bool, relevant: bool
) -> None:
    head = [value * factor for value in BASE]
    found = compare(BASE, head, statistic="median", threshold=threshold)
    assert (found.significant, found.relevant) == (significant, relevant)


def test_noise_can_be_relevant_without_being_significant() -> None:
    found = compare([10.0, 14.0, 9.0], [12.0, 9.0, 15.0], statistic="mean", threshold=0.05)
    assert (found.significant, found.relevant) == (False, True)


def test_a_change_holds_both_estimates_and_their_ratio() -> None:
    head = [value * 1.1 for value in BASE]
    found = compare(BASE, head, statistic="mean", threshold=0.05, level=0.9)
    assert found.base == estimate(BASE, "mean", level=0.9)
    assert found.head == estimate(head, "mean", level=0.9)
    assert found.ratio == ratio(BASE, head, statistic="mean", level=0.9)


@pytest.mark.parametrize(("base", "statistic"), [([1.0], "mean"), (BASE[:30], "p99")])
def test_less_confidence_than_asked_is_never_significant(base: list[float], statistic: str) -> None:
    head = [value * 5 for value in base]
    found = compare(base, head, statistic=statistic, threshold=0.05)
    assert found.ratio.level < 0.95
    assert not found.significant
