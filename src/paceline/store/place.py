"""Where the store's file stands and what that place can do."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FOLDER", "NAME", "Access", "access", "free_bytes", "is_local", "make_folder"]

FOLDER = ".paceline"
NAME = "paceline.sqlite"

# A write-ahead log needs memory shared between processes, which only local file systems give;
# an unknown one gets the rollback journal, which works everywhere.
_LOCAL = frozenset(
    {"apfs", "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "hfs", "jfs", "overlay", "ramfs"}
    | {"reiserfs", "tmpfs", "ufs", "xfs", "zfs"}
)
_MOUNTS = Path("/proc/mounts")


@dataclass(frozen=True, slots=True)
class Access:
    """Whether the file holds anything and can be written; ``query`` is for SQLite's URI."""

    there: bool
    writable: bool
    query: str


def access(path: Path) -> Access:
    """Look at a store's file and folder.

    In a folder that can't be written nobody can write the file either, so SQLite may skip locks
    (``immutable=1``), unless a journal that waits to be replayed says that someone did.
    """
    there = path.is_file() and path.stat().st_size > 0  # SQLite, too, reads an empty file as none
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    folder_writable = os.access(folder, os.W_OK)
    if folder_writable and (not there or os.access(path, os.W_OK)):
        return Access(there, writable=True, query="mode=rwc")
    waiting = any(_size(path.with_name(path.name + suffix)) for suffix in ("-wal", "-journal"))
    sealed = not folder_writable and not waiting
    return Access(there, writable=False, query="mode=ro&immutable=1" if sealed else "mode=ro")


def make_folder(path: Path) -> None:
    """Make the store's folder; the project's own one keeps itself out of git."""
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if folder.name == FOLDER and not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def free_bytes(folder: Path) -> int:
    """Give the bytes that are free on a folder's disk."""
    return shutil.disk_usage(folder).free


def is_local(folder: Path, *, mounts: str | None = None) -> bool:
    """Tell whether a folder stands on a local file system; ``mounts`` is a /proc/mounts text."""
    if mounts is None:
        mounts = _MOUNTS.read_text("utf-8", "surrogateescape") if _MOUNTS.exists() else ""
    whole = os.path.realpath(folder)
    best, kind = "", ""
    for line in mounts.splitlines():
        _device, point, found, *_rest = line.split(" ")
        point = point.replace("\\040", " ")
        inside = whole == point or whole.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):  # a later mount at the same point hides the earlier
            best, kind = point, found
    return kind in _LOCAL


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
