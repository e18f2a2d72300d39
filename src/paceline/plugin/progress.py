"""Progress: how far a run is, by time, and what its workers do, in the terminal."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from paceline.engine.forked.slots import NOTHING
from paceline.plugin.live import Live, is_watched
from paceline.plugin.node import identity
from paceline.plugin.pytest_internals import show_progress_by, written_at_once
from paceline.report.live import Running, Scene, rest
from paceline.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    import pytest

    from paceline.engine.forked.slots import Doing

__all__ = ["Progress"]

_OFTEN = 0.1  # seconds between two looks at what runs


class Progress:
    """Writes through pytest's own reporter, so that lines never run into each other.

    Where a person watches, a live block takes the place of letters. ``began`` and ``ended`` are
    when workers were first and last looked at, in monotonic seconds; ``trials`` the seconds in
    which the failures ``tried`` were run again.
    """

    def __init__(
        self, session: pytest.Session, seconds: Sequence[float], *, slow_after: float
    ) -> None:
        self._config = session.config
        self._items = session.items
        self._seconds = seconds
        self._total = sum(seconds) or 1.0
        self._past = 0.0
        self._done = 0
        self._slow_after = slow_after
        self._slow: set[int] = set()
        self._looked = 0.0
        self._rest: dict[str, bytes] = {}
        self.began = self.ended = time.monotonic()
        self.tried: set[str] = set()
        self.trials = 0.0
        self._reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        self._live: Live | None = None
        if self._reporter is not None:
            self._reporter.showfspath = False
            show_progress_by(self._reporter, self.share)

    def _begin(self) -> None:
        """Show a live block from now on, where a person watches."""
        if self._reporter is not None and is_watched(self._config, self._reporter):
            self._live = Live(self._config, self._reporter)

    def share(self) -> str:
        """Say how much of the expected time is done, as wide as pytest's own figure."""
        return f" [{min(100, round(100 * self._past / self._total)):3d}%]"

    def at_once(self) -> AbstractContextManager[None]:
        """Let what is written meanwhile go out in one piece."""
        return written_at_once(self._reporter)

    def done(self, task: int) -> None:
        """Count a test's expected time as done."""
        self._past += self._seconds[task]
        self._done += 1

    def note(self, text: str) -> None:
        """Write a line of our own."""
        if self._reporter is not None:
            self._begin_line()
            self._reporter.write_line(f"paceline: {text}")

    def _begin_line(self) -> None:
        """Begin a line: the reporter itself knows only of those that a file's name began."""
        self._reporter.ensure_newline()
        if self._config.get_terminal_writer().width_of_current_line:
            self._reporter.line("")

    def show(self, name: str, data: bytes) -> None:
        """Write what a worker wrote outside capture; a line that has not ended yet waits."""
        data = self._rest.pop(name, b"") + data
        lines = data.split(b"\n")
        if lines[-1]:
            self._rest[name] = lines[-1]
        if self._reporter is None or len(lines) == 1:
            return
        self._begin_line()
        for line in lines[:-1]:
            self._reporter.write_line(f"[{name}] {line.decode('utf-8', 'replace')}")

    def give_way(self) -> None:
        """Leave the terminal to a debugger until workers are looked at again."""
        if self._live is not None:
            self._live.erase()

    @contextmanager
    def trying(self, task: int) -> Iterator[None]:
        """Show that a failure is tried again, and take the time of it."""
        node_id = self._items[task].nodeid
        self.tried.add(node_id)
        began = time.monotonic()
        if self._live is not None:
            self._live.draw(self._scene((), began, trying=node_id))
        try:
            yield
        finally:
            self.trials += time.monotonic() - began

    def finish(self) -> None:
        """Write what waits for the end of its line; leave nothing live behind."""
        try:
            for name in list(self._rest):
                self.show(name, b"\n")
        finally:
            if self._live is not None:
                self._live.close()
                self._live = None

    def pulse(self, doing: Sequence[Doing]) -> None:
        """Look a few times a second; tell of a test that it is slow while it still runs."""
        self.ended = now = time.monotonic()
        if now - self._looked < _OFTEN:
            return
        if not self._looked:
            self._begin()
        self._looked = now
        if self._live is not None:
            self._live.draw(self._scene(doing, now))
            return
        for worker, (task, since) in enumerate(doing):
            if task in self._slow or not self._is_slow(task, now - since):
                continue
            self._slow.add(task)
            took = format_quantity(now - since, "s")
            self.note(f"slow: {self._items[task].nodeid} runs for {took} on {identity(worker)}")

    def _is_slow(self, task: int, seconds: float) -> bool:
        return task != NOTHING and 0 < self._slow_after <= seconds

    def _scene(self, doing: Sequence[Doing], now: float, *, trying: str = "") -> Scene:
        """Give what is to be seen; a test that runs counts for the time that it was expected to."""
        busy = [(task, now - since) for task, since in doing if task != NOTHING]
        within = sum(min(seconds, self._seconds[task]) for task, seconds in busy)
        past = min(self._past + within, self._total)
        left = rest(
            [self._seconds[task] - seconds for task, seconds in busy],
            past=past,
            total=self._total,
            elapsed=now - self.began,
            workers=max(1, len(doing)),
        )
        running = [
            Running(identity(worker))
            if task == NOTHING
            else Running(
                identity(worker),
                self._items[task].nodeid,
                now - since,
                self._is_slow(task, now - since),
            )
            for worker, (task, since) in enumerate(doing)
        ]
        failed = self._live.failed if self._live is not None else 0
        elapsed = now - self.began
        share = past / self._total
        return Scene(
            self._done, len(self._items), failed, share, elapsed, left, tuple(running), trying
        )
