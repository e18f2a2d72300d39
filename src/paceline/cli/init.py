"""``paceline init``: a settings table, a first benchmark and its budget; nothing is overwritten."""

from __future__ import annotations

import enum
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.cli.arguments import add_general, add_json
from paceline.engine.options import CLASSES
from paceline.errors import Place, SettingsError, UsageError
from paceline.options import declarations
from paceline.settings.optin import find_project

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from paceline.cli.console import Console

__all__ = ["declare", "run", "settings_table"]

EXAMPLES = """\
  paceline init              set up the project around this folder
  paceline init --dry-run    say what that would write
"""
_SHOWN = (
    "guard.baseline",
    "guard.threshold",
    "guard.fail_on",
    "guard.strict",
    "benchmark.max_time",
    "benchmark.min_rounds",
    "run.serial",
    "store.keep_runs",
)
_BUDGET = """\
[tool.paceline.budgets.example]
description = "encoding a page of orders stays unnoticed"
group = "example"
max_mean = "10 ms"
"""
_EXAMPLE = '''\
"""A first benchmark: put code of yours in the place of json.dumps."""

import json

import pytest

ORDERS = [{"id": number, "total": number / 7} for number in range(100)]


@pytest.mark.benchmark(group="example")
def test_encoding_orders(benchmark):
    text = benchmark(json.dumps, ORDERS)
    assert json.loads(text) == ORDERS
'''
_LINE = re.compile(r"at line (\d+)")
_PYPROJECT = "pyproject.toml"
_TEST = "performance/test_performance.py"
_NEXT = "paceline run performance"


@dataclass(frozen=True, slots=True)
class _Step:
    """One file and what is to be added to it, b"" where it stays as it is."""

    file: Path
    added: bytes
    because: str


def declare(parser: argparse.ArgumentParser) -> None:
    """Add ``--dry-run``."""
    parser.add_argument("--dry-run", action="store_true", help="write nothing, say what would be")
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Plan, write and say what was done."""
    start = Path(arguments.project)
    if not start.is_dir():
        raise UsageError(f"the project {arguments.project!r} is no folder", remedy="name a folder")
    root = find_project(start.resolve())
    steps = (_settings(root / _PYPROJECT), _first_test(root / _TEST))
    if not arguments.dry_run:
        for step in steps:
            _write(step)
    if arguments.json:
        console.say(_as_json(steps, root, dry=arguments.dry_run))
    else:
        console.say("\n".join(_said(steps, root, dry=arguments.dry_run)))
    return 0


def settings_table() -> str:
    """Write the table: a default a line, commented out, with what it sets."""
    known = {one.key: one for options in CLASSES for one in declarations(options)}
    lines = [f"# {key} = {_toml(known[key].default)}  # {known[key].help}" for key in _SHOWN]
    return "\n".join(
        [
            "# Paceline is on for this project. Shown are defaults; pytest --help has all flags.",
            "[tool.paceline]",
            *lines,
            "",
            _BUDGET,
        ]
    )


def _settings(pyproject: Path) -> _Step:
    """Plan the table; the file's own bytes stay as they are, before it.

    Raises:
        SettingsError: the file is no TOML, or no table can follow what it holds.
    """
    before = pyproject.read_bytes() if pyproject.is_file() else b""
    tool = _parsed(before, pyproject).get("tool", {})
    if isinstance(tool, dict) and "paceline" in tool:
        return _Step(pyproject, b"", "it has a [tool.paceline] table")
    end = "\r\n" if b"\r\n" in before else "\n"
    gap = "" if not before else end if before.endswith(b"\n") else 2 * end
    added = (gap + settings_table().replace("\n", end)).encode()
    try:
        tomllib.loads((before + added).decode())
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"no [tool.paceline] table can be added: {error}",
            place=Place(str(pyproject)),
            remedy="write [tool] as tables of its own, not inline",
        ) from error
    return _Step(pyproject, added, "settings and a budget")


def _parsed(content: bytes, pyproject: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found = _LINE.search(str(error))
        place = Place(str(pyproject), int(found[1]) if found else 0)
        raise SettingsError(f"not TOML: {error}", place=place, remedy="mend the file") from error


def _first_test(file: Path) -> _Step:
    if file.exists():
        return _Step(file, b"", "it exists")
    return _Step(file, _EXAMPLE.encode(), "a first benchmark")


def _write(step: _Step) -> None:
    if not step.added:
        return
    try:
        step.file.parent.mkdir(parents=True, exist_ok=True)
        with step.file.open("ab") as file:
            file.write(step.added)
    except OSError as error:
        raise UsageError(f"{step.file} can't be written: {error.strerror}") from error


def _said(steps: tuple[_Step, ...], root: Path, *, dry: bool) -> Iterator[str]:
    for step in steps:
        name = step.file.relative_to(root).as_posix()
        if not step.added:
            yield f"kept     {name}: {step.because}"
            continue
        yield f"{'would add' if dry else 'added'}    {name}: {step.because}"
        if dry:
            yield from (f"    {line}".rstrip() for line in step.added.decode().splitlines())
    yield f"next     {'paceline init' if dry else _NEXT}"


def _as_json(steps: tuple[_Step, ...], root: Path, *, dry: bool) -> str:
    files = [
        {
            "file": step.file.relative_to(root).as_posix(),
            "added": step.added.decode(),
            "because": step.because,
        }
        for step in steps
    ]
    return json.dumps({"dry_run": dry, "files": files, "next": _NEXT}, indent=1)


def _toml(value: object) -> str:
    """Write a default as TOML: its strings, numbers and arrays are JSON's."""
    if isinstance(value, enum.Enum):
        return json.dumps(value.value)
    return json.dumps(value)
