"""Oversight: what the controller keeps an eye on while workers run: memory, time, refusals."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from paceline.engine.forked.slots import NOTHING
from paceline.plugin.timeouts import limit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from paceline.engine.forked.slots import Doing
    from paceline.plugin.progress import Progress
    from paceline.probes.pressure import Pressure
    from paceline.suite.dispatch import Dispatcher

__all__ = ["Oversight"]

_OFTEN = 0.1  # seconds between two looks
_PATIENCE = 5.0  # seconds that a worker has to give back a test, or to end one that timed out
_TIMES = 2.0  # a test's limit counts once for the test and once for its teardown


class Oversight:
    """Looks a few times a second; pauses admissions, stops the run, ends workers that hang."""

    def __init__(  # noqa: PLR0913  (each is one thing that it watches or acts on)
        self,
        session: pytest.Session,
        dispatcher: Dispatcher,
        progress: Progress,
        pressure: Pressure,
        *,
        kill: Callable[[int], None],
        over: Callable[[], str],
    ) -> None:
        self._session = session
        self._dispatcher = dispatcher
        self._progress = progress
        self._pressure = pressure
        self._kill = kill
        self._over = over
        self._looked = 0.0
        self._ooms = pressure.oom_kills()
        self.refused: dict[int, float] = {}
        self.killed: dict[int, str] = {}

    def look(self, doing: Sequence[Doing]) -> None:
        """Look if it is time to."""
        now = time.monotonic()
        if now - self._looked < _OFTEN:
            return
        self._looked = now
        self._look_at_memory()
        self._session.shouldstop = self._session.shouldstop or self._over()
        for worker, (task, since) in enumerate(doing):
            if worker in self.killed:
                continue
            if now - self.refused.get(worker, now) > _PATIENCE:
                self._end(worker, "did not give its test back")
            elif task != NOTHING:
                limit = limit_of(self._session.items[task])
                if limit and now - since > _TIMES * limit + _PATIENCE:
                    self._end(worker, f"did not end {now - since:.0f} s after it began")

    def why(self, worker: int, signal: int) -> str:
        """Say why a worker was lost, where more than its signal is known."""
        killed = self.killed.pop(worker, "")
        ooms, self._ooms = self._ooms, self._pressure.oom_kills()
        if not killed and signal and self._ooms > ooms:
            return "the kernel killed a process because memory ran out"
        return killed

    def _look_at_memory(self) -> None:
        short = self._pressure.look()
        if bool(short) is not self._dispatcher.paused:
            self._dispatcher.paused = bool(short)
            said = f"no further test begins beside others: {short}" if short else "memory is back"
            self._progress.note(said)

    def _end(self, worker: int, reason: str) -> None:
        self.killed[worker] = reason
        self._kill(worker)
