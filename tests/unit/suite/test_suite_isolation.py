from __future__ import annotations

import pytest

from paceline.suite.isolation import Cause, Isolation, isolate

HISTORY = [f"t{at}" for at in range(64)]


@pytest.mark.parametrize(
    "guilty", [("t0",), ("t63",), ("t31",), ("t3", "t60"), ("t1", "t2"), ("t5", "t30", "t61")]
)
def test_the_polluters_are_found_and_nobody_else(guilty: tuple[str, ...]) -> None:
    found = isolate(HISTORY, lambda some: set(guilty) <= set(some))
    assert found.cause is Cause.POLLUTED
    assert found.tests == guilty
    assert found.minimal
    assert found.trials <= (14 if len(guilty) == 1 else 100)


def test_a_predecessor_that_a_test_needs_is_found() -> None:
    found = isolate(HISTORY, lambda some: "t40" not in some)
    assert (found.cause, found.tests, found.minimal) == (Cause.NEEDS, ("t40",), True)


@pytest.mark.parametrize(("fails", "cause"), [(True, Cause.ITSELF), (False, Cause.NOT_REPRODUCED)])
def test_a_test_that_no_history_changes_has_no_polluter(fails: bool, cause: Cause) -> None:
    assert isolate(HISTORY, lambda _: fails) == Isolation(cause, (), minimal=True, trials=2)


def test_trials_are_bounded_and_what_is_left_is_said_not_to_be_minimal() -> None:
    asked: list[tuple[str, ...]] = []

    def fails(some: tuple[str, ...]) -> bool:
        asked.append(some)
        return "t7" in some

    found = isolate(HISTORY, fails, trials=5)
    assert not found.minimal
    assert "t7" in found.tests
    assert found.trials == len(asked) == 5


def test_no_history_is_tried_twice() -> None:
    asked: list[tuple[str, ...]] = []

    def fails(some: tuple[str, ...]) -> bool:
        asked.append(some)
        return {"t3", "t60", "t20"} <= set(some)

    isolate(HISTORY, fails, trials=1000)
    assert len(asked) == len(set(asked))
