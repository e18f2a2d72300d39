from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.choices import (
    Choice,
    Folder,
    Release,
    Revision,
    WorkingTree,
    choose,
)
from paceline.engine.revisions.repository import find_repository
from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.engine.revisions.conftest import Repo


def bases(repo: Repo, base: str | None, head: str | None = None) -> Choice:
    return choose(base, head, repository=repo.known(), root=repo.top)[0]


def test_the_merge_base_with_main_is_the_default_base(repo: Repo) -> None:
    first = repo.commit(a="1")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit(a="2")
    assert bases(repo, None) == Revision(first, f"merge base with main ({first[:8]})")


def test_on_main_with_changes_the_base_is_the_last_commit(repo: Repo) -> None:
    last = repo.commit(a="1")
    repo.write("a", "2")
    assert bases(repo, None) == Revision(last, f"last commit, on main ({last[:8]})")


def test_on_main_without_changes_the_base_is_the_commit_before(repo: Repo) -> None:
    first, last = repo.commit(a="1"), repo.commit(a="2")
    said = f"the commit before, as {last[:8]} is on main ({first[:8]})"
    assert bases(repo, None) == Revision(first, said)


def test_the_remote_main_branch_goes_before_a_local_one(
    repo: Repo, new_repo: Callable[[str], Repo]
) -> None:
    first = repo.commit(a="1")
    other = new_repo("clone")
    other.git("remote", "add", "origin", str(repo.top))
    other.git("fetch", "--quiet", "origin")
    other.git("reset", "--quiet", "--hard", "origin/main")
    other.commit(a="2")
    assert bases(other, None) == Revision(first, f"merge base with origin/main ({first[:8]})")
    assert choose(None, None, repository=other.known(), root=other.top)[1] == WorkingTree()


def test_the_base_of_a_named_head_is_its_own(repo: Repo) -> None:
    first = repo.commit(a="1")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit(a="2")
    repo.git("checkout", "--quiet", "main")
    assert bases(repo, None, "topic") == Revision(first, f"merge base with main ({first[:8]})")


def test_a_branch_that_only_the_remote_has_is_found(
    repo: Repo, new_repo: Callable[[str], Repo]
) -> None:
    first = repo.commit(a="1")
    repo.git("branch", "stable")
    other = new_repo("clone")
    other.commit(a="2")
    other.git("remote", "add", "origin", str(repo.top))
    other.git("fetch", "--quiet", "origin")
    assert bases(other, "stable") == Revision(first, f"origin/stable ({first[:8]})")


def test_a_revision_is_said_with_its_commit_unless_it_is_one(repo: Repo) -> None:
    first, _ = repo.commit(a="1"), repo.commit(a="2")
    assert bases(repo, "HEAD~1") == Revision(first, f"HEAD~1 ({first[:8]})")
    assert bases(repo, first[:10]) == Revision(first, first[:8])


def test_a_folder_is_one_that_is_written_as_a_path(repo: Repo) -> None:
    repo.commit(old__a="1")
    for word in ("./old", f"{repo.top}/old"):
        assert bases(repo, word) == Folder((repo.top / "old").resolve(), word)
    assert bases(repo, ".") == Folder(repo.top.resolve(), ".")


def test_a_branch_goes_before_a_folder_of_its_name(repo: Repo) -> None:
    first = repo.commit(feature__x="1")
    repo.git("branch", "feature/x")
    assert isinstance(bases(repo, "feature/x"), Revision)
    repo.git("branch", "-D", "feature/x")
    (repo.top / "feature" / "x").unlink()
    (repo.top / "feature" / "x").mkdir()
    assert isinstance(bases(repo, "feature/x"), Folder)
    assert first


@pytest.mark.parametrize(
    ("word", "release"),
    [
        ("pkg==1.2", Release("pkg==1.2", "pkg", "", "pkg==1.2")),
        ("pkg == 1.2", Release("pkg==1.2", "pkg", "", "pkg==1.2")),
        ("my.pkg-x[a,b]>=1", Release("my.pkg-x>=1", "my.pkg-x", "[a,b]", "my.pkg-x[a,b]>=1")),
        ("pkg @ https://e.org/p.zip", Release("pkg @ https://e.org/p.zip", "pkg", "",
                                              "https://e.org/p.zip")),
    ],
)  # fmt: skip
def test_a_release_is_read_as_installers_read_it(
    tmp_path: Path, word: str, release: Release
) -> None:
    assert choose(word, ".", repository=None, root=tmp_path)[0] == release


