from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from paceline.probes.repository import Revision, observe_revision

if TYPE_CHECKING:
    from pathlib import Path

AUTHOR = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *AUTHOR, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "code.py").write_text("ONE = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_outside_a_repository_nothing_is_known(tmp_path: Path) -> None:
    assert observe_revision(tmp_path) == Revision()


def test_an_amended_message_is_another_commit_of_the_same_tree(committed: Path) -> None:
    before = observe_revision(committed)
    git(committed, "commit", "-q", "--amend", "-m", "said better")
    after = observe_revision(committed)
    assert (after.branch, after.tree) == ("main", before.tree)
    assert len(before.tree) == 40
    assert after.commit != before.commit


def test_changed_files_are_of_no_tree(committed: Path) -> None:
    (committed / "code.py").write_text("ONE = 2\n")
    found = observe_revision(committed)
    assert (found.dirty, found.tree) == (True, "")
