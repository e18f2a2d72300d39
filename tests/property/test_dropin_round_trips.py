"""pytest-benchmark's documents come out of our nouns as they went in, and the other way round."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paceline.errors import Place
from paceline.model import METRICS, Case, Host, Measurement, Run, RunId
from paceline.store.dropin.reading import read
from paceline.store.dropin.writing import dumps
from paceline.store.dropin_exchange import from_peer, to_peer

WHERE = Place("saved.json")
NAME = st.text(min_size=1, max_size=12)
TEXT = st.text(max_size=12)
FIGURE = st.floats(1e-9, 1e6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | FIGURE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TABLE = st.dictionaries(TEXT, JSON, max_size=3)
STATS = st.fixed_dictionaries(
    {
        "mean": FIGURE,
        "rounds": st.integers(1, 10**6),
        "iterations": st.integers(1, 10**6),
        "ops": FIGURE,
        "outliers": TEXT,
    },
    optional={"min": FIGURE, "max": FIGURE, "median": FIGURE, "stddev": FIGURE, "q1": FIGURE},
)
ENTRIES = st.fixed_dictionaries(
    {
        "name": NAME,
        "fullname": NAME,
        "group": st.none() | NAME,
        "param": st.none() | TEXT,
        "params": st.none() | TABLE,
        "extra_info": TABLE,
        "options": TABLE.filter(bool),
        "stats": STATS,
    }
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "machine_info": TABLE,
        "commit_info": TABLE,
        "benchmarks": st.lists(ENTRIES, max_size=3),
        "datetime": st.just("") | st.datetimes().map(lambda moment: f"{moment.isoformat()}+00:00"),
        "version": TEXT,
    }
)
MEASUREMENTS = st.builds(
    Measurement,
    st.builds(Case, NAME, group=TEXT),
    st.just(METRICS["wall_time"]),
    st.lists(FIGURE, min_size=1, max_size=8).map(tuple),
    iterations=st.integers(1, 10**6),
    extra=st.dictionaries(TEXT, JSON.map(json.dumps), max_size=3).map(lambda d: tuple(d.items())),
)


@pytest.mark.slow
@settings(deadline=None)
@given(DOCUMENTS)
def test_a_document_without_data_comes_out_as_it_went_in(document: dict[str, Any]) -> None:
    text = dumps(document)
    (found,) = from_peer(text, WHERE)
    assert to_peer(found.run, found.measurements) == read(text, WHERE)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(MEASUREMENTS, max_size=3))
def test_values_counts_groups_and_notes_of_ours_survive_the_document(
    measurements: list[Measurement],
) -> None:
    run = Run(RunId("r"), 1e9, Host("cpu", 2, 0, "Linux x86_64", "CPython 3.12.1"), commit="c")
    (found,) = from_peer(dumps(to_peer(run, measurements)), WHERE)
    kept = [(one.values, one.iterations, one.case, one.extra) for one in found.measurements]
    assert kept == [(one.values, one.iterations, one.case, one.extra) for one in measurements]
    assert (found.run.commit, found.run.started) == (run.commit, run.started)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(MEASUREMENTS, max_size=3))
def test_a_second_trip_changes_nothing(measurements: list[Measurement]) -> None:
    run = Run(RunId("r"), 1e9, Host("", 0, 0, "", ""))
    first = to_peer(run, measurements)
    (found,) = from_peer(dumps(first), WHERE)
    assert to_peer(found.run, found.measurements) == first
