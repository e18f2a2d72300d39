from __future__ import annotations

from paceline.suite.bound import Bound
from paceline.suite.expectation import Expectation, Source
from paceline.suite.explain import explain_plan
from paceline.suite.order import Order
from paceline.suite.plan import Room, make_plan
from paceline.suite.task import Needs, Task
from paceline.suite.workers import Choice

FULL = Needs(2.0, 10**9, (("db", 2), ("port", 1)), alone=True)


def told(tasks: list[Task], room: Room) -> tuple[str, ...]:
    given = [Expectation(1.0 + task.index, Source.RECORDED) for task in tasks]
    plan = make_plan(tasks, given, workers=2, order=Order.LONGEST, room=room)
    bound = Bound(sum(one.seconds for one in given), 1.0, 1.0, 2)
    choice = Choice(2, "2 cores")
    return explain_plan(plan, tasks, choice=choice, because="green", room=room, bound=bound)


def test_a_plan_is_told_line_by_line() -> None:
    lines = told([Task(0, "a::x", "a"), Task(1, "a::y", "a", group="g")], Room(2.0))
    assert lines == (
        "workers  2: 2 cores",
        "order    longest: green",
        "         longest expected first",
        "chunks   2 for 2 tests",
        "expected 3.000 s",
        "bound    2.500 s: work 3.000 s on 2 workers, collection 1.000 s, longest test 1.000 s",
        "longest  2.000 s a::y",
        "         1.000 s a::x",
        "groups   g: tests 1, 2.000 s, on one worker",
    )


def test_what_a_test_waits_for_is_told() -> None:
    lines = told([Task(0, "a::x", "a", needs=FULL)], Room(2.0, 2 * 10**9))
    assert lines[-2].startswith("room     2 cores, 1.863 GiB")
    assert "a::x needs to be alone, 2 cores, 953.7 MiB, db × 2, port" in lines[-1]


def test_only_what_is_out_of_the_ordinary_is_told_of_needs() -> None:
    tasks = [
        Task(0, "a::x", "a", needs=Needs(3.0)),
        Task(1, "a::y", "a", needs=Needs(memory=1024)),
    ]
    assert [line.strip() for line in told(tasks, Room(4.0))[-2:]] == [
        "a::x needs 3 cores",
        "a::y needs 1.000 KiB",
    ]


def test_a_large_plan_stays_on_one_screen() -> None:
    tasks = [Task(at, f"a::{at}", "a", group=f"g{at}", needs=FULL) for at in range(200)]
    lines = told(tasks, Room(2.0))
    assert len(lines) <= 24
    assert lines[-1] == "         and 196 more"
