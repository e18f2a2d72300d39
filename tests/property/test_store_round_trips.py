"""What goes into the codec, the exchange document or the store comes out as it was."""

from __future__ import annotations

import contextlib
import json
import struct
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paceline.errors import Place, StoreError
from paceline.model import (
    OUTCOMES,
    RESOURCES,
    Better,
    Case,
    Host,
    Measurement,
    Metric,
    Resources,
    Run,
    RunId,
    Site,
    StoredSummary,
    Turn,
)
from paceline.model.codec import (
    decode_measurement,
    decode_resources,
    decode_run,
    encode_measurement,
    encode_resources,
    encode_run,
)
from paceline.store.exchange import RunDocument, dump_run, load_run, read_document, write_run
from paceline.store.sqlite import Store
from paceline.store.values import decode_values, encode_values

WHOLE = st.integers(0, 2**63 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(max_size=20)
NAME = st.text(min_size=1, max_size=20)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
HOSTS = st.builds(Host, TEXT, WHOLE, WHOLE, TEXT, TEXT, TEXT)
RUNS = st.builds(
    Run,
    id=NAME.map(RunId),
    started=FINITE,
    host=HOSTS,
    commit=TEXT,
    branch=TEXT,
    dirty=st.booleans(),
    settings=PAIRS,
    complete=st.booleans(),
    tree=TEXT,
)
CASES = st.builds(Case, NAME, TEXT, PAIRS, TEXT, st.lists(TEXT, max_size=3).map(tuple))
METRIC = st.builds(
    Metric,
    NAME.map("own_{}".format),
    st.sampled_from(("s", "B", "1", "1/s")),
    st.sampled_from(Better),
    st.just("A quantity."),
)
SITES = st.builds(
    Site,
    name=TEXT,
    place=st.none() | st.builds(Place, TEXT, WHOLE),
    size=FINITE,
    count=FINITE,
    size_growth=FINITE,
    count_growth=FINITE,
)
FIGURES = st.lists(st.none() | FINITE, min_size=len(RESOURCES), max_size=len(RESOURCES)).map(tuple)
TURNS = st.builds(
    Turn, TEXT, WHOLE, FINITE, st.sampled_from(("", *OUTCOMES)), st.integers(1, 9), FINITE
)
RECORDS = st.builds(Resources, CASES, FIGURES, PAIRS, TURNS)
UNIQUE_RECORDS = st.lists(RECORDS, max_size=4, unique_by=lambda one: one.case.id)
WITH_VALUES = st.builds(
    Measurement,
    case=CASES,
    metric=METRIC,
    values=st.lists(st.floats(allow_nan=False), max_size=8).map(tuple),
    iterations=st.integers(1, 2**63 - 1),
    warmup=WHOLE,
    items=FINITE,
    item_unit=st.sampled_from(("items", "B")),
    conditions=PAIRS,
    unsure=TEXT,
    extra=PAIRS,
    sites=st.lists(SITES, max_size=2).map(tuple),
)
KNOWN = st.none() | FINITE
SUMMARIES = st.builds(StoredSummary, st.integers(1, 2**63 - 1), KNOWN, KNOWN, KNOWN, KNOWN)
MEASUREMENTS = WITH_VALUES | st.builds(
    lambda one, summary: replace(one, values=(), summary=summary), WITH_VALUES, SUMMARIES
)
UNIQUE = st.lists(MEASUREMENTS, max_size=4, unique_by=lambda one: (one.case.id, one.metric.name))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.floats(), max_size=50).map(tuple))
def test_raw_values_come_back_bit_for_bit(values: tuple[float, ...]) -> None:
    back = decode_values(encode_values(values))
    assert struct.pack(f"{len(back)}d", *back) == struct.pack(f"{len(values)}d", *values)


@given(st.binary(max_size=50))
def test_any_other_blob_is_a_value_error_or_values(blob: bytes) -> None:
    try:
        values = decode_values(b"\x01" + blob)
    except ValueError:
        return
    assert all(isinstance(value, float) for value in values)


@pytest.mark.slow
@given(RUNS, MEASUREMENTS)
def test_the_codec_loses_nothing_on_its_way_through_json(
    run: Run, measurement: Measurement
) -> None:
    assert decode_run(json.loads(json.dumps(encode_run(run)))) == run
    travelled = json.loads(json.dumps(encode_measurement(measurement), allow_nan=False))
    assert decode_measurement(travelled) == measurement


@pytest.mark.slow
@given(RECORDS)
def test_the_codec_loses_nothing_of_a_record_on_its_way_through_json(record: Resources) -> None:
    travelled = json.loads(json.dumps(encode_resources(record), allow_nan=False))
    assert decode_resources(travelled) == record


@pytest.mark.slow
@given(RECORDS, st.integers(0, len(RESOURCES) + 6), JSON)
def test_a_record_with_any_entry_replaced_is_read_or_a_value_error(
    record: Resources, position: int, entry: object
) -> None:
    row = encode_resources(record)
    row[position] = entry
    with contextlib.suppress(ValueError):  # any other exception fails the test
        assert isinstance(decode_resources(row), Resources)


@pytest.mark.slow
@given(
    RUNS, st.lists(MEASUREMENTS, max_size=3).map(tuple), st.lists(RECORDS, max_size=3).map(tuple)
)
def test_an_exported_run_is_imported_as_it_was(
    run: Run, measurements: tuple[Measurement, ...], records: tuple[Resources, ...]
) -> None:
    text = dump_run(run, measurements, resources=records)
    assert load_run(text, Place("x")) == RunDocument(run, measurements, records)


@pytest.mark.slow
@given(RUNS, MEASUREMENTS, RECORDS, st.data())
def test_a_document_with_any_part_replaced_is_read_or_refused_in_our_words(
    run: Run, measurement: Measurement, record: Resources, data: st.DataObject
) -> None:
    document: Any = write_run(run, (measurement,), resources=(record,))
    inner = document
    for _ in range(data.draw(st.integers(0, 4))):
        parts = inner.values() if isinstance(inner, dict) else inner
        deeper = [part for part in parts if isinstance(part, dict | list) and part]
        inner = data.draw(st.sampled_from(deeper)) if deeper else inner
    keys = list(inner) if isinstance(inner, dict) else range(len(inner))
    inner[data.draw(st.sampled_from(keys))] = data.draw(JSON)
    with contextlib.suppress(StoreError):  # any other exception fails the test
        assert read_document(document, Place("x"))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(RUNS, UNIQUE, UNIQUE_RECORDS)
def test_the_store_gives_back_what_it_was_given(
    run: Run, given_: list[Measurement], records: list[Resources]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "paceline.sqlite", clock=lambda: 0.0)
        store.begin(run)
        store.append(run.id, given_)
        store.keep_resources(run.id, records)
        back, took = store.measurements(run.id), store.resources(run.id)
        (kept,) = store.runs()
    assert kept == replace(run, complete=False)
    assert (len(back), set(back)) == (len(given_), set(given_))
    assert (len(took), set(took)) == (len(records), set(records))
