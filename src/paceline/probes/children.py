"""Children: the memory of the processes that this one started, while a window wants it.

The kernel keeps the peak of finished children only as one number that never falls, and a child
inherits its parent's peak there until it runs another program. So children are looked at while
they live.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

try:
    import resource
except ImportError:  # Windows has no such module
    resource = None  # type: ignore[assignment]

__all__ = ["ChildrenWindow", "Seen"]

_KIB = 1024
_CLEARLY = 1.02
"""How far above our own peak a finished child's must lie to be its own and not inherited."""
_PROC = Path("/proc")


class Seen(NamedTuple):
    """The peak of all children together in bytes, and why it can't be trusted ("" if it can)."""

    bytes: float
    unsure: str


class ChildrenWindow:
    """Follows the descendants that appear after it was made.

    ``known`` are processes that count although they live already: those of a fixture in use.
    ``folder`` is where the kernel tells of processes.
    """

    def __init__(self, known: Collection[int] = (), *, folder: Path = _PROC) -> None:
        self._folder = folder
        self._own = os.getpid()
        self._command = _read(folder / str(self._own) / "cmdline")
        self._parents: dict[int, int] = {}
        self._forked: set[int] = set()
        self._lock = threading.Lock()  # one thread looks, another asks who lives
        self._most = 0.0
        self._finished = _finished_peak()
        self._readable = (folder / str(self._own) / "status").exists()
        self._before = frozenset(self._descendants()) - frozenset(known)

    @property
    def living(self) -> frozenset[int]:
        """The descendants that live now and count."""
        return frozenset(self._descendants()) - self._before

    def look(self) -> None:
        """Add up the peaks of the children that live now."""
        held = sum(self._peak_of(child) for child in self.living)
        self._most = max(self._most, held)

    def close(self, own_peak: float) -> Seen:
        """Look a last time; ``own_peak`` is this process's in bytes, which children inherit."""
        if not self._readable:
            return Seen(self._most, "this system does not tell of the memory of other processes")
        self.look()
        finished = _finished_peak()
        inherited = bool(self._forked) or finished <= own_peak * _CLEARLY
        if finished > self._finished and not inherited:
            self._most = max(self._most, finished)
        return Seen(self._most, "")

    def _descendants(self) -> set[int]:
        """List all descendants."""
        with self._lock:
            self._look_around()
            found: set[int] = set()
            level = {self._own}
            while level:
                level = {child for child, parent in self._parents.items() if parent in level}
                found |= level
            return found

    def _look_around(self) -> None:
        """Learn who is whose child; only processes that are new cost a read."""
        try:
            present = {int(name) for name in os.listdir(self._folder) if name.isdigit()}  # noqa: PTH208  (the cheapest way)
        except OSError:
            return
        for gone in self._parents.keys() - present:
            del self._parents[gone]
        for new in present - self._parents.keys():
            parent = _parent(_read(self._folder / str(new) / "stat"))
            if parent is not None:
                self._parents[new] = parent

    def _peak_of(self, child: int) -> float:
        """Give a child's peak in bytes; memory that a forked one shares with us by its share."""
        folder = self._folder / str(child)
        if _read(folder / "cmdline") != self._command:
            return _kib(_read(folder / "status"), b"VmHWM:")
        if child not in self._forked:  # it may be about to run another program
            self._forked.add(child)
            return 0.0
        return _kib(_read(folder / "smaps_rollup"), b"Pss:")


def _finished_peak() -> float:
    if resource is None:
        return 0.0
    return float(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _KIB)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # the process ended, or is somebody else's
        return b""


def _parent(stat: bytes) -> int | None:
    """Read the parent from a process's ``stat``, whose second field may hold any character."""
    fields = stat.rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else None


def _kib(content: bytes, name: bytes) -> float:
    _, found, rest = content.partition(name)
    return float(rest.split(None, 1)[0]) * _KIB if found else 0.0
