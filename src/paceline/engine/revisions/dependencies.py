"""Dependencies: whether two trees want the same packages, and where each says so."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from paceline.engine.revisions.layout import layout_of, read_ini, read_toml, same_name

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["declared", "differing", "requirement_files", "wanted_requirements"]

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "environment.yml",
          "conda-lock.yml", "pixi.lock")  # fmt: skip
_TABLES = ("project.dependencies", "tool.poetry.dependencies", "tool.hatch.envs")
_CHOICES = ("project.optional-dependencies", "dependency-groups")
_CALLED = frozenset({"install_requires", "extras_require", "tests_require"})
_RUNNING = frozenset({"base", "common", "core", "install", "main", "prod", "run", "runtime"})
_MEASURING = frozenset(
    {"test", "tests", "testing", "bench", "benchmark", "benchmarks", "perf", "performance"}
)


def declared(root: Path) -> dict[str, str]:
    """Give what a tree says about its dependencies: place → text that is equal when they are.

    Comments, order of lines and the project's own version don't count.
    """
    found = _in_pyproject(read_toml(root / "pyproject.toml"))
    ini = read_ini(root / "setup.cfg")
    if lines := ini.get("options", {}).get("install_requires"):
        found["setup.cfg [options] install_requires"] = _lines(lines)
    if extras := ini.get("options.extras_require"):
        found["setup.cfg [options.extras_require]"] = json.dumps(extras, sort_keys=True)
    if called := _called(root / "setup.py"):
        found["setup.py"] = called
    for file in requirement_files(root):
        found[file.relative_to(root).as_posix()] = _lines(_text(file))
    for name in _LOCKS:
        if (root / name).is_file():
            found[name] = _locked(root / name, layout_of(root).name)
    return found


def differing(base: Path, head: Path) -> tuple[str, ...]:
    """Name the places in which two trees declare different dependencies."""
    one, other = declared(base), declared(head)
    return tuple(place for place in sorted({*one, *other}) if one.get(place) != other.get(place))


def wanted_requirements(root: Path) -> tuple[str, ...] | None:
    """List a project's requirements, those of its test and benchmark extras included.

    None when only a build can tell.
    """
    project = read_toml(root / "pyproject.toml").get("project")
    if project is None or {"dependencies", "optional-dependencies"} & {*project.get("dynamic", ())}:
        return None
    table = read_toml(root / "pyproject.toml")
    found = list(project.get("dependencies", ()))
    for key in _CHOICES:
        found += _measuring(_dig(table, key) or {})
    own = layout_of(root).name  # "pkg[extra]" in pkg's own extras
    return tuple(entry for entry in found if same_name(re.split(r"[\[<>=!~;@ ]", entry)[0]) != own)


def requirement_files(root: Path) -> tuple[Path, ...]:
    """List the requirements files that ask for what the project, its tests or benchmarks need."""
    files = sorted([*root.glob("requirements*.txt"), *root.glob("requirements/*.txt")])
    return tuple(file for file in files if _matters(file) and _lines(_text(file)))


def _matters(file: Path) -> bool:
    words = set(re.split(r"[-_.]", file.stem)) - {"requirements"}
    return not words or bool(words & (_MEASURING | _RUNNING))


def _in_pyproject(table: dict[str, Any]) -> dict[str, str]:
    found = {}
    for key in _TABLES:
        if value := _dig(table, key):
            found[f"pyproject.toml [{key}]"] = json.dumps(value, sort_keys=True, default=str)
    for key in _CHOICES:
        if value := _measuring(_dig(table, key) or {}):
            found[f"pyproject.toml [{key}]"] = json.dumps(sorted(value))
    return found


def _measuring(choices: dict[str, Any]) -> list[str]:
    """List the requirements of those extras or groups that are for tests and benchmarks."""
    found: list[str] = []
    waiting = [name for name in choices if same_name(name) in _MEASURING]
    for name in waiting:
        for entry in choices.get(name, ()):
            if isinstance(entry, str):
                found.append(entry)
            elif isinstance(entry, dict) and (other := entry.get("include-group")) not in waiting:
                waiting.append(str(other))
    return found


def _dig(table: dict[str, Any], dotted: str) -> Any:
    value: Any = table
    for key in dotted.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _lines(text: str) -> str:
    """Give the lines that say something, in order of the alphabet."""
    bare = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return "\n".join(sorted(line for line in bare if line))


def _called(script: Path) -> str:
    """Give what a setup.py passes as requirements; all of it where it computes them."""
    if not script.is_file():
        return ""
    try:
        tree = ast.parse(_text(script))
    except (SyntaxError, ValueError):
        return _text(script)
    given = [
        keyword
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in _CALLED
    ]
    try:
        return "\n".join(f"{one.arg}={ast.literal_eval(one.value)!r}" for one in given)
    except ValueError:
        return ast.dump(tree)


def _locked(file: Path, own: str) -> str:
    """Give what a lock file pins, without the project's own version."""
    text = _text(file)
    if file.name != "uv.lock":
        return _lines(text)
    try:
        table = tomllib.loads(text)
    except ValueError:
        return text
    packages = [one for one in table.get("package", ()) if same_name(one.get("name", "")) != own]
    return json.dumps(packages, sort_keys=True, default=str)
