from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions import installing
from paceline.engine.revisions.cache import Cache
from paceline.engine.revisions.commands import CommandError
from paceline.engine.revisions.installing import (
    built_wheel,
    clean,
    install,
    requirements_from_lock,
)
from paceline.engine.revisions.trees import Tree
from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Sequence

PYTHON = Path("/side/bin/python")
CONFLICT = "Some build dependencies for x conflict with the backend dependencies"


class Runner:
    """Stands for all commands: notes them down, writes the wheel that a build is asked for."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.failures: list[str] = []

    def __call__(self, command: Sequence[str], **_: object) -> bytes:
        self.commands.append(list(command))
        if self.failures and (problem := self.failures.pop(0)):
            raise CommandError(problem)
        for flag in ("--wheel-dir", "--out-dir"):
            if flag in command:
                target = Path(command[list(command).index(flag) + 1])
                (target / "pkg-1-py3-none-any.whl").touch()
        return b"thing==1\n"


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> Runner:
    made = Runner()
    monkeypatch.setattr(installing, "run", made)
    return made


@pytest.fixture
def no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)


@pytest.fixture
def uv(tmp_path: Path) -> dict[str, str]:
    """An environment in which there is a uv."""
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    program.touch(mode=0o755)
    return {"PATH": str(program.parent)}


def tree(folder: Path, requires: str = '["setuptools"]') -> Tree:
    folder.mkdir()
    text = f"[build-system]\nrequires = {requires}\n"
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return Tree(folder, ".", folder, "key", "main")


def build(folder: Path, environ: dict[str, str], requires: str = '["pytest>=1"]') -> Path:
    return built_wheel(
        tree(folder / "project", requires), "it is compiled", cache=Cache(folder / "cache"),
        environ=environ, whose="the base side",
    )  # fmt: skip


def test_pip_installs_for_the_side(runner: Runner) -> None:
    install(PYTHON, ["a"], environ={}, whose="base")
    (command,) = runner.commands
    assert command[:6] == [sys.executable, "-m", "pip", "--python", str(PYTHON), "install"]
    assert command[-1] == "a"


@pytest.mark.usefixtures("no_pip")
def test_without_pip_uv_installs(runner: Runner, uv: dict[str, str]) -> None:
    install(PYTHON, ["a"], environ=uv, whose="base")
    (command,) = runner.commands
    assert command[1:3] == ["pip", "install"]
    assert command[-3:] == ["--python", str(PYTHON), "a"]


@pytest.mark.usefixtures("no_pip", "runner")
def test_without_any_installer_the_remedy_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="ensurepip"):
        install(PYTHON, ["a"], environ={"PATH": ""}, whose="base")
    with pytest.raises(MeasureError, match="ensurepip"):
        build(tmp_path, {"PATH": ""})


def test_a_failed_installation_says_whose_it_is(runner: Runner) -> None:
    runner.failures = ["no such package"]
    with pytest.raises(MeasureError, match="environment of head can't be built: no such package"):
        install(PYTHON, ["a"], environ={}, whose="head")


def test_variables_that_lead_elsewhere_are_not_passed_on() -> None:
    variables = {"PIP_TARGET": "x", "PYTHONPATH": "y", "PIP_INDEX_URL": "z"}
    assert clean(variables) == {"PIP_INDEX_URL": "z"}


def test_a_wheel_is_built_once_with_the_tools_that_are_here(runner: Runner, tmp_path: Path) -> None:
    wheel = build(tmp_path, {})
    (command,) = runner.commands
    assert "--no-build-isolation" in command
    assert [path.name for path in wheel.parent.iterdir() if path.name != "whole"] == [wheel.name]


@pytest.mark.parametrize("requires", ['["no-such-tool"]', '["pytest", "no-such-tool[x]>1"]'])
def test_tools_that_are_not_here_are_fetched_for_the_build(
    runner: Runner, tmp_path: Path, requires: str
) -> None:
    build(tmp_path, {}, requires)
    (command,) = runner.commands
    assert "--no-build-isolation" not in command


def test_tools_of_a_wrong_version_are_fetched_for_the_build(runner: Runner, tmp_path: Path) -> None:
    runner.failures = [CONFLICT]
    build(tmp_path, {})
    assert ["--no-build-isolation" in command for command in runner.commands] == [True, False]


@pytest.mark.usefixtures("no_pip")
def test_without_pip_uv_builds(runner: Runner, uv: dict[str, str], tmp_path: Path) -> None:
    assert build(tmp_path, uv).suffix == ".whl"
    assert runner.commands[0][1:4] == ["build", "--quiet", "--wheel"]


def test_a_failed_build_says_whose_it_is_and_why_it_was_needed(
    runner: Runner, tmp_path: Path
) -> None:
    runner.failures = ["no compiler", "no index"]
    problem = r"the base side can't be built \(it is compiled\): no compiler"
    with pytest.raises(MeasureError, match=problem):
        build(tmp_path, {})


def test_a_lock_is_read_by_uv_where_both_are(
    runner: Runner, uv: dict[str, str], tmp_path: Path
) -> None:
    assert requirements_from_lock(tmp_path, environ=uv) == ""
    (tmp_path / "uv.lock").touch()
    assert requirements_from_lock(tmp_path, environ=uv) == "thing==1\n"
    assert requirements_from_lock(tmp_path, environ={"PATH": ""}) == ""
    runner.failures = ["a lock of another version"]
    assert requirements_from_lock(tmp_path, environ=uv) == ""
