"""Whatever is kept in a file and on a server is the same when it is read back."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from tests.property.test_store_round_trips import RUNS, UNIQUE, UNIQUE_RECORDS

from paceline.model import RunId
from paceline.store.board import Board
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.store.conftest import Shelf

    from paceline.model import Measurement, Resources, Run

pytestmark = pytest.mark.slow
NUMBERS = itertools.count(1)


def kept(
    store: Store, run: Run, measurements: list[Measurement], records: list[Resources]
) -> list[Any]:
    """Keep a run and give everything that is read of it."""
    store.begin(run)
    store.append(run.id, measurements)
    store.keep_resources(run.id, records)
    store.finish(run)
    board = Board(store.transactions)
    cases = [one.case.id for one in measurements]
    return [
        store.run(run.id),
        store.measurements(run.id),
        store.resources(run.id),
        [store.trend(case, one.metric.name) for case in cases for one in measurements],
        store.contents()[run.id],
        board.pairs(run.id, run.id),
        [rate[:3] for rate in board.rates(since=-(2**40))],  # sums of floats follow the order
        store.check(),
    ]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(run=RUNS, measurements=UNIQUE, records=UNIQUE_RECORDS)
def test_a_file_and_a_server_give_the_same_back(
    shelf: Shelf,
    tmp_path: Path,
    run: Run,
    measurements: list[Measurement],
    records: list[Resources],
) -> None:
    assume("\\x00" not in repr((run, measurements, records)))  # a server escapes a NUL
    file = Store(tmp_path / "kept.sqlite", clock=float)
    named = replace(run, id=RunId(f"run {next(NUMBERS)}"), started=run.started % 1e12)
    found = [kept(store, named, measurements, records) for store in (file, shelf.store)]
    for in_file, on_server in zip(*found, strict=True):
        assert in_file == on_server
