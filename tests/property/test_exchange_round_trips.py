"""What is exported and imported again is what it was, as far as its format can hold it."""

from __future__ import annotations

import io
import itertools
import json
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from paceline.errors import Place, StoreError
from paceline.model import (
    METRICS,
    OUTCOMES,
    RESOURCES,
    Case,
    Host,
    Measurement,
    Resources,
    Run,
    RunId,
    StoredSummary,
    Turn,
)
from paceline.report.document import build
from paceline.report.escape import plain
from paceline.report.junit import to_junit
from paceline.store.dropin_exchange import from_peer, to_peer
from paceline.store.exchange import RunDocument, dump_run, load_run
from paceline.store.exchange.asv import read_asv
from paceline.store.exchange.durations import read_durations
from paceline.store.exchange.junit import read_junit
from paceline.store.exchange.log import read_log
from paceline.store.exchange.parquet import write_parquet
from paceline.store.exchange.reading import read_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PLACE = Place("file")
HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
SECONDS = st.floats(1e-9, 1e4)
DATES = st.integers(1, 4_000_000_000).map(float)
WORD = st.text("abcxyz_é0", min_size=1, max_size=8)
PARAMETERS = st.text("ab1é -#:.[]<&'\"\\", max_size=8)
NODE_IDS = st.builds("tests/test_{}.py::test_{}[{}]".format, WORD, WORD, PARAMETERS)
RUNS = st.builds(
    Run,
    id=WORD.map(RunId),
    started=DATES,
    host=st.just(HOST),
    commit=st.text("0123456789abcdef", max_size=40),
    branch=WORD,
    complete=st.just(value=True),
)
SUMMARIES = st.builds(StoredSummary, st.integers(2, 999), SECONDS, SECONDS, SECONDS, SECONDS)
MEASURED = st.builds(
    Measurement,
    st.builds(Case, NODE_IDS),
    st.just(METRICS["wall_time"]),
    st.lists(SECONDS, min_size=2, max_size=5).map(tuple),
    iterations=st.integers(1, 10**6),
    warmup=st.integers(0, 99),
)
SUMMED = st.builds(
    Measurement,
    st.builds(Case, NODE_IDS),
    st.just(METRICS["wall_time"]),
    st.just(()),
    summary=SUMMARIES,
)
FIGURES = st.lists(st.none() | SECONDS, min_size=len(RESOURCES), max_size=len(RESOURCES))
RECORDS = st.builds(
    Resources,
    st.builds(Case, NODE_IDS),
    FIGURES.map(tuple),
    turn=st.builds(Turn, outcome=st.sampled_from(("", *OUTCOMES))),
)


