from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import Place, StoreError
from paceline.model import Site, Turn
from paceline.model.codec import OLD_RECORD_COLUMNS
from paceline.store.exchange import (
    RunDocument,
    dump_run,
    load_run,
    read_document,
    read_run,
    write_run,
)

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

PLACE = Place("run.json")
SITES = (Site("cache.SEEN", Place("score.py", 7), 4096.0, 2.0, 1024.0, 1.0), Site())


@pytest.fixture
def document(shelf: Shelf) -> dict[str, Any]:
    run = shelf.run("a", settings=(("timer", "x"),))
    measurement = shelf.measurement(extra=(("note", "1"),), sites=SITES)
    return write_run(run, (measurement,), resources=(shelf.record(),))


def change(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Set one key (``a.b.0.c``) in a copy, or drop it where the value is an ellipsis."""
    changed = copy.deepcopy(document)
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    inner: Any = changed
    for part in parents:
        inner = inner[part]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return changed


def test_a_run_survives_its_document(shelf: Shelf) -> None:
    run = shelf.run("a", branch="main", settings=(("timer", "x"),), dirty=True, complete=True)
    kept = (shelf.measurement(values=(0.1, float("inf"))), shelf.measurement("test_two", items=2.0))
    took = (shelf.record(), shelf.record("test_two", unsure=(("test_time", "tracemalloc ran"),)))
    whole = RunDocument(run, kept, took)
    assert load_run(dump_run(run, kept, resources=took), PLACE) == whole
    assert read_run(write_run(run, kept, resources=took), PLACE) == (run, kept)


def first_version(document: dict[str, Any]) -> dict[str, Any]:
    """Give the same as version 1 wrote it."""
    measurement = {**document["measurements"][0], "format": 1}
    del measurement["sites"]
    return {
        "schema": {"name": "paceline.run", "version": 1},
        "run": {**document["run"], "format": 1},
        "measurements": [measurement],
    }


def test_a_document_of_the_first_version_still_reads(
    document: dict[str, Any], shelf: Shelf
) -> None:
    run = shelf.run("a", settings=(("timer", "x"),))
    kept = shelf.measurement(extra=(("note", "1"),))
    assert read_document(first_version(document), PLACE) == RunDocument(run, (kept,))


def test_a_document_of_the_second_version_has_records_without_turns(
    document: dict[str, Any], shelf: Shelf
) -> None:
    width = len(OLD_RECORD_COLUMNS)
    older = {
        **first_version(document),
        "schema": {"name": "paceline.run", "version": 2},
        "measurements": [{**document["measurements"][0], "format": 2}],
        "resource_columns": document["resource_columns"][:width],
        "resources": [[2, *document["resources"][0][1:width]]],
    }
    kept = shelf.measurement(extra=(("note", "1"),), sites=SITES)
    found = read_document(older, PLACE)
    assert found.measurements == (kept,)
    assert found.resources == (replace(shelf.record(), turn=Turn()),)


def test_a_version_holds_measurements_of_its_own_format(document: dict[str, Any]) -> None:
    run = first_version(document)["run"]
    older = {**document, "run": run, "schema": {"name": "paceline.run", "version": 1}}
    with pytest.raises(StoreError, match=r"measurements\[0\].format is 4, not 1"):
        read_document(older, PLACE)
    newer = {**first_version(document), "schema": document["schema"], "run": document["run"]}
    with pytest.raises(StoreError, match=r"measurements\[0\].format is 1, not 4"):
        read_document(newer, PLACE)


def test_the_document_is_strict_json_in_a_fixed_order(document: dict[str, Any]) -> None:
    assert list(document) == ["schema", "run", "measurements", "resource_columns", "resources"]
    assert document["schema"] == {"name": "paceline.run", "version": 4}
    assert len(document["resource_columns"]) == len(document["resources"][0])
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_unknown_keys_are_passed_over(document: dict[str, Any]) -> None:
    document["run"]["later"] = 1
    assert read_run(document, PLACE)[0].id == "a"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("schema", ..., "schema is missing"),
        ("schema.name", "other", "schema.name is 'other', not 'paceline.run'"),
        ("schema.version", 5, "schema.version is 5, not 1 or 2 or 3 or 4"),
        ("schema.version", True, "schema.version is True, not 1 or 2 or 3 or 4"),
        ("run", [], "run is [], not a table of keys"),
        ("run.id", "", "run.id is '', not a text that is not empty"),
        ("run.started", float("nan"), "run.started is nan, not a finite number"),
        ("run.started", 10**400, "not a finite number"),
        ("run.host.cores", 1.5, "run.host.cores is 1.5, not a whole number from 0"),
        ("run.host.memory", 2**63, "not a whole number from 0"),
        ("run.dirty", 0, "run.dirty is 0, not true or false"),
        ("run.settings.0", ["a"], "run.settings[0] is ['a'], not a pair of texts"),
        ("run.tree", ..., "run.tree is missing"),
        ("measurements", {}, "measurements is {}, not a list"),
        (
            "measurements.0.stored_summary",
            [1],
            "measurements[0].stored_summary is [1], not a list of 5",
        ),
        ("measurements.0.case.node_id", ..., "measurements[0].case.node_id is missing"),
        ("measurements.0.metric.unit", "min", "measurements[0].metric.unit is 'min', not 's' or"),
        ("measurements.0.metric.better", [], "measurements[0].metric.better is [], not 'lower' or"),
        ("measurements.0.values.1", "1", "measurements[0].values[1] is '1', not a finite number"),
        ("measurements.0.iterations", 0, "measurements[0].iterations is 0, not a whole"),
        ("measurements.0.unsure", None, "measurements[0].unsure is None, not a text"),
        ("measurements.0.sites", ..., "measurements[0].sites is missing"),
        ("measurements.0.sites.1.name", ..., "measurements[0].sites[1].name is missing"),
        ("measurements.0.sites.0.size", "1", "measurements[0].sites[0].size is '1', not a finite"),
        ("measurements.0.sites.0.place", "a:1", "sites[0].place is 'a:1', not a list of 2"),
        ("measurements.0.sites.0.place.1", -1, "sites[0].place[1] is -1, not a whole number from"),
        ("resource_columns.4", "test_wall", "resource_columns[4] is 'test_wall', not 'test_time'"),
        ("resources", ..., "resources is missing"),
        ("resources.0", {}, "resources[0] is {}, not a list of 28"),
        ("resources.0.27", ..., "resources[0] is [4, "),
        ("resources.0.0", 2, "resources[0][0] is 2, not 4"),
        ("resources.0.1", "", "resources[0][1] is '', not a text that is not empty"),
        ("resources.0.4", "1", "resources[0][4] is '1', not a finite number"),
        ("resources.0.4", float("nan"), "resources[0][4] is nan, not a finite number"),
        ("resources.0.20", [1], "resources[0][20][0] is 1, not a text"),
        ("resources.0.21", [["a"]], "resources[0][21][0] is ['a'], not a pair of texts"),
        ("resources.0.23", -2, "resources[0][23] is -2, not a whole number from -1"),
        ("resources.0.25", "good", "resources[0][25] is 'good', not '' or 'passed'"),
    ],
)
def test_what_does_not_fit_is_named_by_its_key_path(
    document: dict[str, Any], path: str, value: object, problem: str
) -> None:
    with pytest.raises(StoreError) as caught:
        read_run(change(document, path, value), PLACE)
    assert problem in caught.value.problem
    assert caught.value.place == PLACE


@pytest.mark.parametrize("data", [None, [], 1, "text"])
def test_another_document_is_refused(data: object) -> None:
    with pytest.raises(StoreError, match=r"the document is .*, not a table of keys"):
        read_run(data, PLACE)


def test_a_text_cut_short_anywhere_is_an_error_with_its_line(document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=1)
    for end in range(0, len(text), 17):
        with pytest.raises(StoreError, match=r"run\.json:\d+: no JSON document"):
            load_run(text[:end], PLACE)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 10_000, '{"schema": ' * 50_000])
def test_a_hostile_text_is_an_error(text: str) -> None:
    with pytest.raises(StoreError, match=r"run\.json: (no JSON document|is nested too deeply)"):
        load_run(text, PLACE)
