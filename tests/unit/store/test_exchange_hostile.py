"""Files that were cut short, changed or made to harm: runs or a StoreError, no other error."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import StoreError
from paceline.store.exchange import write_run
from paceline.store.exchange.reading import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.unit.store.conftest import Shelf

JUNIT = """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" time="1.5" timestamp="2026-01-01T00:00:00+00:00">
<testcase classname="tests.test_a.TestX" name="test_é[1]" time="0.5"><properties>
<property name="paceline.wall_time.rounds" value="3"/><property name="paceline.wall_time.mean"
 value="0.5"/><property name="paceline.wall_time.unit" value="s"/></properties></testcase>
<testcase classname="b" name="test_c" time="1,000.5"><failure message="x">y</failure></testcase>
</testsuite></testsuites>"""
LOG = """\
[gw0] [ 50%] PASSED a.py::test_it
=== slowest durations ===
0.50s call     a.py::test_it
(2 durations < 0.005s hidden.  Use -vv to show these durations.)
=== 1 passed in 0.75s ==="""
ASV: dict[str, Any] = {
    "commit_hash": "c0ffee",
    "date": 1_700_000_000_000,
    "params": {"machine": "box", "num_cpu": "2"},
    "python": "3.11",
    "result_columns": ["result", "params", "started_at", "stats_repeat", "samples"],
    "results": {"a.time_b": [[1.0, None], [["1", "2"]], 1_700_000_000_000, [2], [[1.0, 2.0]]]},
    "version": 2,
}
PEER: dict[str, Any] = {
    "machine_info": {"cpu": {"brand_raw": "Example 9000", "count": 2}, "system": "Linux"},
    "commit_info": {"id": "c0ffee", "branch": "main", "dirty": False},
    "benchmarks": [
        {
            "group": None,
            "name": "test_it",
            "fullname": "a.py::test_it",
            "params": None,
            "param": None,
            "extra_info": {},
            "options": {},
            "stats": {"min": 1.0, "max": 1.0, "mean": 1.0, "stddev": 0.0, "rounds": 1}
            | {"median": 1.0, "iterations": 1, "data": [1.0]},
        }
    ],
    "datetime": "2026-01-01T00:00:00+00:00",
    "version": "5.3.1",
}
CATEGORIES = {
    "version": "1.0",
    "categories": {"test call": [{"name": "a.py::test_it", "calls": 2, "total": 1.0}]},
}
STRANGE: list[Any] = [
    *(None, True, -1, 0, 1.5, 10**400, 2**63, 1e308, -1e308, float("inf"), float("nan")),
    *("", "x", "\udcff", "\0", "9" * 400, [], {}, [[]], {"": 1}, [{}, None]),
]


@pytest.fixture
def documents(shelf: Shelf) -> dict[str, Any]:
    run = write_run(shelf.run("a"), (shelf.measurement(),), resources=(shelf.record(),))
    durations = {"a.py::test_it": 0.5, "a.py::test_b": 1}
    return {"run": run, "asv": ASV, "peer": PEER, "durations": durations, "phases": CATEGORIES}


@pytest.fixture
def survives(tmp_path: Path) -> Callable[[bytes], bool]:
    """Tell whether a file reads; anything but a StoreError with place and remedy escapes."""
    file = tmp_path / "file"

    def check(data: bytes) -> bool:
        file.write_bytes(data)
        try:
            read_file(file)
        except StoreError as error:
            refused = error
        else:
            return True
        assert refused.place is not None
        assert (refused.place.file, bool(refused.remedy)) == (str(file), True)
        return False

    return check


def samples(documents: dict[str, Any]) -> Iterator[bytes]:
    yield from (JUNIT.encode(), LOG.encode())
    yield from (json.dumps(one).encode() for one in documents.values())


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Walk the paths to everything inside a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from spots(inner, (*path, key))


def test_the_samples_themselves_are_read(
    documents: dict[str, Any], survives: Callable[[bytes], bool]
) -> None:
    assert all(map(survives, samples(documents)))


@pytest.mark.slow
def test_no_beginning_of_a_file_is_taken_for_the_whole(
    documents: dict[str, Any], survives: Callable[[bytes], bool]
) -> None:
    for data in samples(documents):
        last = data.rindex(b"\n=== 1") if data == LOG.encode() else len(data)  # its figures' end
        assert not any(survives(data[:end]) for end in range(0, last, 3))


@pytest.mark.slow
def test_notes_nested_to_the_interpreters_limit_are_read_or_refused(
    survives: Callable[[bytes], bool],
) -> None:
    text = json.dumps(PEER)
    for depth in range(700, 1000, 2):
        nested = "[" * depth + "]" * depth
        survives(text.replace('"extra_info": {}', f'"extra_info": {{"a": {nested}}}').encode())


@pytest.mark.slow
def test_a_file_with_any_byte_changed_is_read_or_refused(
    documents: dict[str, Any], survives: Callable[[bytes], bool]
) -> None:
    chance = random.Random(6)  # noqa: S311  (the same bytes in every run)
    for data in samples(documents):
        for _ in range(150):
            place = chance.randrange(len(data))
            one = bytes([chance.choice((chance.randrange(32, 127), chance.randrange(256)))])
            survives(data[:place] + one + data[place + 1 :])


@pytest.mark.slow
def test_a_document_with_anything_strange_inside_is_read_or_refused(
    documents: dict[str, Any], survives: Callable[[bytes], bool]
) -> None:
    chance = random.Random(7)  # noqa: S311  (as above)
    for document in documents.values():
        places = list(spots(document))
        for _ in range(150):
            changed = copy.deepcopy(document)
            *parents, last = chance.choice(places)
            inner: Any = changed
            for key in parents:
                inner = inner[key]
            inner[last] = chance.choice(STRANGE)
            survives(json.dumps(changed).encode())
