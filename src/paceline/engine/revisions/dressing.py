"""Dressing: a copy of a tree with what its worker needs besides: benchmarks, built files."""

from __future__ import annotations

import dataclasses
import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.engine.revisions.cache import digest_of
from paceline.engine.revisions.files import content_of, copy_file, copy_files, stands_below

if TYPE_CHECKING:
    from paceline.engine.revisions.benchmarks import Overlay
    from paceline.engine.revisions.cache import Cache
    from paceline.engine.revisions.layout import Layout
    from paceline.engine.revisions.trees import Tree

__all__ = ["Additions", "dressed", "laid_over", "original_of"]

_LAID = "laid"  # lists, in an entry, what is not the tree's own
_REPLACED = "replaced"  # holds, in an entry, the tree's own files that gave way


@dataclass(frozen=True, slots=True)
class Additions:
    """What comes to a tree; all paths are relative to the project's folder.

    ``taken`` are files of another project folder ``source``, ``removed`` files and folders that
    go, ``given`` are single files (path → where it is), ``wheel`` is the built project, whose
    built files go beside its ``layout``'s sources.
    """

    source: Path | None = None
    taken: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    given: tuple[tuple[str, Path], ...] = ()
    wheel: Path | None = None
    layout: Layout | None = None

    def __bool__(self) -> bool:
        return bool(self.taken or self.removed or self.given or self.wheel)


def laid_over(tree: Tree, other: Tree, overlay: Overlay) -> Additions:
    """Keep of an overlay what differs: files of ``other`` that ``tree`` has otherwise or not."""
    differing = tuple(
        path
        for path in overlay.present
        if content_of(tree.root, (path,)) != content_of(other.root, (path,))
    )
    return Additions(source=other.root, taken=differing, removed=overlay.absent)


def dressed(tree: Tree, additions: Additions, cache: Cache) -> Tree:
    """Give a copy of a tree with additions; the tree itself stays as it is."""
    if not additions:
        return tree
    key = digest_of(
        tree.key,
        content_of(additions.source, additions.taken) if additions.source else "",
        *additions.removed,
        *(f"{path}={content_of(file.parent, (file.name,))}" for path, file in additions.given),
        additions.wheel.parent.name if additions.wheel else "",
        tree.inside,
    )

    def make(folder: Path) -> None:
        top = folder / "tree"
        shutil.copytree(tree.top, top, symlinks=True)
        root = top / tree.inside
        laid = [*additions.taken, *(path for path, _ in additions.given)]
        _keep_originals(root, laid, folder / _REPLACED / tree.inside)
        for path in additions.removed:
            if stands_below(root, path):
                _remove(root / path)
        if additions.source:
            copy_files(additions.source, additions.taken, root)
        for path, file in additions.given:
            copy_file(file, root, path)
        if additions.wheel and additions.layout:
            _complete(root, additions.wheel, additions.layout)
        said = b"\0".join(os.fsencode(Path(tree.inside) / path) for path in laid)
        (folder / _LAID).write_bytes(said)

    # "sides" is as long as "trees": paths of both sides have one length, and so have their workers'
    # environments, which moves the stack.
    return dataclasses.replace(tree, top=cache.entry("sides", key, make) / "tree", key=key)


def original_of(root: Path, file: str) -> Path | None:
    """Find a tree's own version of a file, None when the file only came with the additions."""
    path = root / file
    for top in (root, *root.parents):
        laid = top.parent / _LAID
        if top.name == "tree" and laid.is_file():
            relative = path.relative_to(top)
            if (own := top.parent / _REPLACED / relative).is_file():
                return own
            if os.fsencode(relative) in laid.read_bytes().split(b"\0"):
                return None
    return path if path.is_file() else None


def _keep_originals(root: Path, laid: list[str], replaced: Path) -> None:
    for path in laid:
        if (root / path).is_file():
            copy_file(root / path, replaced, path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _complete(root: Path, wheel: Path, layout: Layout) -> None:
    """Put what a build made beside the sources: tests may find them before what is installed."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            top, _, inner = member.filename.partition("/")
            if member.is_dir() or top.endswith((".dist-info", ".data")):
                continue
            for source in layout.sources:
                target = root / source / member.filename
                beside = not inner or top.startswith(".") or (root / source / top).is_dir()
                if beside and stands_below(root / source, member.filename):
                    if not target.exists():
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(archive.read(member))
                    break
