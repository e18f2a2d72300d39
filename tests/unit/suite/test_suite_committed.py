from __future__ import annotations

from paceline.suite.chunks import Chunk
from paceline.suite.committed import committed
from paceline.suite.order import Order
from paceline.suite.plan import Plan, Room
from paceline.suite.task import ORDINARY, Needs

ROOM = Room(4.0, memory=100, places=(("pool", 4),))


def groups(*needs: Needs | str, room: Room = ROOM) -> list[str]:
    chunks = [
        Chunk((task,), 1.0, ORDINARY, one, each=(1.0,))
        if isinstance(one, str)
        else Chunk((task,), 1.0, one, each=(1.0,))
        for task, one in enumerate(needs)
    ]
    made = committed(Plan(tuple(chunks), 2, Order.LONGEST, (), (), ()), room)
    assert all(chunk.needs == ORDINARY for chunk in made.chunks)
    return [chunk.group for chunk in made.chunks]


def uses(*names: str, count: int = 1) -> Needs:
    return Needs(uses=tuple((name, count) for name in names))


def test_tests_of_one_resource_become_one_group() -> None:
    assert groups(uses("port"), ORDINARY, uses("port"), uses("db")) == [
        "place port",
        "",
        "place port",
        "place db",
    ]


def test_a_resource_with_places_for_every_worker_binds_nobody() -> None:
    assert groups(uses("pool", count=2), uses("pool", count=3)) == ["", "place pool"]


def test_only_what_takes_more_than_a_share_of_memory_is_bound() -> None:
    assert groups(Needs(memory=50), Needs(memory=51)) == ["", "memory"]
    assert groups(Needs(memory=51), room=Room(4.0)) == [""]


def test_only_what_takes_more_than_a_share_of_the_cores_is_bound() -> None:
    assert groups(Needs(cores=2.0), Needs(cores=2.5)) == ["", "cores"]
    assert groups(Needs(cores=1.0), room=Room(1.0)) == [""]


def test_groups_with_a_test_in_common_are_one() -> None:
    made = groups(uses("a"), uses("b"), uses("c"), uses("b", "c"), uses("a", "c"), "own")
    assert made == [made[0]] * 5 + ["group own"]


def test_what_is_to_be_alone_runs_last() -> None:
    chunk = Chunk((0,), 1.0, Needs(alone=True), each=(1.0,))
    plan = Plan((chunk,), 2, Order.LONGEST, (), (), ())
    assert [one.last for one in committed(plan, ROOM).chunks] == [True]
