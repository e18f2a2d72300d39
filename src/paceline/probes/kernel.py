"""The kernel's files about this process, kept open and read in place."""

from __future__ import annotations

import os
import weakref

try:
    import fcntl
except ImportError:  # Windows has no such module
    fcntl = None  # type: ignore[assignment]

__all__ = ["FORKS", "OWN", "Kept", "field_of"]

_FOLDER = "/proc/self"
_OUT_OF_THE_WAY = 900
"""New files get the lowest free number, so a number this high is not theirs when ours is closed."""
_ENOUGH = 4096

OWN = [0, 0]
"""Bytes that these files were read and written by: they are ours, not the tested code's."""

FORKS = [0]
"""How many forks led to this process: a number is cheaper to look at than the process's id."""


class Kept:
    """One file under ``/proc/self``, opened at its first use.

    ``file`` is its descriptor, -1 while it is closed: whoever is in a hurry reads it directly and
    adds to `OWN`. Where it can't be opened or read, reading gives b"" and writing gives False; a
    file that the tested code closed is opened again.
    """

    __slots__ = ("__weakref__", "_denied", "_flags", "_name", "file")

    def __init__(self, name: str, *, writing: bool = False) -> None:
        self._name = f"{_FOLDER}/{name}"
        self._flags = os.O_WRONLY if writing else os.O_RDONLY
        self.file = -1
        self._denied = False
        _KEPT.add(self)

    def read(self) -> bytes:
        """Read the file from its start; b"" where it can't be read."""
        if self.file >= 0:
            try:
                content = os.pread(self.file, _ENOUGH, 0)
            except OSError:
                self.file = -1
            else:
                OWN[0] += len(content)
                return content
        try:
            content = os.pread(self.file, _ENOUGH, 0) if self._opened() else b""
        except OSError:
            return b""
        OWN[0] += len(content)
        return content

    def write(self, content: bytes) -> bool:
        """Write to the file; False where that is denied."""
        if self.file >= 0:
            try:
                os.write(self.file, content)
            except OSError:
                self.file = -1
            else:
                OWN[1] += len(content)
                return True
        try:
            done = self._opened() and os.write(self.file, content) > 0
        except OSError:
            return False
        OWN[1] += done * len(content)
        return done

    def status(self) -> os.stat_result | None:
        """Look at the file itself; None where that is denied."""
        if self.file >= 0:
            try:
                return os.fstat(self.file)
            except OSError:
                self.file = -1
        try:
            return os.fstat(self.file) if self._opened() else None
        except OSError:
            return None

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        file, self.file = self.file, -1
        self._denied = False
        if file >= 0:
            try:
                os.close(file)
            except OSError:  # the tested code closed it before us
                return

    def _opened(self) -> bool:
        """Open the file, out of the way of the tested code's own; a denial is remembered."""
        if self._denied:
            return False
        try:
            low = os.open(self._name, self._flags)
        except OSError:
            self._denied = True
            return False
        if fcntl is None:
            self.file = low
            return True
        try:
            self.file = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        except OSError:  # fewer files than that are allowed
            self.file = low
            return True
        os.close(low)
        return True


def field_of(content: bytes, name: str) -> float | None:
    """Find the number after a name in the kernel's ``name: number`` lines, None without one."""
    _, found, rest = content.partition(name.encode())
    try:
        return float(rest.split(None, 1)[0]) if found else None
    except (ValueError, IndexError):
        return None


_KEPT: weakref.WeakSet[Kept] = weakref.WeakSet()


def _forget_all() -> None:
    """A forked child would read its parent's figures: it opens its own files."""
    FORKS[0] += 1
    for kept in tuple(_KEPT):
        kept.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
