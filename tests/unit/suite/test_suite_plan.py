from __future__ import annotations

import math

import pytest

from paceline.suite.expectation import Expectation, Source
from paceline.suite.order import Order
from paceline.suite.past import Shared
from paceline.suite.plan import PARTS, Plan, Room, lower_bound, make_plan
from paceline.suite.task import Needs, Task

ROOM = Room(2.0)


def planned(  # noqa: PLR0913  (what a test varies, by name)
    tasks: list[Task],
    seconds: list[float],
    order: Order = Order.LONGEST,
    *,
    shared: tuple[Shared, ...] = (),
    unknown: tuple[int, ...] = (),
    seed: int = 0,
) -> Plan:
    expectations = [
        Expectation(one, Source.MODULE if at in unknown else Source.RECORDED)
        for at, one in enumerate(seconds)
    ]
    return make_plan(
        tasks, expectations, workers=2, order=order, room=ROOM, shared=shared, seed=seed
    )


def suite(modules: str, **more: object) -> list[Task]:
    return [Task(at, f"{name}::t{at}", name, **more) for at, name in enumerate(modules)]  # type: ignore[arg-type]


def sequence(plan: Plan) -> list[int]:
    return [task for chunk in plan.chunks for task in chunk.tasks]


def test_a_serial_plan_keeps_the_collected_order() -> None:
    plan = planned(suite("a" * 60 + "b" * 40), [0.01] * 100, Order.SERIAL)
    assert sequence(plan) == list(range(100))
    assert 8 <= len(plan.chunks) <= 20
    assert plan.chunks[0].seconds > plan.chunks[-1].seconds


def test_blocks_end_with_their_modules_where_that_is_near() -> None:
    plan = planned(suite("a" * 10 + "b" * 90), [0.01] * 100, Order.SERIAL)
    assert plan.chunks[0].tasks == tuple(range(10))


def test_what_has_needs_of_its_own_stands_alone_in_its_block() -> None:
    tasks = suite("a" * 8)
    tasks[3] = Task(3, "a::t3", "a", needs=Needs(memory=5))
    tasks[5] = Task(5, "a::t5", "a", group="g")
    chunks = planned(tasks, [0.01] * 8, Order.SERIAL).chunks
    assert [chunk.tasks for chunk in chunks if 3 in chunk.tasks] == [(3,)]
    assert [chunk.group for chunk in chunks if 5 in chunk.tasks] == ["g"]


def test_shuffling_moves_modules_and_keeps_what_is_inside() -> None:
    tasks = suite("aaabbbcccddd")
    orders = [sequence(planned(tasks, [0.01] * 12, Order.SHUFFLED, seed=at)) for at in range(8)]
    assert len({tuple(order) for order in orders}) > 3
    for order in orders:
        assert sorted(order) == list(range(12))
        assert all(order[at : at + 3] == sorted(order[at : at + 3]) for at in range(0, 12, 3))


def test_the_same_seed_gives_the_same_plan() -> None:
    plans = [planned(suite("abcd"), [0.1] * 4, Order.SHUFFLED, seed=3) for _ in range(2)]
    assert plans[0] == plans[1]


