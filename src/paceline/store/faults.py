"""Say what is wrong with a store's file, and keep a damaged one aside."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from paceline.errors import Place, StoreError
from paceline.store.schema import APPLICATION, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "DamagedError",
    "UnreachableError",
    "another_program",
    "free_name",
    "newer",
    "no_room",
    "read_only",
    "set_aside",
    "translated",
]

_MAGIC = b"SQLite format 3\0"
_APPLICATION_AT = slice(68, 72)  # https://www.sqlite.org/fileformat.html#the_database_header
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_SIDECARS = ("-wal", "-shm", "-journal", "")  # the file itself last: see set_aside

_FULL = "the disk is full: this step was not kept, earlier ones are"
_FREE = "free some space on the disk"
_ELSEWHERE = "move it away, or name another file by store.path"
_PROBLEMS = {
    sqlite3.SQLITE_FULL: (_FULL, _FREE),
    sqlite3.SQLITE_BUSY: ("another process kept the store busy", "try again when it has ended"),
    sqlite3.SQLITE_READONLY: ("the store is read-only", "make the folder and the file writable"),
    sqlite3.SQLITE_CANTOPEN: ("the store can't be opened", "check the folder's permissions"),
    sqlite3.SQLITE_IOERR: ("the disk failed", "check the disk and how it is mounted"),
}
# the memory beside the write-ahead log is a file, too: when it can't grow, the disk is full
_FULL_CODES = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_OS_PROBLEMS = {
    errno.ENOSPC: (_FULL, _FREE),
    errno.EDQUOT: (_FULL, _FREE),
    errno.EEXIST: ("a file stands where the store's folder should be", _ELSEWHERE),
    errno.ENOTDIR: ("a file stands where the store's folder should be", _ELSEWHERE),
}


class DamagedError(StoreError):
    """A file of ours that SQLite finds malformed."""


class UnreachableError(StoreError):
    """A server that can't be reached, for now: what was to be kept can be sent again."""


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system raise into a StoreError with problem, place and remedy."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except ValueError as error:  # a text in the file that is not what was written there
        raise _damaged(path, error) from error
    except OverflowError as error:
        raise StoreError(f"a number does not fit: {error}", place=Place(str(path))) from error
    except OSError as error:
        problem, remedy = _OS_PROBLEMS.get(
            error.errno or 0, (f"the store can't be used: {error.strerror}", "")
        )
        raise StoreError(problem, place=Place(str(path)), remedy=remedy) from error


def another_program(path: Path) -> StoreError:
    """Refuse a file that Paceline did not write."""
    return StoreError("this is no Paceline store", place=Place(str(path)), remedy=_ELSEWHERE)


def newer(path: Path | str, version: int) -> StoreError:
    """Refuse a store that a later Paceline wrote."""
    return StoreError(
        f"the store has schema version {version}, this Paceline knows {VERSION}: left untouched",
        place=Place(str(path)),
        remedy="upgrade Paceline, or name another file by store.path",
    )


def no_room(path: Path, folder: Path, *, needed: int, free: int) -> StoreError:
    """Refuse to rewrite a store where the disk can't hold what that takes for a while."""
    mebibyte = 1024**2
    return StoreError(
        f"the file can't shrink: that takes {needed // mebibyte + 1} MiB of free disk in {folder},"
        f" and {free // mebibyte} are; freed space is used again by later runs",
        place=Place(str(path)),
        remedy=_FREE,
    )


def read_only(path: Path) -> StoreError:
    """Refuse to write where the folder or the file can't be written."""
    problem, remedy = _PROBLEMS[sqlite3.SQLITE_READONLY]
    return StoreError(f"{problem}: nothing is kept", place=Place(str(path)), remedy=remedy)


def _explained(path: Path, error: sqlite3.Error) -> StoreError:
    extended = getattr(error, "sqlite_errorcode", 0)
    code = sqlite3.SQLITE_FULL if extended in _FULL_CODES else extended & 0xFF
    place = Place(str(path))
    if code in _DAMAGE:
        return _damaged(path, error)
    problem, remedy = _PROBLEMS.get(code, (f"the store can't be used: {error}", ""))
    return StoreError(problem, place=place, remedy=remedy)


def _damaged(path: Path, error: Exception) -> DamagedError:
    return DamagedError(
        f"the store is damaged: {error}",
        place=Place(str(path)),
        remedy="put a copy back, or move the file away to start afresh",
    )


def set_aside(path: Path) -> str:
    """Rename a damaged store and its journals to ``<name>.corrupt-<n>``; say so, "" if it is sound.

    The file is checked again under a lock: another process may have set it aside just before.
    It goes last, so that no fresh store ever meets an old journal. Call this without an open
    connection: closing any descriptor of a file drops this process's locks on it.

    Raises:
        StoreError: the file is not ours to move.
    """
    if path.exists() and not _ours(path):
        raise another_program(path)
    import fcntl  # noqa: PLC0415  (only this fault needs it)

    with path.with_name(f"{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists() or _sound(path):
            return ""
        aside = free_name(path, "corrupt-")
        for suffix in _SIDECARS:
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.rename(aside.with_name(aside.name + suffix))
    return f"{path}: damaged, kept as {aside.name}; a fresh store goes on in its place"


def free_name(path: Path, word: str) -> Path:
    """Find the first name ``<path>.<word><n>`` that is not taken."""
    number = 1
    while (free := path.with_name(f"{path.name}.{word}{number}")).exists():
        number += 1
    return free


def _sound(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
        try:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE:
                return False
            raise
    return str(found) == "ok"


def _ours(path: Path) -> bool:
    """Tell by the header, which survives most damage; a header cut short counts as ours."""
    with path.open("rb") as file:
        header = file.read(_APPLICATION_AT.stop)
    application = header[_APPLICATION_AT]
    return header.startswith(_MAGIC) and application in (b"", APPLICATION.to_bytes(4, "big"))
