"""Benchmarks: find the files that measure, so that the head's can run on the base as well."""

from __future__ import annotations

import fnmatch
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.engine.revisions.files import files_below
from paceline.engine.revisions.layout import read_ini, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from paceline.engine.revisions.layout import Layout

__all__ = ["Overlay", "overlay_of"]

# In pytest's own order: the first that holds its settings wins.
_SETTINGS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml",
             "tox.ini", "setup.cfg")  # fmt: skip
_PATTERNS = ("test_*.py", "*_test.py")
_CONFTEST = "conftest.py"


@dataclass(frozen=True, slots=True)
class Overlay:
    """Files of the head that also go to the base, and files of the base that must not stay.

    All are relative to the project's folder: an old conftest.py or a pytest setting that the head
    has no more would still act.
    """

    present: tuple[str, ...]
    absent: tuple[str, ...]


def overlay_of(head: Path, base: Path, layout: Layout, benchmarks: Sequence[str]) -> Overlay:
    """Find what of the head the base needs to run the head's benchmarks.

    ``benchmarks`` are pytest's arguments; when there are none, the head's own ``testpaths`` count,
    else every file that pytest would collect. Where a folder holds none of the project's modules
    all that is in it goes along: modules and data that the benchmarks use.
    """
    chosen, settings = _settings(head)
    named = [argument.partition("::")[0] for argument in benchmarks] or settings.paths
    every = list(files_below(head))
    places = [place for name in named or ["."] if (place := _within(head, name))]
    wanted: set[str] = set()
    for place in places:
        wanted.update(_belonging(place, every, layout, settings.patterns))
    folders = {folder for path in wanted for folder in _folders_above(path)}
    wanted.update(
        path
        for path in every
        if posixpath.basename(path) == _CONFTEST and posixpath.dirname(path) in folders
    )
    wanted.update(name for name in _SETTINGS[: _SETTINGS.index(chosen) + 1] if name == chosen)
    stale = [
        posixpath.join(folder, _CONFTEST)
        for folder in folders
        if (base / folder / _CONFTEST).exists() and not (head / folder / _CONFTEST).exists()
    ]
    stale += [
        name
        for name in _SETTINGS[: _SETTINGS.index(chosen)]
        if name != "pyproject.toml" and (base / name).exists() and not (head / name).exists()
    ]
    there = (path for path in wanted if (head / path).exists())
    return Overlay(tuple(sorted(there)), tuple(sorted(stale)))


@dataclass(frozen=True, slots=True)
class _Settings:
    paths: list[str]
    patterns: list[str]


def _settings(root: Path) -> tuple[str, _Settings]:
    """Read which file holds pytest's settings, and those that say what is collected."""
    for name in _SETTINGS:
        found = _table(root / name)
        if found is not None:
            patterns = _words(found.get("python_files")) or list(_PATTERNS)
            return name, _Settings(_words(found.get("testpaths")), patterns)
    return "pyproject.toml", _Settings([], list(_PATTERNS))


def _table(file: Path) -> dict[str, Any] | None:
    """Read pytest's settings from a file, None when it holds none."""
    if not file.is_file():
        return None
    if file.name == "pyproject.toml":
        tool = read_toml(file).get("tool", {}).get("pytest", {})
        return (tool.get("ini_options") or tool) if tool else None
    if file.suffix == ".toml":
        return dict(read_toml(file).get("pytest", {}))
    sections = read_ini(file)
    section = "tool:pytest" if file.name == "setup.cfg" else "pytest"
    if section not in sections and not file.name.endswith("pytest.ini"):
        return None
    return dict(sections.get(section, {}))


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split()
    return [str(word) for word in value] if isinstance(value, list) else []


def _within(root: Path, name: str) -> str:
    """Give a benchmark path relative to the project, "" when it stands elsewhere or nowhere."""
    path = posixpath.normpath(name)
    if posixpath.isabs(path):
        path = posixpath.relpath(path, root)
    return "" if path.startswith("..") or not (root / path).exists() else path


def _belonging(
    place: str, every: Iterable[str], layout: Layout, patterns: Sequence[str]
) -> list[str]:
    """List the files that belong to one benchmark path."""
    is_file = place in every
    folder = posixpath.dirname(place) or "." if is_file else place
    below = (
        list(every) if folder == "." else [path for path in every if path.startswith(f"{folder}/")]
    )
    if folder != "." and not _holds_modules(folder, below, layout):
        return below
    if is_file:
        return [place]
    return [
        path
        for path in below
        if any(fnmatch.fnmatch(posixpath.basename(path), pattern) for pattern in patterns)
    ]


def _holds_modules(folder: str, below: Iterable[str], layout: Layout) -> bool:
    """Tell whether a folder is, holds, or stands inside one of the project's packages."""
    for source in layout.sources:
        for module in layout.modules:
            package = posixpath.normpath(posixpath.join(source, module))
            if f"{folder}/".startswith(f"{package}/"):
                return True
            if any(path == f"{package}.py" or path.startswith(f"{package}/") for path in below):
                return True
    return False


def _folders_above(path: str) -> set[str]:
    folders = {""}
    while path := posixpath.dirname(path):
        folders.add(path)
    return folders