def test_the_longest_begin_first_and_no_chunk_is_longer_than_its_part() -> None:
    seconds = [0.01] * 200
    seconds[150] = 0.5
    plan = planned(suite("a" * 100 + "b" * 100), seconds)
    assert plan.chunks[0].tasks == (150,)
    cap = lower_bound(suite("a" * 200), plan.expectations, 2) / PARTS
    assert all(chunk.seconds <= cap for chunk in plan.chunks[1:])
    assert all(len({task // 100 for task in chunk.tasks}) == 1 for chunk in plan.chunks)


def test_the_tail_is_cut_finer() -> None:
    plan = planned(suite("a" * 1000), [0.001] * 1000)
    assert plan.chunks[-1].seconds < plan.chunks[0].seconds / 3
    assert sorted(sequence(plan)) == list(range(1000))


def test_failed_tests_come_first_and_categories_follow_their_rank() -> None:
    tasks = [
        Task(0, "a::t0", "a", rank=1),
        Task(1, "a::t1", "a"),
        Task(2, "a::t2", "a", rank=1, failed=True),
    ]
    assert sequence(planned(tasks, [9.0, 0.1, 0.1])) == [2, 1, 0]


def test_unknown_tests_begin_before_known_ones_of_their_length() -> None:
    plan = planned(suite("a" * 40), [1.0] * 40, unknown=(39,))
    assert plan.chunks[0].tasks == (39,)


def test_what_would_be_alone_for_long_anyway_begins_first() -> None:
    tasks = suite("a" * 10)
    tasks[8] = Task(8, "a::t8", "a", needs=Needs(alone=True))
    tasks[9] = Task(9, "a::t9", "a", group="g")
    tasks[7] = Task(7, "a::t7", "a", group="g")
    chunks = planned(tasks, [1.0] * 10).chunks
    assert [chunk.tasks for chunk in chunks[:2]] == [(8,), (7, 9)]


def test_those_that_queue_for_a_resource_begin_early() -> None:
    tasks = suite("a" * 20)
    tasks[18:] = [Task(at, f"b::{at}", "b", needs=Needs(uses=(("db", 1),))) for at in (18, 19)]
    assert sequence(planned(tasks, [1.0] * 20))[:2] == [18, 19]


def test_late_tests_are_the_last_chunks() -> None:
    tasks = [Task(0, "a::t0", "a", last=True), *suite("aaaa")[1:]]
    last = planned(tasks, [5.0, 1.0, 1.0, 1.0]).chunks[-1]
    assert (last.tasks, last.last) == ((0,), True)


def test_users_of_a_dear_fixture_stay_in_one_chunk() -> None:
    shared = (Shared("a fixture app", 1.0), Shared("a fixture cheap", 0.0001))
    tasks = suite("a" * 50, shared=("a fixture app", "a fixture cheap"))
    chunks = planned(tasks, [0.01] * 50, shared=shared).chunks
    assert [chunk.shared for chunk in chunks] == [("a fixture app",)]


@pytest.mark.parametrize(
    ("seconds", "bound"), [([1.0, 1.0], 1.0), ([3.0, 1.0], 3.0), ([], 0.0), ([1.0] * 6, 5.0)]
)
def test_no_schedule_is_shorter_than_the_bound(seconds: list[float], bound: float) -> None:
    tasks = [Task(at, str(at), "a", group="g" if at > 0 else "") for at in range(len(seconds))]
    given = [Expectation(one, Source.RECORDED) for one in seconds]
    assert lower_bound(tasks, given, 2) == bound


def test_a_plan_says_why_it_is_as_it_is() -> None:
    tasks = [
        Task(0, "a::t0", "a", failed=True, needs=Needs(memory=1)),
        Task(1, "a::t1", "a", shared=("a fixture app",), last=True),
    ]
    shared = (Shared("a fixture app", 9.0),)
    told = [planned(tasks, [1.0, 1.0], one, shared=shared, unknown=(1,)).reasons for one in Order]
    assert [len(reasons) for reasons in told] == [3, 4, 6]
    assert told[-1][:2] == ("longest expected first", "failed last time, so first: 1")


def test_an_empty_suite_has_an_empty_plan() -> None:
    for order in Order:
        assert planned([], [], order).chunks == ()


def test_chunks_add_up_to_what_is_expected() -> None:
    plan = planned(suite("aabbb"), [0.1, 0.2, 0.3, 0.4, 0.5])
    assert math.isclose(sum(chunk.seconds for chunk in plan.chunks), 1.5)
    assert [chunk.number for chunk in plan.chunks] == list(range(len(plan.chunks)))
