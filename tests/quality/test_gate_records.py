"""The records that the proof of the gate rests on are read as they were written."""

from __future__ import annotations

import json
import random
import runpy
from pathlib import Path
from typing import Any

import pytest

from paceline.guard.paired import terms_for
from paceline.model import Kind

FOLDER = Path(__file__).parents[2] / "benchmarks"
RECORDS = runpy.run_path(str(FOLDER / "gate_records.py"))
REPLAY = runpy.run_path(str(FOLDER / "gate_replay.py"))


def record(tool: str = "pairs", *, discarded: bool = False, **facts: Any) -> Any:
    pairs = facts.pop("pairs", {"order": [0.01, -0.012345]})
    units = facts.pop("units", 100)
    return RECORDS["Record"](tool, units, 60.4, 9.0, 0.01, discarded, {}, pairs, {"order": []})


def test_records_are_added_and_a_torn_line_costs_only_itself(tmp_path: Path) -> None:
    file = tmp_path / "gate.jsonl"
    for tool in ("ab", "pairs"):
        RECORDS["append"](file, record(tool))
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"tool":"ab","un')
    assert [one.tool for one in RECORDS["load"](file)] == ["ab", "pairs"]
    RECORDS["append"](file, record("ab"))
    assert [one.tool for one in RECORDS["load"](file)] == ["ab", "pairs", "ab"]
    assert RECORDS["load"](tmp_path / "none") == []


def test_a_recording_keeps_what_was_not_disturbed(tmp_path: Path) -> None:
    data = RECORDS["fixture"]([record(), record("ab"), record(discarded=True)])
    pairs = [[1000, -1234]]
    assert data["suites"] == [{"units": 100, "after": 0, "foreign": 0.01, "pairs": pairs}]
    file = tmp_path / "gate.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    found = REPLAY["read_recording"](file)
    assert (found.cases, found.suites) == (("order",), {100: [[[0.01, -0.01234]]]})


@pytest.mark.parametrize("text", ['{"schema": "paceline-ab", "version": 2}', '{"cases": []}'])
def test_another_document_is_no_comparison(text: str) -> None:
    with pytest.raises(ValueError, match="no paceline-ab document"):
        RECORDS["read_ab"](text)


def test_a_benchmark_that_was_not_measured_spoils_its_suite() -> None:
    whole = {"case": "t.py::test_work[order]", "ratio": {"point": 1.0}, "pairs": [0.0]}
    document = {"schema": "paceline-ab", "version": 1, "cases": [whole, {**whole, "ratio": None}]}
    _, cases = RECORDS["read_ab"](json.dumps(document))
    assert [one["case"] for one in cases] == ["order", "order"]
    assert RECORDS["measured"](cases[:1], 1) == cases[:1]
    for broken, count in ((cases, 2), (cases[:1], 2)):
        with pytest.raises(ValueError, match="not measured"):
            RECORDS["measured"](broken, count)


@pytest.mark.parametrize(
    ("change", "kind"), [(0.0, Kind.OK), (0.1, Kind.REGRESSED), (-0.1, Kind.IMPROVED)]
)
@pytest.mark.parametrize("lends", [False, True])
def test_a_clear_recording_is_replayed_to_its_verdict(
    change: float, kind: Kind, *, lends: bool
) -> None:
    noise = [0.001, -0.001, 0.0005, -0.0005, 0.0, 0.0002]
    data = RECORDS["fixture"]([record(pairs={"order": [change + one for one in noise]})])
    (suite,) = REPLAY["replayed"](
        REPLAY["recording_of"](data), 100, terms_for(0.03, cases=1), suites=1,
        source=random.Random(1), lends=lends,  # noqa: S311  (seeded, no secret)
    )  # fmt: skip
    assert suite["order"].kind is kind
    assert len(suite["order"].taken) == 4
    assert bool(suite["order"].fresh) is (kind is not Kind.OK)
