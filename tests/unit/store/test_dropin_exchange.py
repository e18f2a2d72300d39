"""pytest-benchmark's documents as runs of ours, and back."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from paceline.errors import Place, StoreError
from paceline.model import METRICS, Case, Host, Measurement, Run, RunId, StoredSummary
from paceline.store.dropin.reading import read
from paceline.store.dropin_exchange import from_peer, to_peer

PEER = Path(__file__).parents[2] / "fixtures" / "dropin"
WHERE = Place("saved.json")


def text_of(name: str) -> str:
    return (PEER / name).read_text(encoding="utf-8")


def changed(**top: Any) -> str:
    return json.dumps({**json.loads(text_of("peer-5.3.1.json")), **top})


def test_a_document_without_data_goes_out_as_it_came_in() -> None:
    (found,) = from_peer(text_of("peer-5.3.1.json"), WHERE)
    assert to_peer(found.run, found.measurements) == read(text_of("peer-5.3.1.json"), WHERE)


def test_a_document_with_data_goes_out_with_the_same_values_and_figures_made_anew() -> None:
    (found,) = from_peer(text_of("peer-5.3.1-data.json"), WHERE)
    ours, theirs = (
        to_peer(found.run, found.measurements),
        read(text_of("peer-5.3.1-data.json"), WHERE),
    )
    for one, other in zip(ours["benchmarks"], theirs["benchmarks"], strict=True):
        mine, yours = one.pop("stats"), other.pop("stats")
        assert (mine["data"], mine["outliers"]) == (yours["data"], yours["outliers"])
        assert mine["stddev"] == pytest.approx(yours["stddev"], rel=1e-14)
    assert ours == theirs


def test_a_run_says_commit_machine_and_moment() -> None:
    run = from_peer(text_of("peer-5.3.1.json"), WHERE)[0].run
    assert (run.commit, run.branch, run.dirty, run.complete) == ("1" * 40, "main", False, True)
    assert (run.host.cpu, run.host.system) == ("Example 9000", "Linux x86_64")
    assert run.host.python == "CPython 3.11.7"
    assert run.host.runner == "imported pytest-benchmark"
    assert run.started > 1.7e9


def test_the_same_text_is_the_same_run_and_another_is_another() -> None:
    ids = [
        from_peer(text, WHERE)[0].run.id for text in (changed(), changed(), changed(version="4"))
    ]
    assert ids[0] == ids[1] != ids[2]


def test_values_come_in_with_data_and_a_summary_without() -> None:
    with_data = from_peer(text_of("peer-5.3.1-data.json"), WHERE)[0].measurements[0]
    without = from_peer(text_of("peer-5.3.1.json"), WHERE)[0].measurements[0]
    assert (len(with_data.values), with_data.summary) == (6, None)
    assert without.values == ()
    assert without.rounds == 6
    assert without.summary is not None
    assert without.summary.mean is not None
    assert with_data.iterations == without.iterations == 10


def test_groups_parameters_and_notes_come_along() -> None:
    _, small, large = from_peer(text_of("peer-5.3.1.json"), WHERE)[0].measurements
    assert (small.case.group, small.case.parameters) == ("sorting", (("size", "10"),))
    assert large.extra == (("size", "100"),)


def test_an_unversioned_undated_document_says_nothing() -> None:
    text = changed(
        datetime="", commit_info={"id": "unversioned", "branch": []}, machine_info={"cpu": 1}
    )
    run = from_peer(text, WHERE)[0].run
    assert (run.commit, run.branch, run.started) == ("", "", 0.0)
    assert (run.host.cpu, run.host.cores, run.host.system) == ("", 0, "")


def test_a_moment_without_a_zone_is_utc() -> None:
    starts = [
        from_peer(changed(datetime=text), WHERE)[0].run.started
        for text in ("2026-01-02T03:04:05", "2026-01-02T03:04:05+00:00")
    ]
    assert starts[0] == starts[1]


def test_a_moment_that_is_none_is_a_store_error() -> None:
    with pytest.raises(StoreError, match="datetime is 'yesterday'"):
        from_peer(changed(datetime="yesterday"), WHERE)


def test_a_run_of_ours_becomes_a_document_that_is_read() -> None:
    host = Host("Example 9000", 4, 0, "Linux x86_64", "CPython 3.12.1")
    run = Run(RunId("r"), 1_700_000_000.0, host, branch="main")
    case = Case("t.py::test_a[1-x]", "parse", (("n", "1"),), group="g")
    kept = Measurement(case, METRICS["wall_time"], (0.5, 0.25), conditions=(("collector", "off"),))
    other = Measurement(case, METRICS["cpu_share"], (1.0,))
    found = read(json.dumps(to_peer(run, [kept, other])), WHERE)
    (one,) = found["benchmarks"]
    assert (one["fullname"], one["param"]) == ("t.py::test_a[1-x]#parse", "1-x")
    assert (one["params"], one["group"], one["stats"]["data"]) == ({"n": "1"}, "g", [0.5, 0.25])
    assert one["options"] == {"disable_gc": True, "warmup": False}
    assert found["commit_info"]["id"] == "unversioned"
    assert found["machine_info"]["cpu"] == {"brand_raw": "Example 9000", "count": 4}


def test_keys_that_we_know_nothing_of_are_kept() -> None:
    whole = json.loads(text_of("peer-5.3.1.json"))
    whole["foo"] = "bar"
    whole["benchmarks"][0]["own"] = [1]
    (found,) = from_peer(json.dumps(whole), WHERE)
    out = to_peer(found.run, found.measurements)
    assert (out["foo"], out["benchmarks"][0]["own"]) == ("bar", [1])


def test_lone_surrogates_come_in_as_text_that_a_store_can_carry() -> None:
    stats = {"mean": 1.0, "rounds": 1}
    text = changed(benchmarks=[{"name": "\ud800", "group": "\udfff", "stats": stats}])
    case = from_peer(text, WHERE)[0].measurements[0].case
    assert (case.node_id, case.group) == ("\\ud800", "\\udfff")


@pytest.mark.parametrize("sign", ['"', "-", "{", "]", "e", "\\", "\0"])
def test_a_changed_sign_gives_runs_or_a_store_error(sign: str) -> None:
    text = json.dumps(json.loads(text_of("peer-5.3.1.json")))
    for place in range(0, len(text), 61):
        with contextlib.suppress(StoreError):  # any other error fails here
            (found,) = from_peer(text[:place] + sign + text[place + 1 :], WHERE)
            assert to_peer(found.run, found.measurements)["benchmarks"]


def test_a_summary_is_what_the_entry_knows() -> None:
    text = changed(benchmarks=[{"name": "a", "stats": {"mean": 1, "median": 2, "rounds": 3}}])
    assert from_peer(text, WHERE)[0].measurements[0].summary == StoredSummary(3, 1.0, 2.0)
