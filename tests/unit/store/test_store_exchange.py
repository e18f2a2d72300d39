from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import Place, StoreError
from paceline.store.exchange import dump_run, load_run, read_run, write_run

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

PLACE = Place("run.json")


@pytest.fixture
def document(shelf: Shelf) -> dict[str, Any]:
    run = shelf.run("a", settings=(("timer", "x"),))
    return write_run(run, (shelf.measurement(extra=(("note", "1"),)),))


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
    assert load_run(dump_run(run, kept), PLACE) == (run, kept)


def test_the_document_is_strict_json_in_a_fixed_order(document: dict[str, Any]) -> None:
    assert list(document) == ["schema", "run", "measurements"]
    assert document["schema"] == {"name": "paceline.run", "version": 1}
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_unknown_keys_are_passed_over(document: dict[str, Any]) -> None:
    document["run"]["later"] = 1
    assert read_run(document, PLACE)[0].id == "a"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("schema", ..., "schema is missing"),
        ("schema.name", "other", "schema.name is 'other', not 'paceline.run'"),
        ("schema.version", 2, "schema.version is 2, not 1"),
        ("schema.version", True, "schema.version is True, not 1"),
        ("run", [], "run is [], not a table of keys"),
        ("run.id", "", "run.id is '', not a text that is not empty"),
        ("run.started", float("nan"), "run.started is nan, not a finite number"),
        ("run.started", 10**400, "not a finite number"),
        ("run.host.cores", 1.5, "run.host.cores is 1.5, not a whole number from 0"),
        ("run.host.memory", 2**63, "not a whole number from 0"),
        ("run.dirty", 0, "run.dirty is 0, not true or false"),
        ("run.settings.0", ["a"], "run.settings[0] is ['a'], not a pair of texts"),
        ("measurements", {}, "measurements is {}, not a list"),
        ("measurements.0.case.node_id", ..., "measurements[0].case.node_id is missing"),
        ("measurements.0.metric.unit", "min", "measurements[0].metric.unit is 'min', not 's' or"),
        ("measurements.0.metric.better", [], "measurements[0].metric.better is [], not 'lower' or"),
        ("measurements.0.values.1", "1", "measurements[0].values[1] is '1', not a finite number"),
        ("measurements.0.iterations", 0, "measurements[0].iterations is 0, not a whole"),
        ("measurements.0.unsure", None, "measurements[0].unsure is None, not a text"),
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
    with pytest.raises(StoreError, match=r"run\.json: no run"):
        load_run(text, PLACE)
