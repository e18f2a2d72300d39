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
        "waiting for memory, cores or a named resource 20% of the workers' time",
        "idle at the end 15% of the workers' time",
    )


def test_small_parts_are_not_told() -> None:
    assert held_back(Bound(19.0, 0.1, 1.0, workers=2), Losses(10.0)) == ()
    assert held_back(Bound(0.0, 0.0, 0.0, workers=2), Losses(0.0)) == ()


def test_a_longest_test_without_a_name_is_told_too() -> None:
    told = held_back(Bound(4.0, 1.0, 4.0, workers=2), Losses(5.0))
    assert told == ("longest test 80% of wall", "collection 20% of wall")


def test_a_long_test_that_nobody_waited_for_held_nothing_back() -> None:
    assert held_back(Bound(19.0, 0.1, 4.0, workers=2), Losses(10.0, "t", idle=0.5)) == ()
    told = held_back(Bound(19.0, 0.1, 4.0, workers=2), Losses(10.0, "t", idle=1.0))
    assert told == ("longest test 40% of wall: t", "idle at the end 5% of the workers' time")


def test_what_ran_while_workers_could_not_is_told_by_its_share_of_the_wall() -> None:
    losses = Losses(10.0, alone=3.0, tried=2, trials=1.2, ending=0.6)
    assert held_back(Bound(12.0, 0.1, 1.0, workers=2), losses) == (
        "benchmarks alone 30% of wall",
        "trying 2 failures again 12% of wall",
        "teardowns and records after the last test 6% of wall",
    )
    assert held_back(Bound(9.0, 0.1, 1.0, workers=1), Losses(10.0, alone=3.0, tried=1)) == ()
    assert held_back(Bound(9.0, 0.1, 1.0, workers=1), Losses(10.0, tried=1, trials=1.0)) == (
        "trying 1 failure again 10% of wall",
    )
