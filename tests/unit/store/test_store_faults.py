from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paceline.errors import StoreError
from paceline.model import RunId
from paceline.store.faults import set_aside, translated
from paceline.store.place import access
from paceline.store.schema import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.store.conftest import Shelf

    from paceline.model import Run


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Give a tiny file system of its own, or a changed one; only root may mount."""
    point = tmp_path / "mounted"
    point.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")

    def give(options: str) -> Path:
        command = [str(mount), "-t", "tmpfs", "-o", options, "tmpfs", str(point)]
        if not mount or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a file system is not permitted here")
        return point

    yield give
    if umount and point.is_mount():
        subprocess.run([umount, point], check=True)


def damage(path: Path) -> None:
    """Flip every byte of the middle pages, the header left as it is."""
    data = bytearray(path.read_bytes())
    middle = slice(4096, len(data) - 4096)
    data[middle] = bytes(byte ^ 0xFF for byte in data[middle])
    path.write_bytes(data)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_in_the_header(path: Path) -> None:
    os.truncate(path, 40)


@pytest.mark.parametrize("harm", [damage, cut, cut_in_the_header])
def test_a_damaged_store_is_kept_aside_and_a_fresh_one_goes_on(
    shelf: Shelf, harm: Callable[[Path], None]
) -> None:
    for name in "abc":
        shelf.keep(name)
    harm(shelf.path)
    harmed = shelf.path.read_bytes()
    run = shelf.keep("d")
    assert shelf.store.runs() == (run,)
    assert (shelf.path.parent / "paceline.sqlite.corrupt-1").read_bytes() == harmed
    (note,) = shelf.store.notes
    assert note.startswith(f"{shelf.path}: damaged, kept as paceline.sqlite.corrupt-1;")


def test_a_second_damaged_store_gets_the_next_number(shelf: Shelf) -> None:
    for _ in range(2):
        shelf.keep("a")
        cut(shelf.path)
        shelf.store.runs()
    kept = sorted(file.name for file in shelf.path.parent.glob("*.corrupt-*"))
    assert kept == ["paceline.sqlite.corrupt-1", "paceline.sqlite.corrupt-2"]


def test_a_check_names_the_damage_and_moves_nothing(shelf: Shelf) -> None:
    shelf.keep("a")
    cut(shelf.path)
    harmed = shelf.path.read_bytes()
    (finding,) = shelf.store.check()
    assert f"{shelf.path}: the store is damaged: database disk image is malformed" in finding
    assert shelf.path.read_bytes() == harmed


def test_a_sound_store_is_never_set_aside(shelf: Shelf) -> None:
    shelf.keep("a")
    assert set_aside(shelf.path) == ""
    assert len(shelf.store.runs()) == 1


def test_journals_go_aside_with_their_store(shelf: Shelf) -> None:
    shelf.keep("a")
    cut(shelf.path)
    journal = shelf.path.with_name("paceline.sqlite-journal")
    journal.write_bytes(b"")
    assert set_aside(shelf.path)
    assert not journal.exists()
    assert (shelf.path.parent / "paceline.sqlite.corrupt-1-journal").exists()


def test_damaged_raw_values_make_only_their_measurement_unsure(shelf: Shelf) -> None:
    run = shelf.keep("a", shelf.measurement(), shelf.measurement("test_two"))
    with closing(sqlite3.connect(shelf.path)) as connection, connection:
        connection.execute("UPDATE measurements SET raw_values = x'0123' WHERE case_number = 1")
    harmed, sound = shelf.store.measurements(run.id)
    assert (harmed.values, sound.values) == ((), (0.25, 0.5, 0.125))
    assert "the store holds damaged values" in harmed.unsure
    assert "run a, tests/test_score.py::test_one: damaged values" in shelf.store.check()[0]


@pytest.mark.parametrize(
    "change",
    ["UPDATE runs SET settings = '[['", "UPDATE runs SET branch = CAST(x'ff' AS TEXT)"],
)
def test_a_damaged_text_is_an_error_and_moves_nothing(shelf: Shelf, change: str) -> None:
    shelf.keep("a")
    with closing(sqlite3.connect(shelf.path)) as connection, connection:
        connection.execute(change)
    with pytest.raises(StoreError, match=r"paceline\.sqlite"):
        shelf.store.runs()
    assert shelf.store.notes == ()


def test_a_broken_reference_is_found_by_check(shelf: Shelf) -> None:
    shelf.keep("a")
    with closing(sqlite3.connect(shelf.path)) as connection, connection:
        connection.execute("DELETE FROM metrics")
    assert set(shelf.store.check()) == {
        "a row of measurements refers to a row of metrics that is not there",
        "a row of daily_figures refers to a row of metrics that is not there",
    }


def test_a_newer_store_is_refused_and_left_untouched(shelf: Shelf) -> None:
    shelf.keep("a")
    with closing(sqlite3.connect(shelf.path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = shelf.path.read_bytes()
    for attempt in (shelf.store.runs, lambda: shelf.keep("b")):
        with pytest.raises(StoreError, match=f"schema version {VERSION + 1}") as caught:
            attempt()
        assert caught.value.remedy.startswith("upgrade Paceline")
    assert shelf.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"# Notes\n" * 200, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_none_of_ours_is_refused_and_left_untouched(
    shelf: Shelf, content: bytes
) -> None:
    shelf.path.parent.mkdir()
    shelf.path.write_bytes(content)
    with pytest.raises(StoreError, match="this is no Paceline store") as caught:
        shelf.keep("a")
    assert "store.path" in caught.value.remedy
    assert shelf.path.read_bytes() == content
    assert list(shelf.path.parent.iterdir()) == [shelf.path]


def test_another_programs_database_is_refused(shelf: Shelf) -> None:
    shelf.path.parent.mkdir()
    with closing(sqlite3.connect(shelf.path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="this is no Paceline store"):
        shelf.keep("a")


def test_a_directory_in_the_stores_place_is_named(shelf: Shelf) -> None:
    shelf.path.mkdir(parents=True)
    with pytest.raises(StoreError, match="a directory stands where the store's file should be"):
        shelf.store.runs()


def test_a_file_in_the_folders_place_is_named(shelf: Shelf) -> None:
    shelf.path.parent.write_text("")
    with pytest.raises(StoreError, match="a file stands where the store's folder should be"):
        shelf.keep("a")


def test_a_disk_that_fills_up_fails_the_step_and_keeps_the_earlier_ones(
    shelf: Shelf, mounted: Callable[[str], Path]
) -> None:
    shelf.path = mounted("size=600k") / "paceline.sqlite"
    shelf.reopen()
    source = random.Random(1)  # noqa: S311  (values that do not compress)
    many = shelf.measurement(values=tuple(source.random() for _ in range(5000)))
    kept: list[Run] = []
    with pytest.raises(StoreError, match="the disk is full"):
        kept.extend(shelf.keep(str(number), many) for number in range(100))
    assert kept
    assert list(reversed(shelf.store.runs(complete_only=True))) == kept
    assert all("incomplete" in finding for finding in shelf.store.check())


def test_a_full_database_is_told_as_a_full_disk(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = shelf.keep("a")
    connect = sqlite3.connect

    def tight(*arguments: object, **more: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **more)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(sqlite3, "connect", tight)
    many = tuple(shelf.measurement(f"test_{number}") for number in range(100))
    with pytest.raises(StoreError, match="the disk is full: this step was not kept"):
        shelf.store.append(run.id, many)
    assert len(shelf.store.measurements(run.id)) == 1


def test_a_read_only_folder_reads_and_refuses_to_write(
    shelf: Shelf, mounted: Callable[[str], Path]
) -> None:
    shelf.path = mounted("size=1m") / "paceline.sqlite"
    shelf.reopen()
    run = shelf.keep("a")
    mounted("remount,ro")
    assert shelf.store.runs() == (run,)
    assert shelf.store.check() == ()
    with pytest.raises(StoreError, match="the store is read-only: nothing is kept"):
        shelf.keep("b")


def test_a_read_only_folder_without_a_store_reads_as_empty(
    shelf: Shelf, mounted: Callable[[str], Path]
) -> None:
    shelf.path = mounted("size=1m,ro") / ".paceline" / "paceline.sqlite"
    assert shelf.reopen().runs() == ()
    with pytest.raises(StoreError, match="read-only"):
        shelf.keep("a")


@pytest.mark.parametrize(
    ("folder", "file", "journal", "query"),
    [
        (False, False, b"", "mode=ro&immutable=1"),
        (False, True, b"", "mode=ro&immutable=1"),
        (True, False, b"", "mode=ro"),
        (False, False, b"waiting", "mode=ro"),
    ],
)
def test_only_a_sealed_folder_is_read_without_locks(  # noqa: PLR0913  (the table's columns)
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    *,
    folder: bool,
    file: bool,
    journal: bytes,
    query: str,
) -> None:
    shelf.keep("a")
    shelf.path.with_name("paceline.sqlite-wal").write_bytes(journal)
    allowed = {shelf.path.parent: folder, shelf.path: file}
    monkeypatch.setattr(os, "access", lambda path, _mode: allowed[path])
    assert access(shelf.path).query == query
    assert len(shelf.store.runs()) == 1


def test_an_older_store_in_a_read_only_folder_is_read_through_memory(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.path.parent.mkdir()
    old = Path(__file__).parents[2] / "fixtures" / "store" / "v1.sqlite"
    shutil.copy(old, shelf.path)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert [run.id for run in shelf.store.runs()] == ["two", "one"]
    assert len(shelf.store.measurements(RunId("two"))) == 1
    assert shelf.path.read_bytes() == old.read_bytes()


def test_an_empty_database_in_a_read_only_folder_reads_as_an_empty_store(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.path.parent.mkdir()
    with closing(sqlite3.connect(shelf.path)) as connection:
        connection.execute("VACUUM")
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert shelf.store.runs() == ()


def test_a_damaged_store_in_a_read_only_folder_stays_and_is_named(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.keep("a")
    cut(shelf.path)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(StoreError, match="the store is damaged"):
        shelf.store.runs()
    assert not list(shelf.path.parent.glob("*.corrupt-*"))


def test_a_store_kept_busy_by_another_is_named(shelf: Shelf) -> None:
    shelf.keep("a")
    shelf.reopen(busy=0.0)
    with closing(sqlite3.connect(shelf.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process kept the store busy"):
            shelf.keep("b")
        assert len(shelf.store.runs()) == 1


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (PermissionError(13, "Permission denied"), "can't be used: Permission denied"),
        (OSError(28, "No space left on device"), "the disk is full"),
        (sqlite3.OperationalError("odd"), "can't be used: odd"),
    ],
)
def test_what_the_system_says_is_passed_on(shelf: Shelf, error: Exception, problem: str) -> None:
    with pytest.raises(StoreError, match=problem), translated(shelf.path):
        raise error
