"""System: what the kernel says this process holds: files, threads, children, mapped bytes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["children", "file_target", "resident", "system_readers"]

_PROC = "/proc/self"
_PARENT = 1  # field of /proc/PID/stat behind the command's closing bracket


def system_readers() -> dict[str, Callable[[], int]]:
    """Give a function for each count that this system tells."""
    readers: dict[str, Callable[[], int]] = {}
    files = next((way for way in (f"{_PROC}/fd", "/dev/fd") if os.path.isdir(way)), "")  # noqa: PTH112  (pathlib is not needed elsewhere here, and costs)
    if files:
        readers["files"] = lambda: len(os.listdir(files))  # noqa: PTH208  (no Path objects while sampling)
    if os.path.isdir(f"{_PROC}/task"):  # noqa: PTH112  (as above)
        readers["threads"] = lambda: os.stat(f"{_PROC}/task").st_nlink - 2  # noqa: PTH116  (as above)
        readers["mapped"] = lambda: _pages(0)
        readers["processes"] = lambda: len(children())
    return readers


def children() -> tuple[int, ...]:
    """Give the child processes, ended ones that nobody waited for included."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # the usual case, told without a look at every process
        return ()
    own = str(os.getpid())
    return tuple(
        int(name)
        for name in os.listdir("/proc")  # noqa: PTH208  (as above)
        if name.isdigit() and _parent_of(name) == own
    )


def resident() -> int | None:
    """Read the resident memory in bytes; None where the system doesn't tell."""
    try:
        return _pages(1)
    except OSError:
        return None


def file_target(descriptor: int) -> str:
    """Say what a descriptor leads to: a path, ``socket:[1]``, ``pipe:[2]``; "" when closed."""
    try:
        return os.readlink(f"{_PROC}/fd/{descriptor}")  # noqa: PTH115  (as above)
    except OSError:
        return ""


def _parent_of(process: str) -> str:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123  (as above)
            return file.read().rpartition(")")[2].split()[_PARENT]
    except (OSError, IndexError):  # it has ended meanwhile
        return ""


def _pages(field: int) -> int:
    """Read a size of this process, in bytes: 0 what is mapped, 1 what is resident."""
    descriptor = os.open(f"{_PROC}/statm", os.O_RDONLY | os.O_CLOEXEC)
    try:
        read = os.read(descriptor, 128)
    finally:
        os.close(descriptor)
    return int(read.split(None, 2)[field]) * os.sysconf("SC_PAGE_SIZE")
