from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.commands import CommandError, git, last_lines
from paceline.engine.revisions.repository import Changes, Commit, find_repository
from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.engine.revisions.conftest import Repo


def test_changes_are_what_is_not_committed_and_not_ignored(repo: Repo) -> None:
    repo.commit(same="1", changed="1", gone="1", **{".gitignore": "ignored\n"})
    repo.write("changed", "2")
    repo.write("deep/new", "1")
    repo.write("ignored", "1")
    repo.write("staged", "1")
    repo.git("add", "staged")
    (repo.top / "gone").unlink()
    assert repo.known().changes() == Changes(("changed", "deep/new", "staged"), ("gone",))


def test_a_rename_is_one_file_less_and_one_more(repo: Repo) -> None:
    repo.commit(old="1")
    repo.git("mv", "old", "new")
    assert repo.known().changes() == Changes(("new",), ("old",))


def test_a_file_taken_out_of_the_index_only_is_still_there(repo: Repo) -> None:
    repo.commit(kept="1")
    repo.git("rm", "--quiet", "--cached", "kept")
    assert repo.known().changes() == Changes(("kept",))


def test_names_of_any_characters_are_kept(repo: Repo) -> None:
    repo.commit()
    names = ["ä ö.txt", 'quote".txt', "line\nbreak", os.fsdecode(b"\xff\xfe")]
    for name in names:
        (repo.top / name).touch()
    assert repo.known().changes().present == tuple(sorted(names))


def test_repositories_inside_are_named_not_entered(
    repo: Repo, new_repo: Callable[[str], Repo]
) -> None:
    repo.commit()
    new_repo("project/inner").commit(a="1")
    assert repo.known().changes() == Changes(nested=("inner/",))


def test_submodules_of_a_commit_are_listed(repo: Repo) -> None:
    commit = repo.commit()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/x")
    repo.git("commit", "--quiet", "--message=module")
    assert repo.known().submodules("HEAD") == ("vendor/x",)


def test_history_goes_from_after_good_to_bad(repo: Repo) -> None:
    good, middle, bad = repo.commit(a="1"), repo.commit(a="2"), repo.commit(a="3")
    expected = (Commit(middle, "change"), Commit(bad, "change"))
    assert repo.known().history("HEAD~2", "HEAD") == expected
    assert repo.known().history(good, good) == ()
    assert repo.known().history(bad, good) == ()


def test_a_merge_is_one_step_of_history(repo: Repo) -> None:
    good = repo.commit(a="1")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit(b="1")
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--message=merge", "topic")
    assert [one.subject for one in repo.known().history(good, "HEAD")] == ["merge"]


def test_equal_trees_have_equal_ids(repo: Repo) -> None:
    one, other = repo.commit(a="1"), repo.commit()
    known = repo.known()
    assert known.tree_of(one) == known.tree_of(other) != ""


def test_outside_of_a_repository_there_is_none(tmp_path: Path, repo: Repo) -> None:
    assert find_repository(tmp_path, repo.environ) is None
    assert find_repository(tmp_path, {**repo.environ, "PATH": ""}) is None


def test_a_repository_is_found_from_below_and_from_a_worktree(repo: Repo, tmp_path: Path) -> None:
    repo.commit(deep__a="1")
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    below = find_repository(repo.top / "deep", repo.environ)
    beside = find_repository(tmp_path / "tree", repo.environ)
    assert below
    assert beside
    assert (below.top, beside.top) == (repo.top, tmp_path / "tree")
    assert below.store == beside.store == repo.top / ".git"


def test_a_hooks_variables_do_not_lead_elsewhere(
    repo: Repo, new_repo: Callable[[str], Repo]
) -> None:
    other = new_repo("other")
    variables = {"GIT_DIR": str(other.top / ".git"), "GIT_WORK_TREE": str(other.top)}
    found = find_repository(repo.top, {**repo.environ, **variables, "GIT_INDEX_FILE": "x"})
    assert found
    assert found.top == repo.top


def test_looking_runs_no_monitor_and_leaves_the_index_alone(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a="1")
    monitor = repo.write("monitor", f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    monitor.chmod(0o755)
    repo.git("config", "core.fsmonitor", str(monitor))
    os.utime(repo.top / "a", (1, 1))  # git would like to note this down
    before = (repo.top / ".git" / "index").read_bytes()
    repo.known().changes()
    assert (repo.top / ".git" / "index").read_bytes() == before
    assert not (tmp_path / "ran").exists()


def test_without_git_the_remedy_names_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two folders"):
        git(tmp_path, "status", environ={"PATH": ""})


def test_a_failed_command_says_what_it_said(tmp_path: Path, repo: Repo) -> None:
    with pytest.raises(CommandError, match=r"git status ended with status 128: .*not a git"):
        git(tmp_path, "status", environ=repo.environ)


def test_only_the_end_of_a_long_output_is_said() -> None:
    said = last_lines(b"".join(b"%d\n" % number for number in range(100)))
    assert said.splitlines() == [str(number) for number in range(88, 100)]
