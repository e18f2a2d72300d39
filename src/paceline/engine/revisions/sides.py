"""Side: what a worker needs to run one of the two things that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Side"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its files, its interpreter, and what its workers may and may not load.

    ``name`` is "base" or "head", ``said`` is for people. Workers run ``python`` in ``root`` with
    ``environment`` laid over their own. ``commit`` is "" outside a repository, ``dirty`` says that
    uncommitted changes are included. ``project_modules`` are top-level import names; they belong
    to one of the folders ``sources``, never to one of the folders and files ``foreign``.
    """

    name: str
    said: str
    root: Path
    python: Path
    environment: Mapping[str, str]
    commit: str
    dirty: bool
    notes: tuple[str, ...]
    project_modules: tuple[str, ...]
    foreign: tuple[Path, ...]
    sources: tuple[Path, ...] = ()
