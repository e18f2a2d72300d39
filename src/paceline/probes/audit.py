"""Audit: count what the interpreter announces while a test runs.

An audit hook can't be taken away again, so it is installed only where it was asked for, once per
process, and does nothing while no count is open. Even so all that is audited goes through it from
then on, ``id()`` among it, and what is timed says that it was there.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from paceline.model import METRICS, Metric

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AUDITED", "UNHEARD", "Audit", "audit", "install", "installed"]

_installed: list[str] = []

AUDITED: tuple[Metric, ...] = tuple(
    METRICS[name]
    for name in (
        "test_files_opened",
        "test_connections",
        "test_lookups",
        "test_subprocesses",
        "test_databases",
        "test_sleeps",
    )
)
"""What is counted, in the order of the counts."""

_TELLS_SLEEPS = (3, 13)
UNHEARD: dict[str, str] = (
    {}
    if sys.version_info >= _TELLS_SLEEPS
    else {"test_sleeps": "Python announces time.sleep from 3.13 on"}
)
"""What this Python does not announce, with the reason."""

_PLACES = {
    "open": 0,
    "socket.connect": 1,
    "socket.getaddrinfo": 2,
    "socket.gethostbyname": 2,
    "subprocess.Popen": 3,
    "os.system": 3,
    "os.fork": 3,
    "os.forkpty": 3,
    "sqlite3.connect": 4,
    "time.sleep": 5,
}


class Audit:
    """The counts of one process: `start` opens them, `finish` gives them; they do not nest."""

    def __init__(self) -> None:
        self._counts: list[int] | None = None

    def start(self) -> None:
        """Begin to count from zero."""
        self._counts = [0] * len(AUDITED)

    def finish(self) -> tuple[int, ...]:
        """Stop counting; the counts stand in the order of `AUDITED`, () where none were open."""
        counts, self._counts = self._counts, None
        return tuple(counts) if counts is not None else ()

    def heard(self, event: str, _arguments: object) -> None:
        """Count one event."""
        counts = self._counts
        if counts is not None:
            place = _PLACES.get(event)
            if place is not None:
                counts[place] += 1


@functools.cache
def audit() -> Audit:
    """Install the hook for good and give its counts."""
    made = Audit()
    install(made.heard, "--paceline-audit")
    return made


def install(heard: Callable[[str, tuple[Any, ...]], None], flag: str) -> None:
    """Install an audit hook for good; ``flag`` is what asked for it."""
    sys.addaudithook(heard)
    _installed.append(flag)


def installed() -> tuple[str, ...]:
    """Give the flags that made an audit hook of ours stay in this process."""
    return tuple(_installed)
