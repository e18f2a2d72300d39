from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SUITE = """
from work import UNITS

def test_work(benchmark):
    benchmark(lambda: sum(i * i for i in range(10 * UNITS)))
"""
NAMES = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    (root / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    (root / "test_suite.py").write_text(SUITE)
    for number, units in enumerate([20, 20, 40, 40]):
        (root / "work.py").write_text(f"UNITS = {units}\n# {number}\n")
        git(root, "add", ".")
        git(root, "commit", "--quiet", "--message", f"number {number}")
    return root


def git(root: Path, *arguments: str) -> str:
    words = ["git", "-C", str(root), *arguments]
    done = subprocess.run(words, capture_output=True, check=True, env={**os.environ, **NAMES})
    return done.stdout.decode()


def bisect(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "paceline", "bisect", *arguments],
        cwd=root,
        env={**os.environ, "XDG_CACHE_HOME": str(root.parent / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commit_that_made_it_slow_is_found(repository: Path) -> None:
    done = bisect(repository, "test_work", "--good", "HEAD~3", "--json", "--resolution", "20%")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [one["subject"] for one in found["candidates"]] == ["number 2"]
    assert found["step"]["point"] == pytest.approx(2, rel=0.2)
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("test_work", "--good", "nowhere"), "'nowhere' names no commit"),
        (("test_work", "--good", "HEAD"), "no commit lies between"),
    ],
)
def test_ends_that_cannot_be_used_are_said(
    repository: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = bisect(repository, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
