from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paceline.errors import StoreError
from paceline.model import RESOURCES, Case, RunId

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

PARAMETERS = (("size", '3 "π"'), ("kind", "\\n"))
CASE = Case("tests/test_score.py::test_one[3]", "", PARAMETERS, "score", ("slow",))


def test_another_store_object_reads_the_records_that_were_acknowledged(shelf: Shelf) -> None:
    run = shelf.keep("a")
    kept = (
        shelf.record(case=CASE),
        shelf.record("test_two", unsure=(("test_time", "tracemalloc ran"),)),
        shelf.record(case=replace(CASE, label="fixture words"), figures=(None,) * len(RESOURCES)),
    )
    shelf.store.keep_resources(run.id, kept)
    assert shelf.reopen().resources(run.id) == kept


def test_a_run_without_records_has_none(shelf: Shelf) -> None:
    run = shelf.keep("a")
    shelf.store.keep_resources(run.id, ())
    assert shelf.store.resources(run.id) == ()


def test_records_of_several_batches_and_runs_keep_apart(shelf: Shelf) -> None:
    one, two = shelf.keep("a"), shelf.keep("b")
    shelf.store.keep_resources(one.id, (shelf.record(),))
    shelf.store.keep_resources(two.id, (shelf.record("test_two"),))
    shelf.store.keep_resources(two.id, (shelf.record(), shelf.record("test_three")))
    assert [record.case.name for record in shelf.store.resources(one.id)] == ["test_one"]
    names = [record.case.name for record in shelf.store.resources(two.id)]
    assert names == ["test_one", "test_two", "test_three"]


@pytest.mark.parametrize("batches", [1, 2])
def test_of_a_test_run_again_the_last_record_stands(shelf: Shelf, batches: int) -> None:
    run = shelf.keep("a")
    first = shelf.record(case=CASE)
    again = shelf.record(case=replace(CASE, markers=("slow", "flaky")), figures=(None,) * 15)
    other = shelf.record("test_two")
    shelf.store.keep_resources(run.id, (first, other) if batches == 2 else (first, other, again))
    for _ in range(batches - 1):
        shelf.store.keep_resources(run.id, (again,))
    assert set(shelf.store.resources(run.id)) == {again, other}


def test_a_test_that_returns_to_an_older_description_has_one_record(shelf: Shelf) -> None:
    run = shelf.keep("a")
    first = shelf.record(case=CASE)
    renamed = shelf.record(case=replace(CASE, group="renamed"))
    for record in (first, renamed, first):
        shelf.store.keep_resources(run.id, (record,))
        assert shelf.store.resources(run.id) == (record,)


def test_a_measurement_and_a_record_share_their_case(shelf: Shelf) -> None:
    run = shelf.keep("a", replace(shelf.measurement(), case=CASE))
    shelf.store.keep_resources(run.id, (shelf.record(case=CASE),))
    assert shelf.execute("SELECT count(*) FROM cases") == [(1,)]


def test_nothing_is_kept_of_records_of_which_one_does_not_fit(shelf: Shelf) -> None:
    run = shelf.keep("a")
    huge = shelf.record("test_two", figures=(2**70,) * len(RESOURCES))
    with pytest.raises(StoreError, match="a number does not fit"):
        shelf.store.keep_resources(run.id, (shelf.record(), huge))
    assert shelf.store.resources(run.id) == ()


def test_records_need_a_run_that_was_begun(shelf: Shelf) -> None:
    with pytest.raises(StoreError, match="no run 'a'"):
        shelf.store.keep_resources(RunId("a"), (shelf.record(),))
    with pytest.raises(StoreError, match="no run 'a'"):
        shelf.store.resources(RunId("a"))


def test_a_torn_run_shows_the_records_it_had(shelf: Shelf) -> None:
    run = shelf.run("a")
    shelf.store.begin(run)
    shelf.store.keep_resources(run.id, (shelf.record(),))
    assert shelf.reopen().resources(run.id) == (shelf.record(),)
    assert not shelf.store.run(run.id).complete


def test_an_undecodable_name_of_a_test_is_kept_escaped(shelf: Shelf) -> None:
    run = shelf.keep("a")
    odd = Case("tests/\udcff.py::test_one", "", (("name", "\udcff"),))
    for _ in range(2):
        shelf.store.keep_resources(run.id, (shelf.record(case=odd),))
    (back,) = shelf.store.resources(run.id)
    assert back.case == replace(odd, node_id="tests/\\udcff.py::test_one")


def test_the_store_may_be_used_while_the_records_are_made(shelf: Shelf) -> None:
    run = shelf.keep("a")
    names = (f"test_{len(shelf.store.runs())}_{part}" for part in "ab")
    shelf.store.keep_resources(run.id, map(shelf.record, names))
    assert len(shelf.store.resources(run.id)) == 2


def test_a_record_whose_case_is_gone_is_found_by_a_check(shelf: Shelf) -> None:
    run = shelf.keep("a")
    shelf.store.keep_resources(run.id, (shelf.record("test_two"),))
    shelf.execute("DELETE FROM cases WHERE id LIKE '%test_two'")
    (found,) = shelf.store.check()
    assert found == "a row of resources refers to a row of cases that is not there"
