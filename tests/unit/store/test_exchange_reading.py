from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place, StoreError, UsageError
from paceline.store.exchange import dump_run
from paceline.store.exchange.files import expand
from paceline.store.exchange.imported import Given
from paceline.store.exchange.kinds import Kind, UnrecognisedError, recognise
from paceline.store.exchange.reading import read_file
from paceline.store.exchange.text import decode, parse_json, read_bytes

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

PLACE = Place("file")
DURATIONS = '{"a.py::test_it": 0.5}'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "file"
    found.write_text(DURATIONS, encoding="utf-8")
    os.utime(found, (1_700_000_000, 1_700_000_000))
    return found


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"schema": {"name": "paceline.run", "version": 99}}', Kind.PACELINE),
        (b'{"machine_info": {}, "benchmarks": []}', Kind.PEER),
        (b'{"commit_hash": "", "results": {}}', Kind.ASV),
        (b'\xef\xbb\xbf \n<?xml version="1.0"?>', Kind.JUNIT),
        ("<testsuite/>".encode("utf-16"), Kind.JUNIT),
        (DURATIONS.encode("utf-16"), Kind.DURATIONS),
        (b'[["a", 1]]', Kind.DURATIONS),
        (b'{"version": "1.0", "categories": {}}', Kind.DURATIONS),
        (b"[x] text\n=== slowest durations ===\n", Kind.DURATIONS),
    ],
)
def test_a_format_is_told_by_what_a_file_holds(data: bytes, kind: Kind) -> None:
    assert recognise(data, PLACE) is kind


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (b"PAR1....", "is a Parquet file"),
        (b"hello", "is in no format that is known"),
        (b"{}", "is JSON of no format that is known"),
        (b'{"a": {}}', "is JSON of no format that is known"),
        (b'{"machine": "box", "os": "", "version": 1}', "describes asv's benchmarks or machine"),
        (b'{"a.time_b": {"param_names": []}, "version": 2}', "describes asv's benchmarks"),
        (b'{"a": 1,\n "b": }', "file:2: no JSON document"),
    ],
)
def test_what_is_of_no_format_says_what_is_known(data: bytes, problem: str) -> None:
    with pytest.raises(StoreError) as caught:
        recognise(data, PLACE)
    assert problem in str(caught.value)
    assert caught.value.remedy


def test_a_runs_id_follows_from_the_content_and_what_is_said_of_it(file: Path) -> None:
    kind, (first,) = read_file(file)
    copy = file.with_name("copy.json.gz")
    copy.write_bytes(gzip.compress(file.read_bytes()))
    _kind, (same,) = read_file(copy)
    _kind, (other,) = read_file(file, given=Given(commit="1a2b3c4"))
    assert kind is Kind.DURATIONS
    assert first.run.id == same.run.id != other.run.id
    assert len(first.run.id) == 32


def test_a_start_is_the_given_one_or_the_files(file: Path) -> None:
    _kind, (plain,) = read_file(file)
    given = Given("1a2b3c4", "main", 5.0)
    _kind, (said,) = read_file(file, given=given)
    assert plain.run.started == 1_700_000_000.0
    assert (said.run.commit, said.run.branch, said.run.started) == ("1a2b3c4", "main", 5.0)
    assert said.run.complete
    assert dict(said.run.settings) == {"imported": "durations"}


def test_a_run_that_says_itself_what_it_ran_on_is_not_overruled(file: Path, shelf: Shelf) -> None:
    run = shelf.run("a", commit="c0ffee")
    file.write_text(dump_run(run, (shelf.measurement(),)), encoding="utf-8")
    kind, (document,) = read_file(file)
    assert (kind, document.run) == (Kind.PACELINE, run)
    with pytest.raises(StoreError, match="says itself what it was run on"):
        read_file(file, given=Given(commit="decade"))


@pytest.mark.parametrize("started", [-1.0, 1e300])
def test_a_start_that_is_no_date_is_refused(file: Path, shelf: Shelf, started: float) -> None:
    file.write_text(dump_run(shelf.run("a", started=started), ()), encoding="utf-8")
    with pytest.raises(StoreError, match="is no date between 1970 and 9999"):
        read_file(file)


def test_a_format_that_is_named_is_not_looked_for(file: Path) -> None:
    with pytest.raises(StoreError, match="result_columns is missing"):
        read_file(file, kind=Kind.ASV)
    with pytest.raises(StoreError, match="no XML"):
        read_file(file, kind=Kind.JUNIT)


def test_a_file_that_is_not_there_or_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be read: No such file"):
        read_bytes(tmp_path / "missing")
    with pytest.raises(StoreError, match="can't be read: Is a directory"):
        read_bytes(tmp_path)


def test_a_limit_holds_for_what_gzip_hides(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(b" " * 3 * 1024**2))
    assert bomb.stat().st_size < 10_000
    with pytest.raises(StoreError, match="holds more than 2 MiB"):
        read_bytes(bomb, largest=2 * 1024**2)


WHOLE = gzip.compress(DURATIONS.encode() * 20)


@pytest.mark.parametrize("data", [WHOLE[:-9], WHOLE[:20] + b"\xff" * 9, WHOLE[:2] + b"\xff" * 9])
def test_gzip_that_is_cut_short_or_changed_is_an_error(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.gz"
    file.write_bytes(data)
    with pytest.raises(StoreError, match="gzip file"):
        read_bytes(file)


def test_a_gzip_file_of_several_members_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.gz"
    file.write_bytes(gzip.compress(b"one ") + gzip.compress(b"two") + bytes(9))
    assert read_bytes(file) == b"one two"


def test_text_of_another_encoding_is_said_with_its_line() -> None:
    with pytest.raises(StoreError, match=r"file:2: b'\\xe9' is no utf-8 text"):
        decode(b"{\n\xe9}", PLACE)
    assert decode("é".encode("utf-32"), PLACE) == "é"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "b": 2, "a": 3}', "the key 'a' stands twice"),
        ("[" * 100_000, "is nested too deeply"),
        ("9" * 10_000, "no JSON document"),
        ('{"a":\n\n x}', "file:3: no JSON document"),
    ],
)
def test_hostile_json_is_an_error(text: str, problem: str) -> None:
    with pytest.raises(StoreError) as caught:
        parse_json(text, PLACE)
    assert problem in str(caught.value)


def test_folders_patterns_and_files_are_expanded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("box/a.json", "box/b.xml.gz", ".test_durations", "notes.txt")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    found = [Path(name) for name in (".test_durations", "box/a.json", "box/b.xml.gz")]
    assert expand(".") == tuple((one, True) for one in found)
    assert expand("**/*.json") == ((Path("box/a.json"), False),)
    assert expand("missing.json") == ((Path("missing.json"), False),)


@pytest.mark.parametrize("word", ["empty", "*.xml"])
def test_a_folder_or_pattern_without_a_file_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no file"):
        expand(word)


def test_only_what_is_not_recognised_is_of_its_own_class(file: Path) -> None:
    file.write_text(json.dumps({"a": {}}))
    with pytest.raises(UnrecognisedError):
        read_file(file)
    file.write_text('{"a": ')
    with pytest.raises(StoreError) as caught:
        read_file(file)
    assert not isinstance(caught.value, UnrecognisedError)
