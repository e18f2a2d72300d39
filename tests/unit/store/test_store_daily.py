from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from paceline.model import Case
from paceline.store.daily import rebuild
from paceline.store.retention import Retention

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

FIGURES = (
    "SELECT category, metric_number, day, run_number, figures, total, least, most"
    " FROM daily_figures ORDER BY 1, 2, 3, 4"
)
TESTS = "SELECT * FROM daily_tests ORDER BY 1, 2, 3"


def rolled_up(shelf: Shelf) -> tuple[list[Any], list[Any]]:
    return shelf.execute(FIGURES), shelf.execute(TESTS)


def test_a_runs_part_is_there_when_it_ended_and_not_before(shelf: Shelf) -> None:
    run = shelf.run("a")
    shelf.store.begin(run)
    shelf.store.append(run.id, (shelf.measurement(),))
    assert rolled_up(shelf) == ([], [])
    shelf.store.finish(run)
    assert shelf.execute(FIGURES) == [("", 1, 11, 1, 1, 0.25, 0.25, 0.25)]


def test_a_run_that_ends_again_on_another_day_is_counted_once(shelf: Shelf) -> None:
    run = shelf.keep("a")
    shelf.store.append(run.id, (shelf.measurement("test_two", values=(1.0,)),))
    shelf.store.finish(replace(run, started=5 * 86_400.0))
    assert shelf.execute(FIGURES) == [("", 1, 5, 1, 2, 1.25, 0.25, 1.0)]


def test_what_goes_by_age_goes_from_the_roll_up(shelf: Shelf) -> None:
    shelf.keep("a")
    shelf.keep("b")
    shelf.store.prune(Retention(keep_runs=1))
    assert [row[3] for row in shelf.execute(FIGURES)] == [2]


def test_a_category_is_of_markers_before_folders(shelf: Shelf) -> None:
    node_id = "tests/unit/test_a.py::test_one"
    for markers in ((), ("e2e",)):
        shelf.keep(f"{markers}", replace(shelf.measurement(), case=Case(node_id, markers=markers)))
    assert [row[0] for row in shelf.execute(FIGURES)] == ["e2e", "unit"]


def test_the_roll_up_is_what_a_recomputation_gives(shelf: Shelf) -> None:
    for number in range(4):
        shelf.now += 50_000.0
        run = shelf.keep(f"{number}", shelf.measurement(), shelf.measurement("test_two", values=()))
        shelf.store.keep_resources(run.id, (shelf.record(), shelf.record("test_three")))
        shelf.store.finish(run)
    shelf.store.begin(shelf.run("torn"))
    shelf.store.prune(Retention(keep_runs=3))
    kept = rolled_up(shelf)
    shelf.store.transactions.write(rebuild)
    assert rolled_up(shelf) == kept
    assert [len(part) for part in kept] == [2, 2]


def test_figures_whose_sum_no_float_holds_are_left_out(shelf: Shelf) -> None:
    huge = shelf.measurement("test_two", values=(1.7e308,))
    run = shelf.keep(
        "a", shelf.measurement(), huge, shelf.measurement("test_three", values=(1.7e308,))
    )
    figures = (1.7e308, *shelf.record().figures[1:])
    records = [shelf.record(f"test_{one}", figures=figures) for one in range(3)]
    shelf.store.keep_resources(run.id, records)
    shelf.store.finish(run)
    assert [row[4:6] for row in shelf.execute(FIGURES)] == [(1, 0.25)]
    assert [tuple(row)[3:] for row in shelf.execute(TESTS)] == [(3, 0, 0.0)]
