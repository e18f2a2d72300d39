"""Files: copy a commit, a working tree or a plain folder into the cache, and know it again."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

from paceline.engine.revisions.commands import git
from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from paceline.engine.revisions.repository import Changes, Repository

__all__ = [
    "clone",
    "content_of",
    "copy_file",
    "copy_files",
    "files_below",
    "lay_over",
    "stands_below",
]

_LEFT_OUT = frozenset(
    {".git", ".hg", ".svn", "__pycache__", "node_modules", ".tox", ".nox", ".venv", "venv"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".paceline", ".benchmarks"}
)
_BLOCK = 1 << 20  # bytes read at once


def clone(repository: Repository, commit: str, target: Path) -> None:
    """Copy the files of a commit; objects are shared with the user's repository, hooks are not.

    Raises:
        CommandError: git could not.
    """
    environ = repository.environ
    words = ("--quiet", "--shared", "--no-checkout", "--template=")
    source = str(repository.store)
    git(target.parent, "clone", *words, "--", source, str(target), environ=environ)
    _borrow(repository.store, target / ".git")
    git(target, "checkout", "--quiet", "--force", "--detach", commit, environ=environ)


def _borrow(store: Path, own: Path) -> None:
    """Share the objects of a repository that git copies because its history is cut short."""
    alternates = own / "objects" / "info" / "alternates"
    if not alternates.exists():
        alternates.parent.mkdir(parents=True, exist_ok=True)
        alternates.write_bytes(os.fsencode(store / "objects") + b"\n")
        if (store / "shallow").exists():
            shutil.copyfile(store / "shallow", own / "shallow")


def lay_over(top: Path, changes: Changes, target: Path) -> None:
    """Carry what is not committed in a working tree over to a copy of its commit."""
    for path in changes.absent:
        _take_away(target, path)
    copy_files(top, changes.present, target)


def copy_files(source: Path, paths: Iterable[str], target: Path) -> None:
    """Copy files with their modes, and links as links, to the same paths elsewhere."""
    for path in paths:
        copy_file(source / path, target, path)


def copy_file(source: Path, top: Path, path: str) -> None:
    """Copy one file or link to a path below ``top``, over whatever stands in its place or its way.

    Sockets and pipes are left.
    """
    target = top / path
    for above in reversed(target.relative_to(top).parents):
        if (top / above).is_symlink() or (top / above).is_file():
            (top / above).unlink()  # through a link we would write to where it points
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        kind = source.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return  # gone since it was listed: whoever compares contents finds out
    if stat.S_ISLNK(kind):
        target.symlink_to(source.readlink())
    elif stat.S_ISREG(kind):
        shutil.copy2(source, target)


def stands_below(top: Path, path: str) -> bool:
    """Tell whether a path is really below ``top``, with no link on the way that leaves it."""
    return (top / path).parent.resolve().is_relative_to(top.resolve())


def content_of(top: Path, paths: Iterable[str]) -> str:
    """Give a hexadecimal digest of files: their paths, their kind and what is in them."""
    whole = hashlib.sha256()
    for path in paths:
        file = top / path
        whole.update(os.fsencode(path) + b"\0" + _fingerprint(file))
    return whole.hexdigest()


def files_below(folder: Path) -> Iterator[str]:
    """List a folder's files and links, sorted, without environments, caches and repositories."""
    for name in sorted(os.listdir(folder)):  # noqa: PTH208  (names only, and in order)
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            if name not in _LEFT_OUT and not (path / "pyvenv.cfg").exists():
                yield from (f"{name}/{inner}" for inner in files_below(path))
        elif not name.endswith((".pyc", ".pyo")):
            yield name


def _take_away(target: Path, path: str) -> None:
    """Remove a file, and the folders that it leaves empty: one would be a namespace package."""
    file = target / path
    if not stands_below(target, path):
        return
    if file.is_symlink() or file.is_file():
        file.unlink()
    folder = file.parent
    while folder != target and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _fingerprint(file: Path) -> bytes:
    """Give kind and content of a file; one that is gone has neither.

    Raises:
        MeasureError: it can't be read.
    """
    try:
        mode = file.lstat().st_mode
        if stat.S_ISLNK(mode):
            return b"l" + os.fsencode(file.readlink()) + b"\0"
        if not stat.S_ISREG(mode):
            return b"o"
        content = hashlib.sha256()
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                content.update(block)
    except (FileNotFoundError, NotADirectoryError):
        return b"-"
    except OSError as error:
        raise MeasureError(
            f"{str(file)!r} can't be copied: {error.strerror}",
            remedy="make it readable, or let git ignore it",
        ) from None
    return (b"x" if mode & stat.S_IXUSR else b"f") + content.digest()
