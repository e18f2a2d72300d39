from __future__ import annotations

import pytest

from paceline.suite.bound import Bound, Losses, held_back


@pytest.mark.parametrize(
    ("work", "collection", "longest", "seconds"), [(8.0, 1.0, 2.0, 5.0), (2.0, 0.1, 4.0, 4.0)]
)
def test_a_run_takes_its_share_of_work_or_its_longest_test(
    work: float, collection: float, longest: float, seconds: float
) -> None:
    bound = Bound(work, collection, longest, workers=2)
    assert bound.seconds == seconds
    assert bound.efficiency(2 * seconds) == 0.5
    assert bound.efficiency(0.0) == 0.0


def test_what_held_a_run_back_is_told_by_its_share() -> None:
    losses = Losses(10.0, "a.py::t[{x}]", setups=1.0, waiting=4.0, starting=0.1, idle=3.0)
    assert held_back(Bound(12.0, 0.6, 4.1, workers=2), losses) == (
        "longest test 41% of wall: a.py::t[{x}]",
        "waiting for memory, cores or a named resource 20% of wall",
        "workers idle at the end 15% of wall",
    )


def test_small_parts_are_not_told() -> None:
    assert held_back(Bound(19.0, 0.1, 1.0, workers=2), Losses(10.0)) == ()
    assert held_back(Bound(0.0, 0.0, 0.0, workers=2), Losses(0.0)) == ()


def test_a_longest_test_without_a_name_is_told_too() -> None:
    told = held_back(Bound(4.0, 1.0, 4.0, workers=2), Losses(5.0))
    assert told == ("longest test 80% of wall", "collection 20% of wall")
