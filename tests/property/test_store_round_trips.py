"""What goes into the codec, the exchange document or the store comes out as it was."""

from __future__ import annotations

import contextlib
import json
import struct
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paceline.errors import Place, StoreError
from paceline.model import Better, Case, Host, Measurement, Metric, Run, RunId
from paceline.model.codec import decode_measurement, decode_run, encode_measurement, encode_run
from paceline.store.exchange import dump_run, load_run, read_run, write_run
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
)
CASES = st.builds(Case, NAME, TEXT, PAIRS, TEXT, st.lists(TEXT, max_size=3).map(tuple))
METRIC = st.builds(
    Metric,
    NAME.map("own_{}".format),
    st.sampled_from(("s", "B", "1", "1/s")),
    st.sampled_from(Better),
    st.just("A quantity."),
)
MEASUREMENTS = st.builds(
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
@given(RUNS, st.lists(MEASUREMENTS, max_size=3).map(tuple))
def test_an_exported_run_is_imported_as_it_was(
    run: Run, measurements: tuple[Measurement, ...]
) -> None:
    assert load_run(dump_run(run, measurements), Place("x")) == (run, measurements)


@pytest.mark.slow
@given(RUNS, MEASUREMENTS, st.data())
def test_a_document_with_any_part_replaced_is_read_or_refused_in_our_words(
    run: Run, measurement: Measurement, data: st.DataObject
) -> None:
    document = write_run(run, (measurement,))
    inner = document
    for _ in range(data.draw(st.integers(0, 2))):
        tables = [value for value in inner.values() if isinstance(value, dict)]
        inner = data.draw(st.sampled_from(tables)) if tables else inner
    inner[data.draw(st.sampled_from(list(inner)))] = data.draw(JSON)
    with contextlib.suppress(StoreError):  # any other exception fails the test
        assert read_run(document, Place("x"))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(RUNS, UNIQUE)
def test_the_store_gives_back_what_it_was_given(run: Run, given_: list[Measurement]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "paceline.sqlite", clock=lambda: 0.0)
        store.begin(run)
        store.append(run.id, given_)
        back = store.measurements(run.id)
        (kept,) = store.runs()
    assert kept == replace(run, complete=False)
    assert (len(back), set(back)) == (len(given_), set(given_))