def test_a_wheel_or_source_archive_is_a_release(tmp_path: Path) -> None:
    for name in ("my_pkg-1.0-py3-none-any.whl", "my_pkg-1.0.tar.gz"):
        (tmp_path / name).touch()
        file = tmp_path / name
        by_path = choose(f"./{name}", ".", repository=None, root=tmp_path)[0]
        assert by_path == Release(str(file), "my_pkg", "", name)
        by_name = choose(f"pkg @ {name}", ".", repository=None, root=tmp_path)[0]
        assert by_name == Release(f"pkg @ {file.as_uri()}", "pkg", "", name)


@pytest.mark.parametrize("word", ["HEAD@{1}", "@", "@{upstream}", "main~3", "v1.2^{commit}"])
def test_revisions_are_never_taken_for_releases(tmp_path: Path, word: str) -> None:
    with pytest.raises(UsageError, match="no git repository"):
        choose(word, ".", repository=None, root=tmp_path)


def test_an_unknown_word_is_answered_with_near_names(repo: Repo) -> None:
    repo.commit(a="1")
    repo.git("branch", "stable")
    with pytest.raises(UsageError, match=r"'stablx' is no revision.*\n.*did you mean stable"):
        bases(repo, "stablx")


def test_a_bare_name_of_a_folder_is_answered_with_how_to_write_it(repo: Repo) -> None:
    repo.commit(old__a="1")
    with pytest.raises(UsageError, match=r"write \./old"):
        bases(repo, "old")


def test_a_file_after_the_at_sign_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'gone\.whl'.* does not exist"):
        choose("pkg @ gone.whl", ".", repository=None, root=tmp_path)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'\./gone' is no folder"):
        choose("./gone", ".", repository=None, root=tmp_path)


@pytest.mark.parametrize("head", [".", "pkg==1.2"])
def test_folders_and_releases_have_no_base_by_default(tmp_path: Path, head: str) -> None:
    with pytest.raises(UsageError, match="base can't be guessed"):
        choose(None, head, repository=None, root=tmp_path)


def test_without_a_repository_a_base_has_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no git repository"):
        choose(None, None, repository=None, root=tmp_path)


def test_a_repository_without_a_commit_says_so(repo: Repo) -> None:
    with pytest.raises(UsageError, match="no commit yet"):
        bases(repo, None)


def test_a_repository_without_a_main_branch_asks_for_the_base(repo: Repo) -> None:
    repo.commit(a="1")
    repo.git("branch", "-m", "trunk")
    with pytest.raises(UsageError, match="no main branch"):
        bases(repo, None)


def test_the_first_commit_alone_has_nothing_before_it(repo: Repo) -> None:
    repo.commit(a="1")
    with pytest.raises(UsageError, match="first commit of main"):
        bases(repo, None)


def test_branches_without_a_common_commit_say_so(repo: Repo) -> None:
    repo.commit(a="1")
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit(a="2")
    with pytest.raises(UsageError, match="no common ancestor with main"):
        bases(repo, None)


@pytest.mark.parametrize("word", [None, "HEAD~1", "v1"])
def test_a_shallow_clone_is_told_to_fetch_the_rest(
    repo: Repo, tmp_path: Path, word: str | None
) -> None:
    repo.commit(a="1")
    repo.git("tag", "v1")
    repo.commit(a="2")
    url, target = repo.top.as_uri(), str(tmp_path / "shallow")
    repo.git("clone", "--quiet", "--depth=1", "--no-tags", url, target)
    shallow = find_repository(tmp_path / "shallow", repo.environ)
    with pytest.raises(UsageError, match="git fetch --unshallow"):
        choose(word, None, repository=shallow, root=tmp_path / "shallow")
