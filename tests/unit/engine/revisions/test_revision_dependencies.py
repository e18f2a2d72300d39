from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.dependencies import differing, wanted_requirements

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROJECT = """
[project]
name = "pkg"
dependencies = ["one>=1"]
[project.optional-dependencies]
tests = ["two", "pkg[docs]"]
docs = ["three"]
[dependency-groups]
bench = ["four", {include-group = "other"}]
other = ["five", {include-group = "bench"}]
dev = ["black"]
"""


@pytest.fixture
def differ(tmp_path: Path) -> Callable[[str, str, str], tuple[str, ...]]:
    def compare(name: str, base: str, head: str) -> tuple[str, ...]:
        for side, text in (("base", base), ("head", head)):
            file = tmp_path / side / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return differing(tmp_path / "base", tmp_path / "head")

    return compare


@pytest.mark.parametrize(
    ("name", "base", "head"),
    [
        ("pyproject.toml", '[project]\nversion = "1"', '[project]\nversion = "2"'),
        ("requirements.txt", "a==1  # why\nb==2\n\n", "b==2\na==1\n"),
        ("uv.lock", '[[package]]\nname = "x"\nversion = "1"\n',
         'version = 1\n[[package]]\nname = "x"\nversion = "1"\n'),
        ("setup.py", "setup(version='1', install_requires=['a'])",
         "setup(version='2', install_requires=['a'])"),
        ("notes.txt", "a", "b"),
        ("pyproject.toml", PROJECT, PROJECT.replace("three", "3").replace("black", "ruff")),
        ("requirements-docs.txt", "a", "b"),
        ("requirements/lint.txt", "a", "b"),
    ],
)  # fmt: skip
def test_what_asks_for_no_other_packages_is_equal(
    differ: Callable[[str, str, str], tuple[str, ...]], name: str, base: str, head: str
) -> None:
    assert differ(name, base, head) == ()


@pytest.mark.parametrize(
    ("name", "base", "head", "place"),
    [
        ("pyproject.toml", PROJECT, PROJECT.replace("one>=1", "one>=2"),
         "pyproject.toml [project.dependencies]"),
        ("pyproject.toml", PROJECT, PROJECT.replace("two", "2"),
         "pyproject.toml [project.optional-dependencies]"),
        ("pyproject.toml", PROJECT, PROJECT.replace("five", "5"),
         "pyproject.toml [dependency-groups]"),
        ("requirements.txt", "a==1", "a==2", "requirements.txt"),
        ("requirements/test.txt", "a==1", "a==2", "requirements/test.txt"),
        ("poetry.lock", "a", "b", "poetry.lock"),
        ("uv.lock", '[[package]]\nname = "x"\nversion = "1"\n',
         '[[package]]\nname = "x"\nversion = "2"\n', "uv.lock"),
        ("uv.lock", "[", "]", "uv.lock"),
        ("setup.cfg", "[options]\ninstall_requires = a", "[options]\ninstall_requires = b",
         "setup.cfg [options] install_requires"),
        ("setup.cfg", "[options.extras_require]\nx = a", "[options.extras_require]\nx = b",
         "setup.cfg [options.extras_require]"),
        ("setup.py", "setup(install_requires=['a'])", "setup(install_requires=['b'])", "setup.py"),
        ("setup.py", "setup(install_requires=read('a'))", "setup(install_requires=read('b'))",
         "setup.py"),
        ("setup.py", "print 'a'", "print 'b'", "setup.py"),
    ],
)  # fmt: skip
def test_a_difference_is_named_by_its_place(
    differ: Callable[[str, str, str], tuple[str, ...]],
    name: str,
    base: str,
    head: str,
    place: str,
) -> None:
    assert differ(name, base, head) == (place,)


def test_the_projects_own_version_in_a_lock_does_not_count(
    differ: Callable[[str, str, str], tuple[str, ...]],
) -> None:
    lock = '[[package]]\nname = "pkg"\nversion = "{}"\n[[package]]\nname = "a"\nversion = "1"\n'
    differ("pyproject.toml", PROJECT, PROJECT)
    assert differ("uv.lock", lock.format(1), lock.format(2)) == ()


def test_requirements_are_those_of_the_project_its_tests_and_benchmarks(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    assert wanted_requirements(tmp_path) == ("one>=1", "two", "four", "five")


@pytest.mark.parametrize("text", ["", '[project]\nname = "x"\ndynamic = ["dependencies"]'])
def test_requirements_that_only_a_build_knows_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert wanted_requirements(tmp_path) is None
