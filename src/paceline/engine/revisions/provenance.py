"""Provenance: a result counts only if each side ran its own code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paceline.engine.revisions.sides import Side

__all__ = ["provenance"]

_ENDINGS = (".py", ".so", ".pyd", "")


def provenance(side: Side, loaded: Mapping[str, str]) -> str:
    """Say why a side can't be trusted, "" when all its modules came from where they should.

    ``loaded`` maps the names of the project's modules to the files they were loaded from. Links
    are followed, so a link into another tree counts as that tree.
    """
    own = _real((side.root, side.python.parent.parent, *side.sources))
    foreign = _real(side.foreign)
    for name, file in sorted(loaded.items()):
        if name.partition(".")[0] not in side.project_modules:
            continue
        there = Path(os.path.realpath(file))
        if _inside(there, own):
            continue
        if _inside(there, foreign) and not _is_neighbour(side, name, there):
            return f"{name} was loaded from {file}, which is not the {side.name} side's"
        if _has(side, name):
            return f"{name} was loaded from {file}, but the {side.name} side has its own"
    return ""


def _real(paths: Iterable[Path]) -> list[Path]:
    return [Path(os.path.realpath(path)) for path in paths]


def _inside(file: Path, folders: Iterable[Path]) -> bool:
    return any(file.is_relative_to(folder) for folder in folders)


def _is_neighbour(side: Side, name: str, file: Path) -> bool:
    """Tell whether an installed module only shares a namespace package with the project."""
    installed = file.is_relative_to(os.path.realpath(sys.prefix))
    top = name.partition(".")[0]
    marked = any((source / top / "__init__.py").exists() for source in side.sources)
    return installed and not marked and not _has(side, name)


def _has(side: Side, name: str) -> bool:
    """Tell whether the side holds a file or package of this name."""
    relative = name.replace(".", "/")
    for source in (side.root, *side.sources):
        path = source / relative
        if any(path.with_name(path.name + ending).exists() for ending in _ENDINGS):
            return True
        if path.parent.is_dir() and any(path.parent.glob(f"{path.name}.*.so")):
            return True
    return False
