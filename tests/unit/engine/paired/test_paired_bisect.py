from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from paceline.engine.paired.bisect import Bisected, Step, bisect
from paceline.errors import MeasureError
from paceline.guard.bisection import Position
from paceline.guard.paired import Decision, Terms, decide

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMITS = ("c1", "c2", "c3", "c4", "c5")


class Machine:
    """Measures commits of known cost exactly; ``broken`` can't be measured."""

    def __init__(self, costs: Mapping[str, float], *broken: str) -> None:
        self.costs, self.broken, self.asked = costs, broken, list[tuple[str, str, float]]()

    def __call__(self, base: str, head: str, reference: float) -> Decision | None:
        self.asked.append((base, head, reference))
        if {base, head} & set(self.broken):
            return None
        ratio = math.log(self.costs[head] / self.costs[base]) - reference
        terms = Terms(max(abs(reference) / 4, 0.01), looks=(24,))
        return decide([ratio + 1e-5 * (-1) ** step for step in range(24)], terms)


def searched(machine: Machine) -> tuple[Bisected, list[Step]]:
    steps: list[Step] = []
    return bisect("good", COMMITS, machine, watch=steps.append), steps


def costs(first: int, factor: float) -> dict[str, float]:
    later = dict.fromkeys(COMMITS[first:], factor)
    return {"good": 1.0, **dict.fromkeys(COMMITS, 1.0), **later}


@pytest.mark.parametrize("first", range(5))
@pytest.mark.parametrize("factor", [1.05, 0.8])
def test_the_commit_that_moved_the_figure_is_found(first: int, factor: float) -> None:
    found, steps = searched(Machine(costs(first, factor)))
    assert found.candidates == (COMMITS[first],)
    assert found.step
    assert found.step.ratio.point == pytest.approx(factor, rel=1e-3)
    assert len(steps) == len(found.steps) <= 3


def test_a_commit_that_cannot_be_measured_is_passed_over() -> None:
    found, _ = searched(Machine(costs(3, 1.2), "c3"))
    assert found.candidates == ("c3", "c4")


def test_an_undecided_commit_is_measured_again() -> None:
    machine = Machine({**costs(3, 1.21), "c3": 1.1})
    _, steps = searched(machine)
    assert [step.position for step in steps if step.commit == "c3"] == [Position.UNSURE]
    assert len([one for one in machine.asked if one[1] == "c3"]) >= 2


def test_ends_that_do_not_differ_leave_nothing_to_find() -> None:
    with pytest.raises(MeasureError, match="differ"):
        searched(Machine(costs(5, 1.0)))
    with pytest.raises(MeasureError, match="can't be measured"):
        searched(Machine(costs(3, 1.2), "c5"))
