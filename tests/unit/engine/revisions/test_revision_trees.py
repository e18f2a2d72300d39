from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.cache import Cache
from paceline.engine.revisions.choices import Folder, Revision, WorkingTree
from paceline.engine.revisions.files import content_of, copy_file, files_below
from paceline.engine.revisions.trees import Tree, tree_of
from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.engine.revisions.conftest import Repo


@pytest.fixture
def working(repo: Repo, tmp_path: Path) -> Callable[[], Tree]:
    return lambda: tree_of(
        WorkingTree(),
        root=repo.top,
        repository=repo.known(),
        cache=Cache(tmp_path / "cache"),
        environ=repo.environ,
    )


def committed(repo: Repo, name: str, root: Path | None = None) -> Tree:
    return tree_of(
        Revision(repo.git("rev-parse", name), name),
        root=root or repo.top,
        repository=repo.known(),
        cache=Cache(repo.top.parent / "cache"),
        environ=repo.environ,
    )


def folder_tree(path: Path, environ: dict[str, str]) -> Tree:
    return tree_of(
        Folder(path, "./it"),
        root=path,
        repository=None,
        cache=Cache(path.parent / "cache"),
        environ=environ,
    )


def test_a_revision_is_copied_as_it_was(repo: Repo) -> None:
    commit = repo.commit(a="1")
    repo.commit(a="2")
    tree = committed(repo, "HEAD~1")
    assert (tree.root / "a").read_text(encoding="utf-8") == "1"
    assert (tree.commit, tree.dirty, tree.said) == (commit, False, "HEAD~1")


def test_objects_are_shared_and_hooks_do_not_run(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a="1")
    for place in (repo.top / ".git" / "hooks", tmp_path / "template" / "hooks"):
        place.mkdir(parents=True, exist_ok=True)
        hook = place / "post-checkout"
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n", encoding="utf-8")
        hook.chmod(0o755)
    repo.environ = {**repo.environ, "GIT_TEMPLATE_DIR": str(tmp_path / "template")}
    git = committed(repo, "HEAD").top / ".git"
    alternates = (git / "objects" / "info" / "alternates").read_text(encoding="utf-8")
    assert alternates.strip() == str(repo.top / ".git" / "objects")
    assert not (tmp_path / "ran").exists()


def test_a_project_below_the_top_keeps_its_place(repo: Repo) -> None:
    repo.commit(deep__project__a="1", beside="1")
    tree = committed(repo, "HEAD", repo.top / "deep" / "project")
    assert tree.root == tree.top / "deep" / "project"
    assert (tree.top / "beside").exists()


def test_a_revision_without_the_projects_folder_says_so(repo: Repo) -> None:
    repo.commit(a="1")
    repo.write("deep/project/b", "1")
    with pytest.raises(MeasureError, match="HEAD has no folder 'deep/project'"):
        committed(repo, "HEAD", repo.top / "deep" / "project")


@pytest.mark.slow
def test_a_commit_that_a_shallow_clone_holds_can_be_copied(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a="1")
    repo.commit(a="2")
    shallow = type(repo)(tmp_path / "shallow")
    shallow.git("fetch", "--quiet", "--depth=1", repo.top.as_uri(), "main")
    shallow.git("branch", "kept", "FETCH_HEAD")
    shallow.git("fetch", "--quiet", "--depth=1", repo.top.as_uri(), repo.git("rev-parse", "HEAD~1"))
    assert (committed(shallow, "FETCH_HEAD").root / "a").read_text(encoding="utf-8") == "1"
    assert (committed(shallow, "kept").root / "a").read_text(encoding="utf-8") == "2"


def test_the_working_tree_is_copied_with_what_is_not_committed(
    repo: Repo, working: Callable[[], Tree]
) -> None:
    repo.commit(same="1", changed="1", gone__b="1", moved="1", **{".gitignore": "ignored\n"})
    repo.write("changed", "2")
    repo.write("ä ö/new", "1")
    repo.write("ignored", "1")
    repo.git("mv", "moved", "now")
    (repo.top / "gone" / "b").unlink()
    tree = working()
    assert set(files_below(tree.top)) == {".gitignore", "same", "changed", "ä ö/new", "now"}
    assert (tree.top / "changed").read_text(encoding="utf-8") == "2"
    assert not (tree.top / "gone").exists()
    assert tree.said == f"working tree ({tree.commit[:8]} + 5 changed files)"
    assert tree.dirty


def test_links_and_modes_are_copied_as_they_are(repo: Repo, working: Callable[[], Tree]) -> None:
    repo.commit(script="1")
    repo.write("script", "2").chmod(0o755)
    (repo.top / "link").symlink_to("script")
    (repo.top / "dangling").symlink_to("nowhere")
    os.mkfifo(repo.top / "pipe")
    top = working().top
    assert os.access(top / "script", os.X_OK)
    assert [(top / name).readlink().name for name in ("link", "dangling")] == ["script", "nowhere"]
    assert not (top / "pipe").exists()