def unique(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    found = st.lists(strategy, min_size=1, max_size=3, unique_by=lambda one: one.case.id)
    return found.map(tuple)


def bits(values: Any) -> bytes:
    return struct.pack(f"{len(values)}d", *values)


@given(RUNS, unique(MEASURED | SUMMED), unique(RECORDS))
def test_json_holds_everything(run: Run, kept: Any, records: Any) -> None:
    text = dump_run(run, kept, resources=records)
    document = load_run(text, PLACE)
    assert document == RunDocument(run, kept, records)
    assert dump_run(document.run, document.measurements, resources=document.resources) == text


@given(RUNS, unique(MEASURED))
def test_what_pytest_benchmarks_json_can_hold_goes_there_and_back(run: Run, kept: Any) -> None:
    written = to_peer(run, kept)
    (document,) = from_peer(json.dumps(written), PLACE)
    assert document.run.started == run.started
    assert (document.run.commit, document.run.branch) == (run.commit, run.branch)
    for one, back in zip(kept, document.measurements, strict=True):
        assert (back.case.node_id, back.iterations) == (one.case.node_id, one.iterations)
        assert bits(back.values) == bits(one.values)
    again = to_peer(document.run, document.measurements)
    assert json.dumps(again) == json.dumps(written)


@settings(deadline=None)  # the first example loads pyarrow
@given(RUNS, st.lists(st.floats(), max_size=9).map(tuple))
def test_parquet_keeps_raw_values_bit_for_bit(run: Run, values: tuple[float, ...]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow (the parquet extra)")
    one = Measurement(Case("test_it"), METRICS["wall_time"], values)
    for raw in (False, True):
        target = io.BytesIO()
        write_parquet(target, [RunDocument(run, (one,))], raw=raw)
        columns = parquet.read_table(io.BytesIO(target.getvalue())).to_pydict()
        assert bits(columns["value"] if raw else columns["values"][0]) == bits(values)


@given(RUNS, unique(RECORDS))
def test_junit_keeps_what_tests_took_and_how_they_ended(run: Run, records: Any) -> None:
    text = to_junit(build(run, ()), records)
    document = read_junit(text.encode(), PLACE, is_file=lambda _path: False)
    assert document.run.started == run.started
    for one, back in zip(records, document.resources, strict=True):
        assert back.case.node_id == plain(one.case.node_id)
        assert (back.figures, back.turn.outcome) == (one.figures, one.turn.outcome)


@given(RUNS, unique(MEASURED))
def test_junit_keeps_the_summaries_of_benchmarks(run: Run, kept: Any) -> None:
    built = build(run, kept)
    text = to_junit(built)
    document = read_junit(text.encode(), PLACE, is_file=lambda _path: False)
    for row, back in zip(built.rows, document.measurements, strict=True):
        said = row.summary
        assert back.summary == StoredSummary(
            len(row.measurement.values), said.mean, said.median, said.min, said.stddev
        )
        assert (back.case.node_id, back.iterations, back.warmup) == (
            plain(row.measurement.case.node_id),
            row.measurement.iterations,
            row.measurement.warmup,
        )


@given(RUNS, unique(SUMMED))
def test_junit_keeps_summaries_of_which_no_values_are_left(run: Run, kept: Any) -> None:
    text = to_junit(build(run, kept))
    document = read_junit(text.encode(), PLACE, is_file=lambda _path: False)
    assert [(plain(one.case.node_id), one.summary) for one in kept] == [
        (back.case.node_id, back.summary) for back in document.measurements
    ]


@given(st.dictionaries(NODE_IDS, SECONDS, min_size=1, max_size=5))
def test_durations_come_in_as_they_stand_in_their_file(durations: dict[str, float]) -> None:
    records = read_durations(json.loads(json.dumps(durations)), PLACE).resources
    assert {one.case.node_id: one.figure("test_time") for one in records} == durations


@given(st.dictionaries(NODE_IDS, st.integers(0, 10**6), min_size=1, max_size=5))
def test_a_log_comes_in_with_its_hundredths(durations: dict[str, int]) -> None:
    lines = [f"{value / 100:.2f}s call     {name}" for name, value in durations.items()]
    assume(all(name == name.rstrip() for name in durations))
    text = "\n".join(["=== slowest durations ===", *lines, "=== 1 passed in 9.00s ==="])
    records = read_log(text, PLACE).resources
    found = {one.case.node_id: one.figure("test_call_time") for one in records}
    assert found == {name: float(f"{value / 100:.2f}") for name, value in durations.items()}


@st.composite
def asv_results(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, tuple[float, ...] | None]]:
    """Write a result file by asv's format, and what it holds by the name of each case."""
    rows: dict[str, Any] = {}
    held: dict[str, tuple[float, ...] | None] = {}
    for name in draw(st.lists(WORD, min_size=1, max_size=3, unique=True)):
        words = st.lists(PARAMETERS.map(repr), min_size=1, max_size=3, unique=True)
        parameters = draw(st.lists(words, max_size=2))
        chosen = list(itertools.product(*parameters))
        figure = st.none() | st.lists(SECONDS, min_size=1, max_size=4)
        samples = [draw(figure) for _ in chosen]
        result = [None if one is None else sorted(one)[len(one) // 2] for one in samples]
        rows[f"bench.time_{name}"] = [result, parameters, samples]
        for combination, one in zip(chosen, samples, strict=True):
            said = f"({', '.join(combination)})" if combination else ""
            held[f"bench.time_{name}{said}"] = None if one is None else tuple(one)
    document = {
        "commit_hash": "c0ffee" * 6,
        "date": 1_700_000_000_000,
        "params": {"machine": "box"},
        "python": "3.11",
        "result_columns": ["result", "params", "samples"],
        "results": rows,
        "version": 2,
    }
    return document, held


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(asv_results())
def test_asv_results_come_in_as_their_format_says(made: Any) -> None:
    document, held = made
    found = read_asv(json.loads(json.dumps(document)), PLACE, described={}).measurements
    assert {one.case.node_id: one.values or None for one in found} == held
    assert all(bool(one.values) != bool(one.unsure) for one in found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_runs_or_a_store_error(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    try:
        _kind, documents = read_file(file)
    except StoreError:
        return
    assert all(isinstance(one, RunDocument) for one in documents)
