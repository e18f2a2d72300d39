from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paceline.model import RESOURCES, Case, Resources, RunId, Turn
from paceline.suite.past import Past, fold

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

APP = Case("tests/test_score.py", "fixture app")
OWN = Case("tests/test_score.py::test_one", "fixture tmp_path")


def taken(shelf: Shelf, name: str, seconds: float, **more: object) -> Resources:
    figures = (seconds, *map(float, range(1, len(RESOURCES))))
    return shelf.record(name, figures=figures, **more)


def keep(shelf: Shelf, name: str, *records: Resources) -> tuple[Resources, ...]:
    run = shelf.keep(name)
    shelf.store.keep_resources(run.id, records)
    return records


def test_the_past_is_what_the_records_of_the_runs_fold_to(shelf: Shelf) -> None:
    runs = [
        keep(
            shelf,
            name,
            taken(shelf, "test_one", seconds),
            taken(shelf, "", seconds, case=APP, turn=Turn("", 0, 1.0, "", 1, seconds)),
            taken(shelf, "", seconds, case=OWN, turn=Turn("", 0, 1.0)),
            taken(shelf, "test_two", 2 * seconds, unsure=(("test_time", "traced"),)),
        )
        for name, seconds in (("a", 1.0), ("b", 3.0), ("c", 2.0))
    ]
    past = shelf.reopen().past()
    assert set(past.tests) == set(fold(runs[::-1]).tests)
    assert past.shared == fold(runs[::-1]).shared


def test_a_store_without_runs_knows_nothing(shelf: Shelf) -> None:
    assert shelf.store.past() == Past()
    shelf.keep("a")
    assert shelf.store.past() == Past()


def test_older_runs_are_left_out(shelf: Shelf) -> None:
    for number in range(4):
        keep(shelf, f"r{number}", taken(shelf, "test_one", 1.0 + number))
    (known,) = shelf.store.past(runs=1).tests
    assert known.seconds == pytest.approx(4.0 - 0.125)  # less what is shared


def test_runs_of_a_single_test_do_not_push_out_what_is_known_of_the_others(shelf: Shelf) -> None:
    keep(shelf, "whole", *(taken(shelf, f"test_{number}", 1.0) for number in range(20)))
    for number in range(10):
        keep(shelf, f"part{number}", taken(shelf, "test_1", 1.0))
    assert len(shelf.store.past(runs=2).tests) == 20


def test_records_of_older_versions_count(shelf: Shelf) -> None:
    keep(shelf, "a", replace(taken(shelf, "test_one", 2.0), turn=Turn()))
    (known,) = shelf.store.past().tests
    assert (known.seconds, known.outcome) == (2.0, "")


def test_a_test_described_anew_stays_the_same_test(shelf: Shelf) -> None:
    keep(shelf, "a", taken(shelf, "test_one", 1.0))
    case = Case("tests/test_score.py::test_one", markers=("slow",))
    keep(shelf, "b", taken(shelf, "", 1.0, case=case))
    assert len(shelf.store.past().tests) == 1


def test_a_record_that_lost_its_case_is_passed_over(shelf: Shelf) -> None:
    keep(shelf, "a", taken(shelf, "test_one", 1.0), taken(shelf, "test_two", 1.0))
    shelf.execute("DELETE FROM cases WHERE id LIKE '%test_two'")
    assert len(shelf.store.past().tests) == 1
    assert len(shelf.store.resources(RunId("a"))) == 1
