from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import paceline
from paceline.engine.revisions import environment
from paceline.engine.revisions.cache import Cache
from paceline.engine.revisions.environment import (
    Environment,
    Wanted,
    environment_of,
    variables,
)
from paceline.engine.revisions.layout import Layout
from paceline.engine.revisions.surroundings import Editable, Line, Surroundings
from paceline.engine.revisions.trees import Tree

LAYOUT = Layout("pkg", ("src",), ("pkg",), "")
OWN = str(Path(paceline.__file__).parents[1])


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    for name in ("user/lib", "copy/src", "copy/lib", "copy/other/src/sibling", "site"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "copy" / "other" / "src" / "sibling" / "__init__.py").touch()
    return Tree(tmp_path / "copy", ".", tmp_path / "user", "key", "main")


def lines(
    tree: Tree,
    *lines: Line,
    layout: Layout = LAYOUT,
    editables: tuple[Editable, ...] = (),
    use_sources: bool = True,
) -> list[str]:
    """Give an environment's lines without those that every one has."""
    site = tree.top.parent / "site"
    here = Surroundings(Path(sys.executable), (site,), lines, editables)
    made = list(environment._lines(tree, layout, here, use_sources=use_sources))
    return [line for line in made if line not in {str(site), OWN}]


def test_the_sides_sources_come_first_and_paceline_is_there(tree: Tree) -> None:
    site = tree.top.parent / "site"
    here = Surroundings(Path(sys.executable), (site,), (), ())
    made = list(environment._lines(tree, LAYOUT, here, use_sources=True))
    assert made == [str(tree.top / "src"), str(site), OWN]


def test_sources_of_a_built_project_are_not_on_the_path(tree: Tree) -> None:
    assert lines(tree, use_sources=False) == []


def test_a_side_that_is_paceline_itself_has_its_own(tree: Tree) -> None:
    layout = Layout("paceline", ("src",), ("paceline",), "")
    site = tree.top.parent / "site"
    here = Surroundings(Path(sys.executable), (site,), (), ())
    assert OWN not in list(environment._lines(tree, layout, here, use_sources=True))


def test_folders_of_the_users_tree_become_those_of_the_side(tree: Tree) -> None:
    user = tree.origin
    found = lines(tree, Line(f"{user}/lib", "", runs=False), Line(f"{user}/none", "", runs=False))
    assert found == [str(tree.top / "src"), str(tree.top / "lib")]


def test_other_editable_installations_keep_working(tree: Tree) -> None:
    theirs = [Line("/theirs/src", "theirs", runs=False), Line("import finder", "their", runs=True)]
    assert lines(tree, *theirs)[1:] == ["/theirs/src", "import finder"]


def test_a_project_without_a_name_owns_no_line(tree: Tree) -> None:
    layout = Layout("", ("src",), ("pkg",), "")
    theirs = [Line("/theirs/src", "", runs=False), Line("import finder", "", runs=True)]
    assert lines(tree, *theirs, layout=layout)[1:] == ["/theirs/src", "import finder"]


def test_an_environment_inside_the_users_tree_stays(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tree.origin / ".venv"))
    inside = Line(f"{tree.origin}/.venv/src/theirs", "theirs", runs=False)
    assert lines(tree, inside)[1:] == [inside.text]


@pytest.mark.parametrize("owner", ["pkg", "other", ""])
def test_finders_that_lead_to_the_users_tree_do_not_run(tree: Tree, owner: str) -> None:
    finder = tree.top.parent / "site" / "finder.py"
    finder.write_text(f"MAPPING = {{'x': '{tree.origin}/src/x'}}", encoding="utf-8")
    editables = (Editable("other", tree.origin / "other"),)
    found = lines(tree, Line("import finder; finder.go()", owner, runs=True), editables=editables)
    assert found == [str(tree.top / "src"), str(tree.top / "other" / "src")]


def test_a_projects_own_line_does_not_count_wherever_it_leads(tree: Tree) -> None:
    assert lines(tree, Line("/elsewhere/src", "pkg", runs=False)) == [str(tree.top / "src")]


def test_the_python_path_becomes_the_sides_own(tree: Tree) -> None:
    made = Environment(Path("/e"), Path("/e/bin/python"), Path("/e/site"), ())
    path = os.pathsep.join([f"{tree.origin}/lib", f"{tree.origin}/none", "", "/other"])
    found = variables(made, tree, environ={"PYTHONPATH": path, "PATH": "/bin"})
    assert found["PYTHONPATH"] == os.pathsep.join([str(tree.top / "lib"), "/other"])
    assert found["PATH"].split(os.pathsep)[::2] == ["/e/bin", "/bin"]
    assert found["VIRTUAL_ENV"] == "/e"


def make(tree: Tree, wanted: Wanted, cache: Path) -> Environment:
    here = Surroundings(Path(sys.executable), (cache.parent / "site",), (), ())
    return environment_of(
        tree, LAYOUT, here=here, wanted=wanted, use_sources=True, cache=Cache(cache), environ={},
        whose="base",
    )  # fmt: skip


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What an installer that puts every package into the folder was asked for."""
    asked: list[list[str]] = []

    def install(python: Path, arguments: list[str], **_: object) -> None:
        (site,) = python.parents[1].glob("lib/*/site-packages")
        asked.append([*arguments, str((site / "paceline.pth").exists())])
        for name in ("pkg", "paceline", "pytest", "extra", "plugin"):
            folder = site / f"{name}-1.0.dist-info"
            folder.mkdir(exist_ok=True)
            (folder / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n", encoding="utf-8")
            (folder / "RECORD").write_text(f"{folder.name}/METADATA,,\n", encoding="utf-8")
            if name == "plugin":
                (folder / "entry_points.txt").write_text("[pytest11]\nx = y\n", encoding="utf-8")

    monkeypatch.setattr(environment, "install", install)
    return asked


@pytest.mark.slow
def test_the_rest_is_installed_where_the_current_packages_are_seen(
    tree: Tree, tmp_path: Path, installed: list[list[str]]
) -> None:
    lock = tmp_path / "requirements.txt"
    make(
        tree, Wanted(first=("a.whl",), rest=("b",), listed="c==1\n", files=(lock,)), tmp_path / "x"
    )
    assert installed[0] == ["--no-deps", "a.whl", "False"]
    flag, file, seen = installed[1]
    assert (flag, Path(file).read_text(encoding="utf-8"), seen) == ("-r", "c==1\n", "True")
    assert installed[2:] == [["-r", str(lock), "True"], ["b", "True"]]


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_what_measures_is_never_a_sides_own(tree: Tree, tmp_path: Path) -> None:
    assert set(make(tree, Wanted(rest=("b",)), tmp_path / "cache").installed()) == {
        "extra", "plugin"
    }  # fmt: skip
    about = tmp_path / "site" / "plugin-2.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: plugin\nVersion: 2.0\n", encoding="utf-8")
    assert set(make(tree, Wanted(rest=("c",)), tmp_path / "cache").installed()) == {"extra"}


@pytest.mark.slow
def test_the_same_environment_is_made_once_and_another_one_anew(
    tree: Tree, tmp_path: Path, installed: list[list[str]]
) -> None:
    wanted = [Wanted(), Wanted(rest=("b",)), Wanted(rest=("c",)), Wanted(rest=("b",))]
    folders = [make(tree, one, tmp_path / "cache").folder for one in wanted]
    assert (len(set(folders)), len(installed)) == (3, 2)
