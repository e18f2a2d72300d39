"""Machine and commit in pytest-benchmark's words."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from paceline.probes.dropin import commit_info, machine_id, machine_info

if TYPE_CHECKING:
    from pathlib import Path

CPUINFO = """\
processor	: 0
vendor_id	: GenuineExample
cpu family	: 6
model		: 85
model name	: Example(R) 9000 CPU @ 2.40GHz
stepping	: 7
cpu MHz		: 1999.9
cache size	: 33792 KB
flags		: sse2 avx

processor	: 1
model name	: Other
"""
MERCURIAL = """#!/bin/sh
case "$1" in
  id) echo abc123+;;
  log) echo 2026-01-02T03:04:05+00:00;;
  branch) echo default;;
  path) echo https://example.com/team/scoring;;
esac
"""


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=n", "-c", "user.email=e@example.com", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--initial-branch=main", ".")
    (tmp_path / "a.txt").write_text("a", encoding="utf-8")
    git(tmp_path, "add", "a.txt")
    git(tmp_path, "commit", "--message=a")
    return tmp_path


def test_a_machine_is_named_by_system_interpreter_and_bits() -> None:
    assert len(machine_id().split("-")) == 4


def test_a_processor_is_described_from_its_first_block(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(CPUINFO, encoding="utf-8")
    cpu = machine_info(proc=tmp_path)["cpu"]
    assert (cpu["brand_raw"], cpu["vendor_id_raw"]) == (
        "Example(R) 9000 CPU @ 2.40GHz",
        "GenuineExample",
    )
    assert (cpu["family"], cpu["model"], cpu["stepping"]) == (6, 85, 7)
    assert (cpu["hz_advertised_friendly"], cpu["hz_advertised"]) == (
        "2.4000 GHz",
        [2_400_000_000, 0],
    )
    assert cpu["l3_cache_size"] == 33792 * 1024
    assert cpu["flags"] == ["avx", "sse2"]
    assert not any("actual" in key for key in cpu)


def test_an_unknown_processor_still_has_its_keys(tmp_path: Path) -> None:
    cpu = machine_info(proc=tmp_path)["cpu"]
    assert {"arch", "bits", "count", "brand_raw"} <= cpu.keys()


def test_the_same_machine_says_the_same_twice() -> None:
    assert machine_info() == machine_info()


def test_a_commit_has_its_times_and_branch(project: Path) -> None:
    info = commit_info(folder=project)
    assert (len(info["id"]), info["branch"], info["dirty"]) == (40, "main", False)
    assert info["time"] == info["author_time"]
    assert info["time"][10] == "T"
    assert info["project"] == project.name


def test_changes_and_a_detached_head_are_seen_from_a_folder_below(project: Path) -> None:
    git(project, "checkout", "--detach")
    (project / "a.txt").write_text("b", encoding="utf-8")
    (project / "below").mkdir()
    info = commit_info(folder=project / "below")
    assert (info["branch"], info["dirty"]) == ("(detached head)", True)


@pytest.mark.parametrize(
    "address", ["https://example.com/team/scoring.git", "git@example.com:team/scoring.git"]
)
def test_a_project_is_named_after_where_it_was_cloned_from(project: Path, address: str) -> None:
    git(project, "config", "remote.origin.url", address)
    assert commit_info(folder=project)["project"] == "scoring"
    assert commit_info("mine", folder=project)["project"] == "mine"


def test_outside_a_repository_nothing_is_versioned(tmp_path: Path) -> None:
    info = commit_info(folder=tmp_path)
    assert (info["id"], info["branch"], info["time"]) == ("unversioned", "(unknown)", None)


def test_a_repository_that_cannot_be_asked_is_unknown_and_says_why(tmp_path: Path) -> None:
    git(tmp_path, "init", ".")
    info = commit_info(folder=tmp_path)
    assert info["id"] == "unknown"
    assert "git exited with" in info["error"]


def test_a_missing_program_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".hg").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    info = commit_info(folder=tmp_path)
    assert info["id"] == "unknown"
    assert "hg" in info["error"]


def test_mercurial_is_asked_likewise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".hg").mkdir()
    (tmp_path / "hg").write_text(MERCURIAL, encoding="utf-8")
    (tmp_path / "hg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    info = commit_info(folder=tmp_path)
    assert (info["id"], info["dirty"], info["branch"]) == ("abc123", True, "default")
    assert (info["project"], info["time"]) == ("scoring", "2026-01-02T03:04:05+00:00")
