"""Cache: keep what was made for a side, whole or not at all, and forget what is old.

Everything that is made for one repository stands below one folder and is made while its lock is
held, so whatever is not marked whole at that time was left by a process that is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Cache", "cache_folder", "digest_of", "opened"]

_WHOLE = "whole"  # the file that says so; its time of change is when the entry was used last
_LOCK = "lock"
_KEPT = 8  # newest entries of a kind
_RECENT = 24 * 3600.0  # seconds; what was used since may be in use now
_FORGOTTEN = 30 * 24 * 3600.0  # seconds after which another repository's folder goes


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Give the folder below which sides are kept, from the platform's rules."""
    home = Path(environ.get("HOME") or Path.home())
    named = environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(named):  # noqa: PTH117  (the standard says to ignore a relative one)
        above = Path(named)
    elif sys.platform == "darwin":
        above = home / "Library" / "Caches"
    else:
        above = home / ".cache"
    return above / "paceline" / "ab"


def digest_of(*parts: str) -> str:
    """Give 16 hexadecimal digits for some texts: all entries have names of one length."""
    joined = "\0".join(parts).encode(errors="surrogateescape")
    return hashlib.sha256(joined).hexdigest()[:16]


class Cache:
    """The entries of one repository; made by :func:`opened`, which holds the lock."""

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._now = now

    def entry(self, kind: str, key: str, make: Callable[[Path], None]) -> Path:
        """Give the folder of an entry, which ``make`` fills if it is not there yet."""
        folder = self.folder / kind / key
        if not (folder / _WHOLE).exists():
            _remove(folder)
            folder.mkdir(parents=True)
            try:
                make(folder)
            except BaseException:
                _remove(folder)
                raise
        (folder / _WHOLE).touch()
        moment = self._now()
        os.utime(folder / _WHOLE, (moment, moment))
        return folder

    def discard(self, entry: Path) -> None:
        """Remove an entry that turned out to be wrong."""
        _remove(entry)

    def tidy(self) -> None:
        """Remove what is not whole, and whole entries beyond the newest few if unused for a day."""
        for kind in self.folder.iterdir():
            if not kind.is_dir():
                continue
            used = {}
            for entry in kind.iterdir():
                mark = entry / _WHOLE
                if mark.exists():
                    used[entry] = mark.stat().st_mtime
                else:
                    _remove(entry)
            newest_first = sorted(used, key=lambda entry: used[entry], reverse=True)
            for entry in newest_first[_KEPT:]:
                if used[entry] < self._now() - _RECENT:
                    _remove(entry)


@contextlib.contextmanager
def opened(
    above: Path,
    about: Path,
    *,
    say: Callable[[str], None],
    now: Callable[[], float] = time.time,
) -> Iterator[Cache]:
    """Open the entries of the repository or folder ``about``, tidied, for this process alone.

    Raises:
        UsageError: nothing can be written there.
    """
    folder = above / digest_of(os.path.realpath(about))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(
            f"the cache folder {str(above)!r} can't be written: {error.strerror}",
            remedy="set XDG_CACHE_HOME to a folder that can",
        ) from None
    try:
        _wait_for(lock, say)
        moment = now()
        os.utime(lock, (moment, moment))
        cache = Cache(folder, now=now)
        cache.tidy()
        _forget_others(above, folder, moment)
        yield cache
    finally:
        os.close(lock)  # which frees it; so does the end of the process, whatever ends it


def _wait_for(lock: int, say: Callable[[str], None]) -> None:
    """Take the lock; the file holds its owner's process id for people who look."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(lock, 32, 0).decode(errors="replace").strip()
        say(f"waiting for another paceline ab of this project to prepare its sides (pid {owner})")
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _forget_others(above: Path, own: Path, moment: float) -> None:
    """Remove the folders of repositories that nobody has compared for a month."""
    for folder in above.iterdir():
        file = folder / _LOCK
        if folder == own or not file.exists():
            continue
        if file.stat().st_mtime < moment - _FORGOTTEN:
            lock = os.open(file, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
            except BlockingIOError:
                continue  # someone is at it just now
            finally:
                os.close(lock)


def _remove(folder: Path) -> None:
    """Remove an entry; the mark goes first, so that what is left half way is not whole.

    It is moved aside before: a build that a killed process started may still be writing there.
    What can't be removed yet waits for the next start.
    """
    (folder / _WHOLE).unlink(missing_ok=True)
    if folder.exists():
        aside = folder.with_name(f"{folder.name}.{os.getpid()}-{time.monotonic_ns()}")
        folder.rename(aside)
        with contextlib.suppress(OSError):
            _open_folders(aside)
            shutil.rmtree(aside)


def _open_folders(top: Path) -> None:
    """Let us into folders that a benchmark or a build tool closed."""
    for folder, _, _ in os.walk(top):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                Path(entry).chmod(0o700)
