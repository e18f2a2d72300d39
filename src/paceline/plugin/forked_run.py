"""Forked run: one run on forked workers: its parts, made in their order, and how it goes."""

from __future__ import annotations

import os
import tempfile
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

from paceline.engine.forked.pool import Pool
from paceline.plugin.activation import TIMEOUTS, load_before_fork, work_here
from paceline.plugin.debugging import Debugging, Terminal
from paceline.plugin.exclusive import Watch
from paceline.plugin.fork_state import ForkState, finish_session, finish_worker, merge_coverage
from paceline.plugin.forked import ItemWork
from paceline.plugin.hearing import Hearing
from paceline.plugin.oversight import Oversight
from paceline.plugin.progress import Progress
from paceline.plugin.replay import Replays
from paceline.probes.pressure import Pressure
from paceline.suite.dispatch import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from paceline.engine.forked.worker import Worker
    from paceline.plugin.scheme import Scheme
    from paceline.suite.options import SuiteOptions

__all__ = ["ForkedRun"]

_LAST = 8192  # bytes of captured output that a lost worker's report shows


class ForkedRun:
    """Runs a session's items by a scheme; ``name`` is what all its workers share."""

    def __init__(
        self, session: pytest.Session, scheme: Scheme, options: SuiteOptions, *, name: str
    ) -> None:
        self._session = session
        self._config = session.config
        self._scheme = scheme
        plan = scheme.plan
        self._captures = [
            (tempfile.TemporaryFile(), tempfile.TemporaryFile())  # noqa: SIM115  (as the workers)
            for _ in range(plan.workers + 1)
        ]
        seconds = [one.seconds for one in plan.expectations]
        self.progress = Progress(session, seconds, slow_after=options.slow_after)
        self._dispatcher = Dispatcher(plan, scheme.room)
        self.hearing = self._ear(options, name)
        load_before_fork()
        self._state = ForkState(self._config)
        self._terminal = Terminal()
        alone = frozenset(task for chunk in plan.chunks if chunk.last for task in chunk.tasks)
        work = ItemWork(session, self._enter, alone=alone)
        self._pool = Pool(work, self.hearing, self._dispatcher, plan, pinned=options.pin)
        self.hearing.oversight = self._oversight()
        self.replays = Replays(
            self._pool,
            self.hearing,
            self.progress,
            session.items,
            patience=scheme.patience,
            passes=scheme.passes,
        )
        if self._config.getoption("maxfail"):  # the run stops at once, if it is to stop
            self.hearing.at_once = self.replays.run

    def run(self) -> None:
        """Run everything, whatever stops it; then nothing of the workers is left."""
        try:
            self._pool.run()
            self.replays.run()
            self._run_unforked()
        finally:
            self.replays.believe()
            self.progress.finish()
            self._terminal.close()
            merge_coverage()
            for file in chain.from_iterable(self._captures):
                file.close()

    def _ear(self, options: SuiteOptions, name: str) -> Hearing:
        scheme = self._scheme
        tries_again = options.replay and not self._config.getoption("usepdb")
        return Hearing(
            self._session,
            self._dispatcher,
            self.progress,
            workers=scheme.plan.workers,
            run=name,
            expected=[one.seconds for one in scheme.plan.expectations],
            holds=lambda task: tries_again and scheme.patience(task) > 0,
            retries=options.retry_crashed,
            last_output=self._last_output,
        )

    def _oversight(self) -> Oversight:
        return Oversight(
            self._session,
            self._dispatcher,
            self.progress,
            Pressure(),
            kill=self._pool.kill,
            over=self._over,
        )

    def _enter(self, worker: Worker) -> tuple[Watch, Callable[[], dict[str, Any]]]:
        """Make a forked process a worker; give what it does last."""
        out, err = self._captures[worker.number]
        self._state.become_worker(
            worker.number,
            self.hearing.nodes[worker.number].workerinput,
            captures=(out.fileno(), err.fileno()),
            base=worker.output,
        )
        watch = Watch(worker, self._state.temporary)
        self._config.pluginmanager.register(watch, "paceline-watch")
        debugging = Debugging(self._config, worker, self._terminal)
        self._config.pluginmanager.register(debugging, "paceline-debugging")
        recording = work_here(self._session)

        def finish() -> dict[str, Any]:
            config: Any = self._config
            if recording is not None:
                recording.pytest_sessionfinish(self._session)
            finish_session(self._session)
            finish_worker()
            output: dict[str, Any] = config.workeroutput
            return output

        return watch, finish

    def _run_unforked(self) -> None:
        """Run what fails when forked in this process, after all else."""
        items = self._scheme.unforked
        for item, following in zip_longest(items, items[1:]):
            if self.hearing.stopping():
                return
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def _over(self) -> str:
        """Say that the run's time is over, "" while it is not or has no limit."""
        limits: Any = self._config.pluginmanager.get_plugin(TIMEOUTS)
        return str(limits.over()) if limits is not None else ""

    def _last_output(self, worker: int) -> str:
        """Read what a lost worker had captured of its last test."""
        parts = []
        for file in self._captures[worker]:
            size = os.fstat(file.fileno()).st_size
            data = os.pread(file.fileno(), _LAST, max(0, size - _LAST))
            parts.append(data.decode("utf-8", "replace"))
            os.ftruncate(file.fileno(), 0)
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        return "".join(parts)