def test_a_file_may_become_a_folder_and_a_folder_a_file(
    repo: Repo, working: Callable[[], Tree]
) -> None:
    repo.commit(one="1", two__inner="1")
    (repo.top / "one").unlink()
    repo.write("one/inner", "2")
    (repo.top / "two" / "inner").unlink()
    (repo.top / "two").rmdir()
    repo.write("two", "2")
    assert list(files_below(working().top)) == ["one/inner", "two"]


@pytest.fixture
def outside(repo: Repo, tmp_path: Path) -> Path:
    """A folder of someone else's, to which the commit has a link."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "data").write_text("theirs", encoding="utf-8")
    repo.commit(folder__data="1")
    (repo.top / "link").symlink_to(folder)
    repo.commit()
    return folder


def test_nothing_is_written_through_a_link_that_leaves_the_copy(
    repo: Repo, working: Callable[[], Tree], outside: Path
) -> None:
    (repo.top / "folder" / "data").unlink()
    (repo.top / "folder").rmdir()
    (repo.top / "folder").symlink_to(outside)
    (repo.top / "link").unlink()
    repo.write("link/data", "ours")
    top = working().top
    assert (top / "link" / "data").read_text(encoding="utf-8") == "ours"
    assert (outside / "data").read_text(encoding="utf-8") == "theirs"


def test_a_clean_working_tree_says_only_its_commit(repo: Repo, working: Callable[[], Tree]) -> None:
    commit = repo.commit(a="1")
    tree = working()
    assert (tree.said, tree.dirty) == (f"working tree ({commit[:8]})", False)


def test_the_same_content_is_copied_once_and_another_anew(
    repo: Repo, working: Callable[[], Tree]
) -> None:
    repo.commit(a="1")
    keys = []
    for text in ("2", "3", "2"):
        repo.write("a", text)
        keys.append(working().key)
    assert keys[0] == keys[2] != keys[1]


@pytest.mark.slow
def test_files_that_keep_changing_are_refused(
    repo: Repo, working: Callable[[], Tree], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(a="1")
    repo.write("a", "2")
    contents = iter("abcdef")
    monkeypatch.setattr("paceline.engine.revisions.trees.content_of", lambda *_: next(contents))
    with pytest.raises(MeasureError, match="change while they are copied"):
        working()


def test_what_is_not_copied_is_said(
    repo: Repo, working: Callable[[], Tree], new_repo: Callable[[str], Repo]
) -> None:
    repo.commit(**{".gitattributes": "*.bin filter=lfs\n"})
    new_repo("project/inner").commit(a="1")
    modules, pointers = working().notes
    assert modules.endswith("are not copied: inner/")
    assert "large file storage" in pointers


def test_the_users_tree_and_repository_stay_as_they_were(
    repo: Repo, working: Callable[[], Tree]
) -> None:
    repo.commit(a="1")
    repo.write("a", "2")
    repo.git("stash", "push", "--quiet")
    repo.write("a", "3")
    before = state(repo)
    committed(repo, "HEAD")
    working()
    assert state(repo) == before


def state(repo: Repo) -> dict[str, bytes]:
    """Every file of the working tree and of the repository."""
    return {str(path): path.read_bytes() for path in repo.top.rglob("*") if path.is_file()}


def test_a_plain_folder_is_copied_without_environments_and_caches(
    repo: Repo, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    for name in ("pkg/a.py", ".venv/x.py", "env/pyvenv.cfg", "env/y.py", "pkg/__pycache__/a.pyc"):
        (plain / name).parent.mkdir(parents=True, exist_ok=True)
        (plain / name).touch()
    tree = folder_tree(plain, repo.environ)
    assert list(files_below(tree.top)) == ["pkg/a.py"]
    assert (tree.said, tree.commit, tree.origin) == ("./it", "", plain)


def test_a_folder_of_a_repository_is_copied_as_git_sees_it(repo: Repo) -> None:
    repo.commit(pkg__a="1", **{".gitignore": "ignored\n"})
    repo.write("pkg/ignored", "1")
    tree = folder_tree(repo.top / "pkg", repo.environ)
    assert list(files_below(tree.root)) == ["a"]
    assert tree.said == f"./it ({tree.commit[:8]})"


def test_an_ignored_folder_of_a_repository_is_a_plain_one(repo: Repo) -> None:
    repo.commit(**{".gitignore": "build\n"})
    repo.write("build/a", "1")
    tree = folder_tree(repo.top / "build", repo.environ)
    assert (list(files_below(tree.root)), tree.commit) == (["a"], "")


def test_content_knows_paths_modes_and_links(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("1", encoding="utf-8")
    link.symlink_to("file")
    seen = {content_of(tmp_path, (name,)) for name in ("file", "link", "gone", ".")}
    file.chmod(0o755)
    seen.add(content_of(tmp_path, ("file",)))
    assert len(seen) == 5


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(MeasureError, match="file' can't be copied: Permission denied"):
        content_of(tmp_path, ("file",))


def test_a_file_that_vanished_leaves_nothing_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old", encoding="utf-8")
    copy_file(tmp_path / "gone", tmp_path, "target")
    assert not (tmp_path / "target").exists()
