"""The JSON of pytest-benchmark, written and read."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import json
import time
from pathlib import Path
from typing import Any

import pytest

from paceline.errors import Place, StoreError
from paceline.model import METRICS, Case, Measurement, StoredSummary
from paceline.store.dropin.reading import read
from paceline.store.dropin.writing import FIELDS, document, dumps, entry, flat

PEER = Path(__file__).parents[2] / "fixtures" / "dropin"
WHERE = Place("saved.json")


def peer(name: str = "peer-5.3.1-data.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PEER / name).read_text(encoding="utf-8"))
    return found


def written(*values: float, **more: Any) -> dict[str, Any]:
    summary = more.pop("summary", None)
    measurement = Measurement(
        Case("t.py::test_a"), METRICS["wall_time"], values, iterations=3, summary=summary
    )
    facts = {
        "name": "test_a",
        "fullname": "t.py::test_a",
        "group": None,
        "param": None,
        "params": None,
        "extra_info": {},
        "options": {},
        "include_data": True,
        **more,
    }
    return entry(measurement, **facts)


@pytest.mark.parametrize("name", ["peer-5.3.1-data.json", "peer-5.3.1.json"])
def test_keys_and_their_nesting_are_the_peers(name: str) -> None:
    theirs = peer(name)
    one = theirs["benchmarks"][0]
    ours = written(0.5, 0.25, include_data="data" in one["stats"])
    whole = document(
        [ours], machine_info={}, commit_info={}, started=dt.datetime.now(dt.UTC), version="5"
    )
    assert list(ours) == list(one)
    assert list(ours["stats"]) == list(one["stats"])
    assert list(whole) == list(theirs)


def test_figures_of_the_peers_own_values_are_the_peers() -> None:
    for one in peer()["benchmarks"]:
        ours = written(*one["stats"]["data"])["stats"]
        for field in FIELDS:
            theirs = one["stats"][field]
            close = theirs if isinstance(theirs, str) else pytest.approx(theirs, rel=1e-14)
            assert ours[field] == close, field


def test_a_callable_option_is_written_by_its_name() -> None:
    options = {"timer": time.perf_counter, "more": functools.partial(time.sleep, 1), "rounds": 5}
    assert written(1.0, options=options)["options"] == {
        "timer": "perf_counter",
        "more": "sleep",
        "rounds": 5,
    }


def test_a_value_without_a_word_in_json_is_written_by_its_repr() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError("no")

    text = dumps({"range": range(2), "odd": Odd()})
    assert json.loads(text) == {
        "range": "UNSERIALIZABLE[range(0, 2)]",
        "odd": "UNSERIALIZABLE[Odd: its repr raised ValueError]",
    }


def test_values_that_are_not_at_hand_leave_what_their_summary_knows() -> None:
    stats = written(summary=StoredSummary(4, mean=0.5, min=0.25))["stats"]
    assert stats == {
        "min": 0.25,
        "mean": 0.5,
        "rounds": 4,
        "ops": 2.0,
        "total": 2.0,
        "iterations": 3,
    }
    assert written()["stats"] == {"rounds": 0, "iterations": 3}


def test_a_flat_entry_has_its_figures_beside_its_name() -> None:
    one = flat(written(0.5, cprofile=[{"ncalls": 1}]), path="a.json", source="a")
    assert (one["mean"], one["name"], one["path"], one["source"]) == (0.5, "test_a", "a.json", "a")
    assert one["cprofile"] == [{"ncalls": 1}]
    assert "stats" not in one


def test_what_was_written_is_read_back() -> None:
    whole = document(
        [written(0.5, 0.25)],
        machine_info={"node": "n"},
        commit_info={"id": "c"},
        started=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        version="5.3.1",
    )
    assert read(dumps(whole), WHERE) == whole


def test_keys_that_old_releases_did_not_write_are_filled_in() -> None:
    old = {"benchmarks": [{"name": "test_a", "stats": {"mean": 0.5, "rounds": 3}}]}
    found = read("\ufeff" + json.dumps(old), WHERE)
    one = found["benchmarks"][0]
    assert (found["machine_info"], found["version"]) == ({}, "")
    assert (one["fullname"], one["group"], one["params"], one["options"]) == (
        "test_a",
        None,
        None,
        {},
    )
    assert (one["stats"]["ops"], one["stats"]["iterations"]) == (2.0, 1)
    assert one["stats"]["outliers"] == "?;?"


def test_figures_missing_beside_data_are_computed() -> None:
    old = {"benchmarks": [{"name": "test_a", "stats": {"data": [0.25, 0.75]}}]}
    stats = read(json.dumps(old), WHERE)["benchmarks"][0]["stats"]
    assert (stats["mean"], stats["rounds"], stats["median"]) == (0.5, 2, 0.5)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ((), [], "the document is []"),
        (("benchmarks",), {}, "benchmarks is {}"),
        (("benchmarks", 0), 1, r"benchmarks[0] is 1"),
        (("benchmarks", 0, "name"), "", "benchmarks[0].name is ''"),
        (("benchmarks", 0, "fullname"), None, "benchmarks[0].fullname is None"),
        (("benchmarks", 0, "group"), 1, "benchmarks[0].group is 1"),
        (("benchmarks", 0, "params"), [], "benchmarks[0].params is []"),
        (("benchmarks", 0, "extra_info"), 1, "benchmarks[0].extra_info is 1"),
        (("benchmarks", 0, "cprofile"), [1], "benchmarks[0].cprofile is [1]"),
        (("benchmarks", 0, "stats"), None, "benchmarks[0].stats is None"),
        (("benchmarks", 0, "stats", "mean"), "1", "benchmarks[0].stats.mean is '1'"),
        (("benchmarks", 0, "stats", "min"), float("nan"), "benchmarks[0].stats.min is nan"),
        (("benchmarks", 0, "stats", "max"), 10**400, "benchmarks[0].stats.max is 1000"),
        (("benchmarks", 0, "stats", "rounds"), 0, "benchmarks[0].stats.rounds is 0"),
        (("benchmarks", 0, "stats", "iterations"), True, "benchmarks[0].stats.iterations is True"),
        (("benchmarks", 0, "stats", "outliers"), 3, "benchmarks[0].stats.outliers is 3"),
        (("benchmarks", 0, "stats", "data"), [None], "benchmarks[0].stats.data[0] is None"),
        (("benchmarks", 0, "stats", "data"), 1, "benchmarks[0].stats.data is 1"),
        (("machine_info",), 1, "machine_info is 1"),
        (("datetime",), 1, "datetime is 1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_its_key_path(
    path: tuple[Any, ...], value: object, said: str
) -> None:
    broken: Any = copy.deepcopy(peer())
    holder = broken
    for key in path[:-1]:
        holder = holder[key]
    if path:
        holder[path[-1]] = value
    with pytest.raises(StoreError) as caught:
        read(json.dumps(broken if path else value), WHERE)
    assert str(caught.value).startswith(f"saved.json: {said}")
    assert caught.value.remedy


def test_every_cut_of_a_document_is_a_store_error() -> None:
    text = json.dumps(peer("peer-5.3.1.json"), indent=1)
    for end in range(0, len(text) - 1, 7):
        with pytest.raises(StoreError) as caught:
            read(text[:end], WHERE)
        assert caught.value.place is not None


@pytest.mark.parametrize("text", ["[" * 100_000, '{"benchmarks": [], "n": ' + "9" * 5000 + "}"])
def test_hostile_depth_and_digits_are_a_store_error(text: str) -> None:
    with pytest.raises(StoreError, match="no such document"):
        read(text, WHERE)
