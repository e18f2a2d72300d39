"""The folder of saved runs."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from paceline.errors import StoreError, UsageError
from paceline.store.dropin import Storage, autosave_name, safe_name, source_of

HERE = "Linux-CPython-3.11-64bit"
THERE = "Linux-PyPy-3.11-64bit"


def run(*names: str) -> dict[str, Any]:
    stats = {"mean": 0.5, "rounds": 1}
    return {"benchmarks": [{"name": name, "stats": stats} for name in names]}


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(f"file://{tmp_path}/runs", HERE)


def names(files: list[Path]) -> list[str]:
    return [f"{file.parent.name}/{file.name}" for file in files]


def test_runs_are_numbered_in_the_folder_of_their_machine(storage: Storage) -> None:
    files = [storage.save(run("test_a"), name) for name in ("first", "second")]
    assert names(files) == [f"{HERE}/0001_first.json", f"{HERE}/0002_second.json"]
    assert json.loads(files[0].read_text())["benchmarks"][0]["name"] == "test_a"


def test_numbers_go_on_after_files_of_the_peer_and_beyond_four_digits(storage: Storage) -> None:
    storage.save(run(), "a").rename(storage.path / HERE / "9999_theirs.json")
    assert storage.save(run(), "next").name == "10000_next.json"
    assert storage.save(run(), "next").name == "10001_next.json"


def test_savers_at_once_lose_nothing_and_share_no_number(storage: Storage) -> None:
    def save(name: str) -> None:
        for _ in range(5):
            Storage(str(storage), HERE).save(run(name), name)

    threads = [threading.Thread(target=save, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [file.name.partition("_")[0] for file in storage.query()]
    assert len(numbers) == len(set(numbers)) == 20
    assert not list((storage.path / HERE).glob(".*"))


def test_a_claim_left_by_a_killed_saver_only_costs_its_number(storage: Storage) -> None:
    (storage.path / HERE).mkdir(parents=True)
    (storage.path / HERE / ".0001.part").touch()
    assert storage.save(run(), "mine").name == "0002_mine.json"
    assert names(storage.query()) == [f"{HERE}/0002_mine.json"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("0001", [f"{HERE}/0001_one.json"]),
        ("0001_o*", [f"{HERE}/0001_one.json"]),
        ("*/0001", [f"{HERE}/0001_one.json", f"{THERE}/0001_other.json"]),
        ("*PyPy*/*", [f"{THERE}/0001_other.json"]),
        ("9", []),
    ],
)
def test_patterns_find_runs(storage: Storage, pattern: str, found: list[str]) -> None:
    storage.save(run(), "one")
    storage.save(run(), "two")
    Storage(str(storage), THERE).save(run(), "other")
    assert names(storage.query(pattern)) == found


def test_without_a_machine_every_folder_is_looked_through(storage: Storage) -> None:
    storage.save(run(), "one")
    Storage(str(storage), THERE).save(run(), "other")
    everything = [f"{HERE}/0001_one.json", f"{THERE}/0001_other.json"]
    assert names(Storage(str(storage)).query("0001")) == everything


def test_a_file_is_found_by_its_path_wherever_it_lies(storage: Storage, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.json"
    file.write_text(json.dumps(run("test_a")), encoding="utf-8")
    assert storage.query(str(file), file) == [file]
    assert storage.load(file)[0].path == file


@pytest.mark.parametrize("pattern", ["a/b/c", "/a/b", "a/**b"])
def test_a_pattern_that_can_find_nothing_is_refused(storage: Storage, pattern: str) -> None:
    with pytest.raises(UsageError, match="neither a file nor a glob"):
        storage.query(pattern)


def test_what_cannot_be_read_is_passed_over_and_noted(storage: Storage) -> None:
    storage.save(run("test_a"), "good")
    (storage.path / HERE / "0002_cut.json").write_text('{"benchmarks": [', encoding="utf-8")
    (storage.path / HERE / "0003_bytes.json").write_bytes(b"\xff\xfe")
    assert [saved.path.name for saved in storage.load()] == ["0001_good.json"]
    assert [Path(note.split()[3].split(":")[0]).name for note in storage.notes] == [
        "0002_cut.json",
        "0003_bytes.json",
    ]


def test_entries_bear_their_file_and_what_tells_it_apart(storage: Storage) -> None:
    storage.save(run("test_a", "test_b"), "one")
    storage.save(run("test_a"), "two")
    found = [(one["name"], one["source"], one["path"]) for one in storage.entries()]
    assert found == [
        ("test_a", "0001_one", f"{HERE}/0001_one.json"),
        ("test_b", "0001_one", f"{HERE}/0001_one.json"),
        ("test_a", "0002_two", f"{HERE}/0002_two.json"),
    ]


def test_near_and_far_files_share_no_start(storage: Storage, tmp_path: Path) -> None:
    storage.save(run("test_a"), "one")
    far = tmp_path / "far.json"
    far.write_text(json.dumps(run("test_a")), encoding="utf-8")
    sources = [one["source"] for one in storage.entries("0001", far)]
    assert sources == [f"{HERE}/0001_one", str(far.with_suffix("")).lstrip("/")]


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match="can't save 'one'"):
        Storage(str(tmp_path / "runs"), HERE).save(run(), "one")


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "..\\b", "a\nb", "x" * 201])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        safe_name(name)


@pytest.mark.parametrize("uri", ["elasticsearch+http://host", "ftp://host/x"])
def test_a_storage_that_is_not_offered_is_refused_with_what_is(uri: str) -> None:
    with pytest.raises(UsageError, match="is not offered") as caught:
        Storage(uri)
    assert "file://PATH" in caught.value.remedy


def test_the_location_is_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Storage(".benchmarks").location == ".benchmarks"
    assert Storage("file:///elsewhere").location == "/elsewhere"


def test_an_automatic_name_says_commit_moment_and_changes() -> None:
    moment = dt.datetime(2026, 11, 21, 22, 15, tzinfo=dt.UTC)
    assert autosave_name({"id": "1a2b", "dirty": False}, moment) == "1a2b_20261121_221500"
    assert autosave_name({"dirty": True}, moment).endswith("221500_uncommitted-changes")


def test_a_source_leaves_out_this_machine_and_the_ending() -> None:
    assert source_of(Path(HERE, "0001_v1.2.json"), HERE) == "0001_v1.2"
    assert source_of(Path(THERE, "0001_a.json"), HERE) == f"{THERE}/0001_a"
