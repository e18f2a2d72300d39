from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paceline.errors import StoreError
from paceline.store import connection as opening
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

DESCRIPTORS = Path("/proc/self/fd")


def open_files(path: Path) -> list[str]:
    """List the store's files that this process has open."""
    targets = (str(link.readlink()) for link in DESCRIPTORS.iterdir() if link.is_symlink())
    return [target for target in targets if target.startswith(str(path))]


def test_threads_write_without_losing_a_run(shelf: Shelf) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: shelf.keep(str(number)), range(12)))
    assert {run.id for run in shelf.store.runs(complete_only=True)} == set(map(str, range(12)))
    assert shelf.store.check() == ()


def write_runs(shelf: Shelf, writer: str) -> None:
    for number in range(10):
        shelf.keep(f"{writer}{number}")


def test_processes_write_at_once_from_the_very_first_write_on(shelf: Shelf) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_runs, args=(shelf, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(shelf.store.runs(complete_only=True)) == 30
    assert shelf.store.check() == ()


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="needs /proc")
def test_no_file_stays_open_between_calls(shelf: Shelf) -> None:
    shelf.keep("a")
    shelf.store.runs()
    assert open_files(shelf.path) == []


def test_a_file_is_closed_after_a_failure_too(shelf: Shelf) -> None:
    run = shelf.keep("a")
    with pytest.raises(ZeroDivisionError):
        shelf.store._file.write(lambda _connection: 1 // 0)
    assert open_files(shelf.path) == []
    assert shelf.store.runs() == (run,)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_waits_until_another_threads_transaction_is_closed(shelf: Shelf) -> None:
    shelf.keep("a")
    inside, leave = threading.Event(), threading.Event()

    def linger(_connection: sqlite3.Connection) -> None:
        inside.set()
        leave.wait(30)

    thread = threading.Thread(target=shelf.store._file.read, args=(linger,))
    thread.start()
    inside.wait(30)
    threading.Timer(0.05, leave.set).start()
    if (child := os.fork()) == 0:  # the status tells how many files of the store came along
        os._exit(len(open_files(shelf.path)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    thread.join(30)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_may_write_to_its_parents_store(shelf: Shelf) -> None:
    shelf.keep("a")
    if (child := os.fork()) == 0:
        try:
            shelf.keep("b")
        finally:
            os._exit(len(shelf.store.runs()) - 2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [run.id for run in shelf.store.runs()] == ["b", "a"]


@pytest.mark.parametrize(("local", "journal"), [(True, "wal"), (False, "delete")])
def test_the_journal_fits_the_file_system(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, *, local: bool, journal: str
) -> None:
    monkeypatch.setattr(opening, "is_local", lambda _folder: local)
    shelf.keep("a")
    with closing(sqlite3.connect(shelf.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == (journal,)


def test_a_store_that_moved_to_a_remote_file_system_changes_its_journal(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "is_local", lambda _folder: True)
    shelf.keep("a")
    monkeypatch.setattr(opening, "is_local", lambda _folder: False)
    moved = Store(shelf.path, clock=float)
    assert len(moved.runs()) == 1
    moved.begin(shelf.run("b"))
    with closing(sqlite3.connect(shelf.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_busy_store_keeps_its_journal_for_now(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "is_local", lambda _folder: False)
    shelf.keep("a")
    monkeypatch.setattr(opening, "is_local", lambda _folder: True)
    shelf.reopen(busy=0.0)
    with closing(sqlite3.connect(shelf.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM runs").fetchone()
        with pytest.raises(StoreError, match="busy"):
            shelf.keep("b")
        assert reader.execute("PRAGMA journal_mode").fetchone() == ("delete",)
