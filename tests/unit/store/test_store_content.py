from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import Place
from paceline.model import RESOURCES, Case, Resources, RunId, Site, StoredSummary
from paceline.store.content import content_of
from paceline.store.exchange import dump_run, load_run
from paceline.store.retention import Retention

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf


@pytest.fixture
def ended(shelf: Shelf) -> Shelf:
    """One whole run of two measurements and two records."""
    run = shelf.run("2026-a", commit="c0ffee", branch="main", tree="7ree", settings=(("a", "b"),))
    one = shelf.measurement(conditions=(("alone", "yes"),), sites=(Site("cache.SEEN"),))
    shelf.store.begin(run)
    shelf.store.append(run.id, (one, shelf.measurement("test_two", values=(nan, -0.0, 1e308))))
    labelled = Resources(
        Case("a.py::b", "fixture x", (("size", "3"),), "g", ("slow",)), (None,) * len(RESOURCES)
    )
    shelf.store.keep_resources(run.id, (shelf.record(), labelled))
    shelf.store.finish(run)
    return shelf


def content(shelf: Shelf) -> str:
    (found,) = shelf.store.contents().values()
    return found


def test_a_run_has_a_name_by_its_content_once_it_has_ended(shelf: Shelf) -> None:
    shelf.store.begin(shelf.run("torn"))
    assert shelf.store.contents() == {}
    shelf.keep("whole")
    assert {name: len(found) for name, found in shelf.store.contents().items()} == {"whole": 64}


def test_the_name_is_that_of_what_the_store_gives_back(ended: Shelf) -> None:
    run = ended.store.run(RunId("2026-a"))
    taken, records = ended.store.measurements(run.id), ended.store.resources(run.id)
    assert content_of(run, taken, records) == content(ended)
    assert content_of(replace(run, complete=False), taken[::-1], records[::-1]) == content(ended)


def test_an_exported_run_keeps_its_name_in_another_store(ended: Shelf) -> None:
    run = ended.store.run(RunId("2026-a"))
    text = dump_run(run, ended.store.measurements(run.id), resources=ended.store.resources(run.id))
    read = load_run(text, Place("a.json"))
    other = type(ended)(ended.path.with_name("other.sqlite"))
    other.keep("before", ended.measurement("test_two"))  # another order of cases
    other.store.begin(read.run)
    other.store.append(read.run.id, read.measurements)
    other.store.keep_resources(read.run.id, read.resources)
    other.store.finish(read.run)
    assert other.store.contents()[run.id] == content(ended) == content_of(*read)


@pytest.mark.parametrize(
    "change",
    [
        {"values": (0.25, 0.5, 0.12500000000000003)},
        {"values": (0.5, 0.25, 0.125)},
        {"values": (), "summary": StoredSummary(3, 0.3)},
        {"unsure": "noisy"},
        {"iterations": 2},
        {"conditions": (("alone", "no"),)},
        {"sites": (Site("other"),)},
        {"extra": (("a", "1"),)},
        {"case": Case("tests/test_score.py::test_one", markers=("slow",))},
    ],
)
def test_whatever_changes_of_a_measurement_changes_the_name(
    shelf: Shelf, change: dict[str, Any]
) -> None:
    run, one = shelf.run("a"), shelf.measurement()
    other = replace(one, **change)
    assert content_of(run, (one,)) != content_of(run, (other,))


def test_whatever_changes_of_a_run_or_a_record_changes_the_name(shelf: Shelf) -> None:
    run, record = shelf.run("a"), shelf.record()
    figures = (record.figures[0], 1.0, *record.figures[2:])
    names = {
        content_of(run, (), (record,)),
        content_of(run, (), ()),
        content_of(run, (), (replace(record, figures=figures),)),
        content_of(run, (), (replace(record, unsure=(("test_time", "why"),)),)),
        content_of(run, (), (replace(record, turn=replace(record.turn, attempt=3)),)),
        content_of(replace(run, id=RunId("x")), (), (record,)),
        content_of(replace(run, commit="x"), (), (record,)),
        content_of(replace(run, tree="x"), (), (record,)),
        content_of(replace(run, host=replace(run.host, cores=3)), (), (record,)),
    }
    assert len(names) == 9


def test_retention_leaves_the_name(ended: Shelf) -> None:
    before = content(ended)
    ended.now += 10
    ended.keep("newer")
    ended.store.prune(Retention(raw_runs=1))
    assert ended.store.measurements(RunId("2026-a"))[0].values == ()
    assert ended.store.contents()[RunId("2026-a")] == before


def test_a_run_is_found_by_the_start_of_its_content(ended: Shelf) -> None:
    name = content(ended)
    for digits in (4, 16, 64):
        assert ended.store.find(f"run:{name[:digits]}").id == "2026-a"
