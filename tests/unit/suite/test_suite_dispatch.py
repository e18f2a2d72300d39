from __future__ import annotations

import pytest

from paceline.suite.chunks import Chunk
from paceline.suite.dispatch import Dispatcher
from paceline.suite.order import Order
from paceline.suite.past import Shared
from paceline.suite.plan import Plan, Room
from paceline.suite.task import ORDINARY, Needs

APP, MODULE = ". fixture app", "a.py fixture app"
BIG = Needs(memory=8)
DB = Needs(uses=(("db", 1),))
ALONE = Needs(alone=True)


def chunk(*tasks: int, seconds: float = 1.0, needs: Needs = ORDINARY, **more: object) -> Chunk:
    each = (seconds,) * len(tasks)
    return Chunk(tasks, sum(each), needs, each=each, number=tasks[0], **more)  # type: ignore[arg-type]


def dispatcher(
    *chunks: Chunk, order: Order = Order.LONGEST, workers: int = 2, cost: float = 5.0
) -> Dispatcher:
    shared = (Shared(APP, cost), Shared(MODULE, cost))
    plan = Plan(chunks, workers, order, (), shared, ())
    return Dispatcher(plan, Room(float(workers), memory=10))


def taken(given: Dispatcher, worker: int) -> tuple[int, ...]:
    found = given.take(worker)
    return found.tasks if found else ()


def test_chunks_are_handed_out_in_order_until_all_is_over() -> None:
    given = dispatcher(chunk(0, 1), chunk(2))
    assert (given.waiting, given.left, given.over) == (3, 3, False)
    assert [taken(given, worker) for worker in (0, 1, 1)] == [(0, 1), (2,), ()]
    for worker, task in ((0, 0), (1, 2), (0, 1)):
        given.finished(worker, task)
    assert (given.waiting, given.left, given.over) == (0, 0, True)


def test_an_end_that_is_told_twice_counts_once() -> None:
    given = dispatcher(chunk(0, 1))
    given.take(0)
    given.finished(0, 0)
    given.finished(0, 0)
    assert given.left == 1


def test_what_fits_overtakes_what_waits_for_room() -> None:
    given = dispatcher(chunk(0, needs=BIG), chunk(1, needs=BIG), chunk(2))
    assert [taken(given, worker) for worker in (0, 1)] == [(0,), (2,)]
    given.finished(0, 0)
    assert taken(given, 0) == (1,)


def test_what_waits_to_be_alone_is_not_overtaken_for_ever() -> None:
    given = dispatcher(chunk(0), chunk(1, needs=ALONE), *(chunk(at) for at in range(2, 20)))
    given.take(0)
    seen: list[int] = []
    while task := taken(given, 1):
        seen += task
        given.finished(1, task[0])
    assert seen == [2, 3, 4, 5]
    given.finished(0, 0)
    assert taken(given, 1) == (1,)
    assert taken(given, 0) == ()


def test_who_waits_for_a_resource_holds_up_only_those_who_want_it_too() -> None:
    rest = [chunk(at) for at in range(3, 20)]
    given = dispatcher(chunk(0, needs=DB), chunk(1, needs=DB), *rest, chunk(30, needs=DB))
    given.take(0)
    for at in range(3, 20):
        assert taken(given, 1) == (at,)
        given.finished(1, at)
    assert taken(given, 1) == ()


def test_under_memory_pressure_something_begins_only_when_nothing_runs() -> None:
    given = dispatcher(chunk(0), chunk(1))
    given.paused = True
    assert [taken(given, worker) for worker in (0, 1)] == [(0,), ()]
    given.finished(0, 0)
    assert taken(given, 1) == (1,)


def test_late_tests_run_one_by_one_when_all_others_are_over() -> None:
    given = dispatcher(chunk(0), chunk(1, last=True), chunk(2, last=True))
    assert [taken(given, worker) for worker in (0, 1)] == [(0,), ()]
    given.finished(0, 0)
    assert [taken(given, worker) for worker in (1, 0)] == [(1,), ()]
    given.finished(1, 1)
    assert taken(given, 0) == (2,)


def test_a_group_stays_with_the_worker_that_began_it() -> None:
    given = dispatcher(chunk(0, group="g"), chunk(1, group="g"), chunk(2))
    assert [taken(given, worker) for worker in (0, 1)] == [(0,), (2,)]
    given.finished(1, 2)
    assert taken(given, 1) == ()
    assert taken(given, 0) == (1,)


def test_a_lost_worker_s_group_moves_to_whoever_takes_it() -> None:
    given = dispatcher(chunk(0, 1, group="g"), chunk(2, group="g"))
    given.take(0)
    given.finished(0, 0)
    given.given_back(0, [1])
    given.lost(0)
    assert [taken(given, 1), taken(given, 1)] == [(1,), (2,)]


def test_pinned_tests_run_only_where_they_are_pinned_to() -> None:
    given = dispatcher(chunk(0), chunk(1, 2, 3), chunk(4, last=True))
    given.take(0)
    given.pin([2, 4], 0, "port")
    assert taken(given, 1) == (1, 3)
    assert taken(given, 0) == (2,)
    for worker, task in ((0, 0), (1, 1), (1, 3), (0, 2)):
        given.finished(worker, task)
    assert taken(given, 1) == ()
    assert taken(given, 0) == (4,)


