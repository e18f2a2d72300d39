"""Progress: how far a run is, by time, and what its workers do, in the terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from paceline.engine.forked.slots import NOTHING
from paceline.plugin.node import identity
from paceline.plugin.pytest_internals import show_progress_by, written_at_once
from paceline.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    import pytest

    from paceline.engine.forked.slots import Doing

__all__ = ["Progress"]

_OFTEN = 0.1  # seconds between two looks at what runs


class Progress:
    """Writes through pytest's own reporter, so that lines never run into each other."""

    def __init__(
        self, session: pytest.Session, seconds: Sequence[float], *, slow_after: float
    ) -> None:
        self._items = session.items
        self._seconds = seconds
        self._total = sum(seconds) or 1.0
        self._past = 0.0
        self._slow_after = slow_after
        self._slow: set[int] = set()
        self._looked = 0.0
        self._rest: dict[str, bytes] = {}
        self._reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        self.debugging = False
        if self._reporter is not None:
            self._reporter.showfspath = False
            show_progress_by(self._reporter, self.share)

    def share(self) -> str:
        """Say how much of the expected time is done, as wide as pytest's own figure."""
        return f" [{min(100, round(100 * self._past / self._total)):3d}%]"

    def at_once(self) -> AbstractContextManager[None]:
        """Let what is written meanwhile go out in one piece."""
        return written_at_once(self._reporter)

    def done(self, task: int) -> None:
        """Count a test's expected time as done."""
        self._past += self._seconds[task]

    def note(self, text: str) -> None:
        """Write a line of our own."""
        if self._reporter is not None:
            self._reporter.ensure_newline()
            self._reporter.write_line(f"paceline: {text}")

    def show(self, name: str, data: bytes) -> None:
        """Write what a worker wrote outside capture; a line that has not ended yet waits."""
        data = self._rest.pop(name, b"") + data
        lines = data.split(b"\n")
        if lines[-1]:
            self._rest[name] = lines[-1]
        if self._reporter is None or len(lines) == 1:
            return
        self._reporter.ensure_newline()
        for line in lines[:-1]:
            self._reporter.write_line(f"[{name}] {line.decode('utf-8', 'replace')}")

    def finish(self) -> None:
        """Write what waits for the end of its line."""
        for name in list(self._rest):
            self.show(name, b"\n")

    def pulse(self, doing: Sequence[Doing]) -> None:
        """Look a few times a second; say once of a test that it is slow, while it still runs."""
        now = time.monotonic()
        if now - self._looked < _OFTEN or not self._slow_after:
            return
        self._looked = now
        for worker, (task, since) in enumerate(doing):
            if task == NOTHING or task in self._slow or now - since < self._slow_after:
                continue
            self._slow.add(task)
            took = format_quantity(now - since, "s")
            self.note(f"slow: {self._items[task].nodeid} runs for {took} on {identity(worker)}")
