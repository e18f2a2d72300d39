"""What the recorder does with a server that is away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paceline.engine.recorder import Recorder, open_store
from paceline.errors import SettingsError, StoreError
from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId
from paceline.store.connection import StoreFile
from paceline.store.faults import UnreachableError
from paceline.store.options import StoreOptions
from paceline.store.retention import Retention
from paceline.store.spool import Spool
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeVar

    from paceline.store.transactions import Connection

    T = TypeVar("T")

RUN = Run(RunId("a"), 1.0, Host("Example 9000", 2, 2**33, "Linux 6.1", "CPython 3.11.7"))
CASE = Case("tests/test_score.py::test_one")
RECORD = Resources(CASE, (0.5,) * len(RESOURCES))
MEASUREMENT = Measurement(CASE, METRICS["wall_time"], (0.25,))


class Line(StoreFile):
    """A file that can be out of reach, as a server is."""

    away = False

    def write(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        if self.away:
            raise UnreachableError("the server can't be reached")
        return super().write(work, alone=alone)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "kept.sqlite", busy=1.0)


@pytest.fixture
def store(line: Line, tmp_path: Path) -> Store:
    spool = Spool(tmp_path / ".paceline" / "spool" / "one", clock=lambda: 1.0)
    return Store(line, clock=lambda: 1.0, spool=spool)


def record(store: Store, run: Run) -> list[str]:
    recorder = Recorder(store, run, now=lambda: 0.0)
    recorder.add((MEASUREMENT,))
    recorder.add_resources((RECORD,))
    recorder.finish(replace(run, complete=True), Retention(keep_runs=1))
    return recorder.notes


def test_a_run_waits_in_the_spool_and_one_line_says_so(store: Store, line: Line) -> None:
    line.away = True
    (note,) = record(store, RUN)
    assert "2 records wait in" in note
    assert "`paceline deliver`" in note
    assert store.spool is not None
    assert len(store.spool.waiting()) == 4
    assert store.runs() == ()


def test_the_next_run_delivers_first(store: Store, line: Line) -> None:
    line.away = True
    record(store, RUN)
    line.away = False
    notes = record(store, replace(RUN, id=RunId("b"), started=2.0))
    assert notes == ["2 records of earlier runs were delivered"]
    assert [run.id for run in store.runs()] == ["b"]  # the policy keeps one


def test_a_server_that_goes_away_at_the_end_gets_the_end_later(store: Store, line: Line) -> None:
    recorder = Recorder(store, RUN, now=iter((0.0, 5.0, 5.0, 9.0)).__next__)
    recorder.add((MEASUREMENT,))
    line.away = True
    recorder.finish(replace(RUN, complete=True), Retention())
    assert [run.complete for run in store.runs()] == [False]
    line.away = False
    assert store.spool is not None
    store.spool.deliver(store)
    assert [run.complete for run in store.runs()] == [True]


def test_without_a_spool_the_run_is_not_recorded_and_says_why(line: Line) -> None:
    line.away = True
    (note,) = record(Store(line, clock=float), RUN)
    assert note.startswith("not recorded: the server can't be reached")


def test_a_call_that_the_server_refuses_for_good_is_said_in_the_next_run(
    store: Store, line: Line
) -> None:
    line.away = True
    record(store, RUN)
    line.away = False
    assert store.spool is not None
    store.spool.waiting()[0].unlink()  # the run's begin
    notes = record(store, replace(RUN, id=RunId("b")))
    assert [note.startswith("not delivered: ") for note in notes] == [True] * 3


def test_a_full_spool_costs_a_line_and_no_test(store: Store, line: Line, tmp_path: Path) -> None:
    line.away = True
    (tmp_path / ".paceline").write_text("")
    (note,) = record(store, RUN)[:1]
    assert note.startswith("not recorded: ")
    assert "a file stands where" in note


def test_a_url_opens_a_server_with_a_spool_of_its_own(tmp_path: Path) -> None:
    urls = ("postgresql://ann:one@db.example/perf", "postgresql://ann:two@db.example/other")
    stores = [open_store(tmp_path, StoreOptions(path=url)) for url in urls]
    assert [store.name for store in stores] == [
        "postgresql://ann@db.example/perf",
        "postgresql://ann@db.example/other",
    ]
    folders = {store.spool.folder.parent for store in stores if store.spool}
    assert folders == {tmp_path / ".paceline" / "spool"}
    assert len({store.spool.folder for store in stores if store.spool}) == 2


def test_a_url_of_another_database_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'mysql' names no database"):
        open_store(tmp_path, StoreOptions(path="mysql://ann:one@db.example/perf"))


def test_a_path_opens_a_file_without_a_spool(tmp_path: Path) -> None:
    store = open_store(tmp_path, StoreOptions(path="kept/here.sqlite"))
    assert store.path == tmp_path / "kept" / "here.sqlite"
    assert store.spool is None
    with pytest.raises(StoreError, match="no run 'x'"):
        store.run(RunId("x"))
