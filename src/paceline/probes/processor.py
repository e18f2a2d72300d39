"""Processors: pin this process to one, and see what was stolen from it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

try:
    import resource
except ImportError:  # no POSIX
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Usage", "allowed", "confined", "let_loose", "pin", "preemptions", "usage"]

_STAT = Path("/proc/stat")
_STOLEN = 7  # columns of a processor's line: user nice system idle iowait irq softirq steal


@dataclass(frozen=True, slots=True)
class Usage:
    """Ticks of one processor since the start of the machine: all, and stolen by the host."""

    ticks: int
    stolen: int

    def since(self, earlier: Usage) -> Usage:
        """Give what has passed since then."""
        return Usage(self.ticks - earlier.ticks, self.stolen - earlier.stolen)

    @property
    def stolen_share(self) -> float:
        """The share of the time that the machine's host gave to others."""
        return self.stolen / self.ticks if self.ticks > 0 else 0.0


def allowed() -> tuple[int, ...]:
    """List the processors that this process may use; empty where the platform can't pin."""
    if not hasattr(os, "sched_getaffinity"):
        return ()
    return tuple(sorted(os.sched_getaffinity(0)))


def pin(processor: int) -> bool:
    """Keep this process on one processor; False where that can't be had."""
    try:
        os.sched_setaffinity(0, {processor})
    except (AttributeError, OSError):
        return False
    return True


def let_loose(process: int, processors: Iterable[int]) -> None:
    """Let a process that was started elsewhere use these processors, if it is still there."""
    try:
        os.sched_setaffinity(process, processors)
    except (AttributeError, OSError):
        return


def preemptions() -> int:
    """Count how often this process lost its processor to another before it wanted to wait."""
    if resource is None:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


@contextmanager
def confined(processors: Iterable[int]) -> Iterator[None]:
    """Let what is started meanwhile begin on these processors; nothing happens where none can pin.

    A child inherits the processors of the thread that starts it.
    """
    before = allowed()
    if before:
        os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)


def usage(processor: int, *, stat: Path = _STAT) -> Usage | None:
    """Read a processor's ticks; None where the platform doesn't say."""
    try:
        lines = stat.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, rest = line.partition(" ")
        if name == f"cpu{processor}":
            columns = [int(word) for word in rest.split()]
            return Usage(sum(columns[: _STOLEN + 1]), columns[_STOLEN])
    return None