def test_a_pin_holds_for_tests_that_come_back_later() -> None:
    given = dispatcher(chunk(0), chunk(1, 2, 3))
    given.take(0)
    given.take(1)
    given.pin([2], 0, "port")
    assert given.stealable(1) == (3,)
    given.given_back(1, [2, 3])
    given.finished(1, 1)
    assert taken(given, 1) == (3,)
    assert taken(given, 0) == (2,)


def test_what_a_worker_keeps_is_not_given_back() -> None:
    given = dispatcher(chunk(0, 1), chunk(2, 3), chunk(4))
    given.take(0)
    given.take(0)
    given.pin([3], 1, "port")
    given.given_back(0, [3])
    assert given.waiting == 2
    assert [taken(given, 0), taken(given, 1)] == [(4,), (3,)]


def test_what_is_stolen_comes_back_in_parts_for_several() -> None:
    given = dispatcher(chunk(*range(9)))
    given.take(0)
    assert given.richest(1) == 0
    given.given_back(0, given.stealable(0))
    assert [taken(given, worker) for worker in (1, 0)] == [(1, 2, 3, 4), (5, 6, 7, 8)]


@pytest.mark.parametrize(
    ("given", "victim"),
    [
        (dispatcher(chunk(0)), None),
        (dispatcher(chunk(0, 1, group="g")), None),
        (dispatcher(chunk(0, 1, shared=(APP,))), None),
        (dispatcher(chunk(0, 1, shared=(APP,)), cost=0.5), 0),
        (dispatcher(chunk(0, 1), order=Order.SERIAL), None),
        (dispatcher(chunk(0, 1), order=Order.SHUFFLED), 0),
    ],
)
def test_a_worker_is_robbed_only_of_what_pays(given: Dispatcher, victim: int | None) -> None:
    given.take(0)
    assert given.richest(1) == victim
    assert given.richest(0) is None


def test_the_worker_with_most_left_is_robbed() -> None:
    given = dispatcher(chunk(0, 1), chunk(2, 3, seconds=2.0), workers=3)
    given.take(0)
    given.take(1)
    assert given.richest(2) == 1


def test_a_dear_session_fixture_stays_where_it_lives() -> None:
    chunks = [chunk(at, shared=(APP,)) for at in range(3)]
    given = dispatcher(*chunks, chunk(3, seconds=9.0), chunk(4, seconds=9.0), workers=2)
    assert [taken(given, worker) for worker in (0, 1)] == [(0,), (3,)]
    given.finished(0, 0)
    assert taken(given, 0) == (1,)


def test_a_fixture_is_copied_once_its_users_would_end_last() -> None:
    given = dispatcher(*(chunk(at, shared=(APP,)) for at in range(20)))
    assert [taken(given, worker) for worker in (0, 1)] == [(0,), (1,)]


def test_an_idle_worker_waits_where_its_copy_would_come_too_late() -> None:
    given = dispatcher(*(chunk(at, shared=(APP,)) for at in range(4)))
    assert [taken(given, worker) for worker in (0, 1)] == [(0,), ()]


def test_a_worker_stays_with_its_module_while_longer_chunks_can_wait() -> None:
    home = [chunk(at, shared=(MODULE,)) for at in (0, 9)]
    given = dispatcher(home[0], *(chunk(at) for at in range(1, 9)), home[1])
    assert taken(given, 0) == (0,)
    given.finished(0, 0)
    assert taken(given, 0) == (9,)


def test_in_serial_order_a_worker_never_goes_back() -> None:
    given = dispatcher(
        chunk(0, needs=DB), chunk(1, needs=DB), chunk(2), chunk(3), order=Order.SERIAL
    )
    assert [taken(given, worker) for worker in (0, 1)] == [(0,), (2,)]
    given.finished(0, 0)
    given.finished(1, 2)
    assert taken(given, 1) == (3,)
    assert taken(given, 0) == (1,)


def test_in_serial_order_the_last_who_may_run_a_test_waits_for_it() -> None:
    given = dispatcher(chunk(0), chunk(1, needs=ALONE), chunk(2), order=Order.SERIAL)
    assert [taken(given, worker) for worker in (0, 1, 0)] == [(0,), (2,), ()]
    given.finished(0, 0)
    assert taken(given, 0) == ()
    given.finished(1, 2)
    assert taken(given, 0) == (1,)


def test_in_serial_order_what_a_lost_worker_leaves_may_come_late() -> None:
    given = dispatcher(chunk(0, 1), chunk(2), order=Order.SERIAL)
    given.take(0)
    given.take(1)
    given.finished(0, 0)
    given.given_back(0, [1])
    given.lost(0)
    given.finished(1, 2)
    assert taken(given, 1) == (1,)


def test_in_serial_order_a_worker_that_never_came_holds_nobody_up() -> None:
    given = dispatcher(chunk(0, 1), chunk(2), order=Order.SERIAL, workers=3)
    given.take(0)
    given.take(1)
    given.given_back(0, [0, 1])
    given.finished(1, 2)
    assert taken(given, 1) == (0,)
