"""Replay: a failure that may come from the order of tests is tried again before it is reported."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from paceline.plugin.planning import module_of
from paceline.plugin.wire import decode_report
from paceline.suite.isolation import Cause, isolate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from paceline.engine.forked.pool import Pool
    from paceline.plugin.hearing import Hearing, Held
    from paceline.plugin.progress import Progress

__all__ = ["Dependence", "Replays"]

_MOST = 20  # failures that are tried again in one run
_GENUINE = 5  # so many that fail again, and the rest are believed
_LONGEST = 100  # letters of a failure's first line
_SEARCH = 30.0  # seconds in which a polluter is searched for
_TRIALS = 24
_TRIALS_OF_ALL = 6  # so many trials of the whole history fit into a search
_SLOWER = 10.0  # times the expected seconds, after which a trial is given up
_AT_LEAST = 30.0  # seconds that any trial may take


class Dependence(NamedTuple):
    """A test that fails behind some tests and passes behind its serial predecessors."""

    node_id: str
    polluters: tuple[str, ...]


class Replays:
    """Tries held failures again in fresh forks, and reports each as what it is."""

    def __init__(  # noqa: PLR0913  (each is one thing that a decision needs)
        self,
        pool: Pool,
        hearing: Hearing,
        progress: Progress,
        items: Sequence[pytest.Item],
        *,
        patience: Callable[[int], float],
        passes: Callable[[int], bool],
    ) -> None:
        self._pool = pool
        self._hearing = hearing
        self._progress = progress
        self._items = items
        self._patience = patience
        self._passes = passes
        self._genuine = 0
        self._tried = 0
        self.found: list[Dependence] = []
        self.unforked: list[str] = []
        self.said: list[str] = []

    def run(self) -> None:
        """Decide about every held failure; one leaves the list just before it is reported."""
        while self._hearing.held:
            self._decide(self._hearing.held[0])

    def believe(self) -> None:
        """Report what is still held as it is: the run was ended before it could be tried again."""
        while self._hearing.held:
            held = self._hearing.held.pop(0)
            self._hearing.report(held.task, held.worker, held.reports)

    def _decide(self, held: Held) -> None:
        """Try one failure again and report it."""
        passed: list[Any] | None = None
        if self._tried < _MOST and self._genuine < _GENUINE:
            self._tried += 1
            passed = self._behind_its_predecessors(held)
        self._hearing.held.remove(held)
        if passed is None:
            self._genuine += 1
            late = self._hearing.fails(held.reports, when="teardown")  # perhaps of other tests' own
            if self._passes(held.task) and self._genuine <= _GENUINE and not late:
                self._run_here(held)
            else:
                self._hearing.report(held.task, held.worker, held.reports)
            return
        self._genuine = 0
        self._hearing.report(held.task, held.worker, passed)
        dependence = Dependence(self._items[held.task].nodeid, self._polluters(held))
        self.found.append(dependence)
        self._say(f"{_said(dependence)}{self._reason(held)}")

    def _behind_its_predecessors(self, held: Held) -> list[Any] | None:
        """Give what it reports behind its serial predecessors, None where it fails there too.

        A teardown may be that of a fixture which only a test far before it set up.
        """
        task, before = held.task, list(range(held.task))
        module = module_of(self._items[task].nodeid)
        near = [one for one in before if module_of(self._items[one].nodeid) == module]
        far = self._hearing.fails(held.reports, when="teardown")
        for tests in (before,) if far or near == before else (near, before):
            if sum(map(self._hearing.seconds, tests)) <= self._patience(task):
                reports = self._trial([*tests, task])
                if reports is not None and not self._hearing.fails(reports):
                    return reports
        return None

    def _run_here(self, held: Held) -> None:
        """Let a test that is known to pass have its say in this process, which collected it.

        What it took of the process when it was imported, such as its number, is another's after a
        fork. Whatever it reports here is what it reports.
        """
        item = self._items[held.task]
        failed = item.session.testsfailed
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if item.session.testsfailed == failed:
            self._genuine = 0
            self.unforked.append(item.nodeid)
            self._say(
                f"fails when forked: {item.nodeid} passes in the process that collected it, and"
                f" runs there from now on{self._reason(held)}"
            )

    def _reason(self, held: Held) -> str:
        """Say in a line how it failed where it did: that report is not shown."""
        item = self._items[held.task]
        made = (decode_report(item, one, {}) for one in held.reports)
        failed = next((one for one in made if one.failed), None)
        if failed is None:
            return ""
        crash = getattr(failed.longrepr, "reprcrash", None)
        text = str(crash.message) if crash is not None else failed.longreprtext
        first = text.strip().partition("\n")[0]
        return f" ({first[:_LONGEST]})" if first else ""

    def _say(self, text: str) -> None:
        """Say something when it is known, and again at the end."""
        self._progress.note(text)
        self.said.append(text)

    def _polluters(self, held: Held) -> tuple[str, ...]:
        """Search for what it fails behind, among the tests that its worker had run before it."""
        until = time.monotonic() + _SEARCH
        numbers = {self._items[one].nodeid: one for one in self._recent(held.before)}

        def fails(before: tuple[str, ...]) -> bool:
            if time.monotonic() > until:  # no polluter: the search ends at once
                return False
            reports = self._trial([*(numbers[name] for name in before), held.task])
            return reports is None or self._hearing.fails(reports)

        found = isolate(list(numbers), fails, trials=_TRIALS)
        return found.tests if found.cause is Cause.POLLUTED else ()

    def _recent(self, tasks: Sequence[int]) -> list[int]:
        """Leave out what ran long before: each trial runs all that is left."""
        left, found = _SEARCH / _TRIALS_OF_ALL, list[int]()
        for task in reversed(tasks):
            left -= self._hearing.seconds(task)
            if left < 0:
                break
            found.append(task)
        return found[::-1]

    def _trial(self, tasks: Sequence[int]) -> list[Any] | None:
        """Run tests in a fresh worker and give the last one's reports, None without them."""
        limit = _AT_LEAST + _SLOWER * sum(map(self._hearing.seconds, tasks))
        with self._progress.trying(tasks[-1]):
            messages, _ = self._pool.trial(tasks, seconds=limit)
        for kind, *rest in messages:
            if kind == "done" and rest[0] == tasks[-1]:
                reports: list[Any] = rest[1]
                return reports
        return None


def _said(dependence: Dependence) -> str:
    behind = f" behind {', '.join(dependence.polluters)}" if dependence.polluters else " elsewhere"
    return (
        f"order-dependent: {dependence.node_id} passes behind its serial predecessors and fails"
        f"{behind}"
    )
