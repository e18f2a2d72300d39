"""Opting in: does a project's pyproject.toml hold a ``[tool.paceline]`` table?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["has_table"]

_HEADER = b"[tool.paceline"


def has_table(pyproject: Path) -> bool:
    """Look for the table's header without parsing the file: this runs at every pytest start."""
    try:
        return _HEADER in pyproject.read_bytes()
    except OSError:
        return False
