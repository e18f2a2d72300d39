from __future__ import annotations

import pytest

from paceline.suite.expectation import Expectation, Source
from paceline.suite.order import Order
from paceline.suite.past import Shared
from paceline.suite.plan import Plan, Room, make_plan
from paceline.suite.simulation import simulate
from paceline.suite.task import Task

APP = ". fixture app"


def planned(tasks: list[Task], seconds: float, **more: object) -> Plan:
    given = [Expectation(seconds, Source.RECORDED) for _ in tasks]
    return make_plan(tasks, given, order=Order.LONGEST, room=Room(9.0), **more)  # type: ignore[arg-type]


def suite(count: int, *shared: str) -> list[Task]:
    return [Task(at, f"a::{at}", f"m{at // 10}", shared=shared) for at in range(count)]


def test_work_is_shared_evenly() -> None:
    run = simulate(planned(suite(100), 0.1, workers=4), [0.1] * 100, Room(4.0), overhead=0.1)
    assert run.makespan == pytest.approx(5.0)
    assert run.busy == pytest.approx([5.0] * 4)
    assert run.setups == 0


def test_an_idle_worker_takes_over_what_was_expected_to_be_short() -> None:
    tasks = [Task(at, f"a::{at}", "a") for at in range(1000)]
    durations = [1.0] * 20 + [0.001] * 980
    run = simulate(planned(tasks, 0.001, workers=5), durations, Room(5.0))
    assert run.makespan < 6


def test_a_fixture_is_copied_only_where_that_pays() -> None:
    tasks, shared = suite(20, APP), [[APP]] * 20
    setups = [
        simulate(
            planned(tasks, 0.1, workers=2, shared=[Shared(APP, cost)]),
            [0.1] * 20,
            Room(2.0),
            shared=shared,
        ).setups
        for cost in (0.1, 50.0)
    ]
    assert setups == [2, 1]


def test_a_module_s_fixture_is_set_up_again_once_its_module_was_left() -> None:
    key = "m0 fixture app"
    plan = planned(suite(3), 1.0, workers=1, shared=[Shared(key, 0.5)])
    run = simulate(plan, [1.0] * 3, Room(1.0), shared=[[key], [], [key]])
    assert (run.setups, run.makespan) == (2, 4.0)
