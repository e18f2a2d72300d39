"""The roll-up that writers keep is the one that is computed from the runs."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId, Turn
from paceline.store.daily import rebuild
from paceline.store.retention import Retention
from paceline.store.sqlite import Store

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
CASES = tuple(
    Case(f"tests/{folder}/test_a.py::test_{name}", markers=markers)
    for folder in ("unit", "e2e", "some")
    for name in "ab"
    for markers in ((), ("slow",))
)
MEASURED = st.builds(
    Measurement,
    st.sampled_from(CASES),
    st.sampled_from([METRICS["wall_time"], METRICS["peak_memory"]]),
    st.lists(st.floats(), max_size=3).map(tuple),
)
RECORDS = st.builds(
    lambda case, outcome, time: Resources(
        case, (time, *(None,) * (len(RESOURCES) - 1)), (), Turn(outcome=outcome)
    ),
    st.sampled_from(CASES),
    st.sampled_from(["passed", "failed", "error", "skipped", ""]),
    st.none() | st.floats(0, 1e6),
)
STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.lists(MEASURED, max_size=4), st.lists(RECORDS, max_size=4))
    | st.integers(0, 3).map(lambda number: (number, None, None))
    | st.just((None, None, None)),
    max_size=12,
)
TABLES = ("daily_figures", "daily_tests")


def rows(store: Store) -> list[list[tuple[object, ...]]]:
    return [
        store.transactions.read(
            lambda c, table=table: sorted(c.execute(f"SELECT * FROM {table}").fetchall())  # type: ignore[misc]  # noqa: S608
        )
        for table in TABLES
    ]


@settings(deadline=None)
@given(steps=STEPS)
@pytest.mark.slow
def test_the_roll_up_equals_a_recomputation(steps: list[tuple[int | None, object, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "kept.sqlite", clock=lambda: 1e9)
        runs = [Run(RunId(f"{one}"), one * 50_000.0, HOST) for one in range(4)]
        for run in runs:
            store.begin(run)
        for number, measurements, records in steps:
            if number is None:
                store.prune(Retention(raw_runs=1))
            elif measurements is None:
                store.finish(replace(runs[number], started=runs[number].started + 7.0))
            else:
                store.append(runs[number].id, measurements)  # type: ignore[arg-type]
                store.keep_resources(runs[number].id, records)  # type: ignore[arg-type]
                store.finish(runs[number])
        kept = rows(store)
        store.transactions.write(rebuild)
        assert rows(store) == kept
