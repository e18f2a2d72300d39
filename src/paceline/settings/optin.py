"""Opting in: where is the project, and does its pyproject.toml hold a ``[tool.paceline]`` table?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["find_project", "has_table"]


def has_table(pyproject: Path) -> bool:
    """Look for our table; a file that does not name us is not parsed: this runs at every start.

    What is no TOML counts as opting in, so that its reader can say where it is wrong.
    """
    try:
        content = pyproject.read_bytes()
    except OSError:
        return False
    if b"paceline" not in content:
        return False
    import tomllib  # noqa: PLC0415  (only for files that name us)

    try:
        tool = tomllib.loads(content.decode("utf-8-sig")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return True
    return isinstance(tool, dict) and "paceline" in tool


def find_project(start: Path) -> Path:
    """Find the folder Paceline's files belong to: the nearest with a pyproject.toml or .git."""
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    return start
