from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from paceline.engine.vacuum import vacuum
from paceline.errors import StoreError
from paceline.store.retention import Retention
from paceline.store.vacuum import aside_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Place

GIBIBYTE = 1024**3


@pytest.fixture
def filled(place: Place) -> Place:
    """Six runs, three of them on a feature branch, and two files beside the store."""
    for at, name in enumerate("abcdef"):
        run = place.keep(name, branch="main" if at % 2 else "feature/x")
        many = place.measured("test_many", 1)
        values = tuple(1 / (7 * at + one + 1) for one in range(5000))
        place.store.append(run.id, [dataclasses.replace(many, values=values)])
    for name in ("corrupt-1", "corrupt-1-wal", "v5-1"):
        place.store.path.with_name(f"paceline.sqlite.{name}").write_bytes(b"x" * 1000)
    return place


def everything(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def kept(place: Place) -> str:
    return "".join(sorted(run.id[0] for run in place.store.runs()))


def test_what_goes_is_said_by_branch_and_age_with_the_bytes(filled: Place) -> None:
    ended = filled.paceline("vacuum", "--keep-runs", "2", "--raw-runs", "1")
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    said = "runs 4 removed (feature/x 2, main 2; the oldest of 2026-01-01)"
    assert lines[:2] == [said, "raw values of 1 run removed"]
    assert lines[2] == "unneeded 0 cases and 0 hosts that no run refers to removed"
    assert lines[3] == "aside 3 files, 2.930 KiB, kept: --aside removes them"
    assert lines[-1].startswith("file ")
    assert kept(filled) == "ef"


def test_a_dry_run_says_the_same_and_leaves_every_byte(filled: Place) -> None:
    before = everything(filled.store.path.parent)
    words = ("vacuum", "--keep-runs", "2", "--raw-runs", "1", "--aside", "--json")
    dry = json.loads(filled.paceline(*words, "--dry-run").out)
    assert everything(filled.store.path.parent) == before
    done = json.loads(filled.paceline(*words).out)
    assert {**dry, "dry_run": False, "aside": done["aside"]} == done
    assert done["bytes_after"] < done["bytes_before"]


def test_files_aside_are_removed_only_when_asked(filled: Place) -> None:
    filled.paceline("vacuum")
    assert len(aside_files(filled.store.path)) == 3
    filled.paceline("vacuum", "--aside")
    assert aside_files(filled.store.path) == ()
    assert kept(filled) == "abcdef"


def test_what_a_server_refused_lies_aside_and_what_waits_for_it_stays(filled: Place) -> None:
    spool = filled.root / ".paceline" / "spool" / "server"
    spool.mkdir(parents=True)
    for name, age in (("1.json", 9), ("2.json.refused", 0), ("3.part", 9), ("4.part", 0)):
        (spool / name).write_text("{}")
        os.utime(spool / name, (time.time() - age * 86_400,) * 2)
    filled.paceline("vacuum", "--aside")
    assert {one.name for one in spool.iterdir()} == {"1.json", "4.part"}


def test_runs_of_a_branch_can_be_kept_by_a_pattern(filled: Place) -> None:
    filled.paceline("vacuum", "--keep-runs", "1", "--keep-branch", "feature/*")
    assert kept(filled) == "acef"


def test_the_settings_say_what_is_kept_where_no_flag_does(filled: Place) -> None:
    filled.settings("[tool.paceline]\nstore.keep_runs = 3\n")
    filled.paceline("vacuum")
    assert kept(filled) == "def"


def test_baselines_stay_and_all_that_is_kept_stays_whole(filled: Place) -> None:
    filled.paceline("baseline", "save", "v1", "--run", "aaaa")
    before = filled.store.measurements(filled.store.find("v1").id)
    filled.paceline("vacuum", "--keep-runs", "1")
    assert kept(filled) == "af"
    assert filled.store.measurements(filled.store.find("v1").id) == before
    assert filled.store.check() == ()


def test_cases_and_hosts_that_no_run_refers_to_go(filled: Place) -> None:
    with closing(sqlite3.connect(filled.store.path)) as connection, connection:
        connection.execute("UPDATE cases SET id = 'lost' WHERE number = 1")
        connection.execute(
            "INSERT INTO hosts SELECT 99, cpu, 99, memory, system, python, runner FROM hosts"
        )
        connection.execute(
            "INSERT INTO cases SELECT 98, 'x', 'x', label, parameters, group_name, markers,"
            " category FROM cases LIMIT 1"
        )
    found = vacuum(filled.store, Retention())
    assert (found.swept.cases, found.swept.hosts) == (1, 1)


def test_another_writer_is_refused_in_one_line(filled: Place) -> None:
    with closing(sqlite3.connect(filled.store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process kept the store busy"):
            vacuum(filled.store, Retention(keep_runs=1), busy=0.0)
    assert kept(filled) == "abcdef"


def test_a_full_disk_is_said_with_what_it_takes(filled: Place) -> None:
    with pytest.raises(StoreError, match="can't shrink: that takes 1 MiB of free disk"):
        vacuum(filled.store, Retention(), free=lambda _folder: 100)
    assert kept(filled) == "abcdef"


def test_an_interrupt_leaves_the_store_whole(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("paceline.store.retention._drop_raw_values", interrupted)
    assert filled.paceline("vacuum", "--keep-runs", "1", "--raw-runs", "1").status == 130
    assert (kept(filled), filled.store.check()) == ("abcdef", ())


def test_where_no_store_is_nothing_is_made(place: Place) -> None:
    assert "0 removed" in place.paceline("vacuum").out
    assert "0 would go" in place.paceline("vacuum", "--dry-run").out
    assert not (place.root / ".paceline").exists()


def test_a_number_that_is_none_is_refused(place: Place) -> None:
    assert place.paceline("vacuum", "--keep-runs", "few").status == 13


def test_a_sweep_that_is_tried_on_a_server_is_rolled_back(filled: Place) -> None:
    found = filled.store.sweep(Retention(keep_runs=1), dry_run=True)
    assert (len(found.removed), kept(filled)) == (5, "abcdef")
