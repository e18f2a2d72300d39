from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paceline.model import METRICS, Case, RunId
from paceline.store.board import Board, Day, Flaky, Pair, Rate, Slow

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

    from paceline.model import Measurement, Resources

DAY = 86_400.0


def measured(shelf: Shelf, folder: str, name: str, *values: float) -> Measurement:
    case = Case(f"tests/{folder}/test_a.py::{name}")
    return replace(shelf.measurement(), case=case, values=values)


def ended(shelf: Shelf, name: str, outcome: str) -> Resources:
    record = shelf.record(case=Case(f"tests/unit/test_a.py::{name}"))
    return replace(record, turn=replace(record.turn, outcome=outcome))


@pytest.fixture
def board(shelf: Shelf) -> Board:
    return Board(shelf.store.transactions)


def test_the_slowest_of_a_category_come_first(shelf: Shelf, board: Board) -> None:
    for seconds in (1.0, 3.0):
        shelf.keep(
            f"{seconds}",
            measured(shelf, "unit", "quick", 0.5),
            measured(shelf, "unit", "slow", seconds),
            measured(shelf, "e2e", "elsewhere", 9.0),
        )
    shelf.store.begin(shelf.run("torn"))
    slow, quick = (f"tests/unit/test_a.py::{name}" for name in ("slow", "quick"))
    assert board.slowest("unit", "wall_time") == (Slow(slow, 2.0, 2), Slow(quick, 0.5, 2))
    assert board.slowest("unit", "wall_time", runs=1, limit=1) == (Slow(slow, 3.0, 1),)


def test_a_category_is_followed_by_day(shelf: Shelf, board: Board) -> None:
    for number, value in enumerate((1.0, 2.0, 6.0)):
        shelf.now = 1000.5 * DAY if number < 2 else 1001.5 * DAY
        shelf.keep(f"{number}", measured(shelf, "unit", "one", value))
    assert board.days("unit", "wall_time", since=0) == (
        Day(1000, 2, 1.5, 1.0, 2.0),
        Day(1001, 1, 6.0, 6.0, 6.0),
    )
    assert board.days("unit", "wall_time", since=1001) == (Day(1001, 1, 6.0, 6.0, 6.0),)
    assert board.days("e2e", "wall_time", since=0) == ()


def test_failures_are_counted_by_category(shelf: Shelf, board: Board) -> None:
    outcomes = ("passed", "failed", "error", "crashed", "skipped", "xfailed", "xpassed", "")
    run = shelf.run("a")
    shelf.store.begin(run)
    shelf.store.keep_resources(run.id, [ended(shelf, f"of_{one}", one) for one in outcomes])
    shelf.store.finish(run)
    assert board.rates(since=0) == (Rate("unit", 7, 3, 3.5),)
    assert board.rates(since=99_999) == ()


def test_two_runs_stand_side_by_side(shelf: Shelf, board: Board) -> None:
    both = measured(shelf, "unit", "both", 1.0)
    memory = replace(both, metric=METRICS["peak_memory"], values=())
    shelf.keep("a", both, memory, measured(shelf, "unit", "gone", 1.0))
    shelf.keep("b", replace(both, values=(2.0,)), memory)
    assert board.pairs(RunId("a"), RunId("b")) == (
        Pair(both.case.id, "wall_time", 1.0, 2.0),
        Pair(both.case.id, "peak_memory", None, None),
    )


def test_a_test_that_fails_now_and_then_is_flaky(shelf: Shelf, board: Board) -> None:
    for number, outcome in enumerate(("failed", "passed", "passed", "skipped")):
        run = shelf.run(f"{number}")
        shelf.store.begin(run)
        records = (ended(shelf, "now_and_then", outcome), ended(shelf, "always", "failed"))
        shelf.store.keep_resources(run.id, records)
        shelf.store.finish(run)
        shelf.now += 1
    assert board.flaky() == (Flaky("tests/unit/test_a.py::now_and_then", 1, 3),)
    assert board.flaky(runs=2) == ()
