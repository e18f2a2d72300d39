"""Parallel: the run loop of a suite that several workers share."""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from itertools import zip_longest
from typing import IO, TYPE_CHECKING, Any

import pytest

from paceline.engine.forked.pool import Pool
from paceline.engine.recorder import open_store
from paceline.errors import PacelineError, StoreError, UsageError
from paceline.plugin.activation import TIMEOUTS, load_before_fork, work_here
from paceline.plugin.debugging import Debugging, Terminal
from paceline.plugin.exclusive import Watch
from paceline.plugin.fork_state import ForkState, finish_worker, merge_coverage
from paceline.plugin.forked import ItemWork
from paceline.plugin.hearing import Hearing
from paceline.plugin.oversight import Oversight
from paceline.plugin.progress import Progress
from paceline.plugin.replay import Replays
from paceline.plugin.role import project_of
from paceline.plugin.scheme import Scheme, make_scheme
from paceline.plugin.shared import SharedFixtures
from paceline.plugin.xdist_engine import run_on_xdist, why_not_xdist
from paceline.probes.fork_safety import why_not_fork
from paceline.probes.pressure import Pressure
from paceline.report.escape import plain
from paceline.report.live import slowest
from paceline.store.options import StoreOptions
from paceline.suite.bound import Bound, Losses, held_back
from paceline.suite.category_options import CategoryOptions, OrderBy
from paceline.suite.dispatch import Dispatcher
from paceline.suite.options import Engine, SuiteOptions
from paceline.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from paceline.engine.forked.worker import Worker
    from paceline.plugin.session import Session

__all__ = ["Parallel"]

_LAST = 8192  # bytes of captured output that a lost worker's report shows


class Parallel:
    """Chooses the engine once tests are collected, and runs them on it."""

    def __init__(self, config: pytest.Config, session: Session) -> None:
        self._config = config
        self._own = session
        self._options = session.settings.get(SuiteOptions)
        self._store = open_store(project_of(config), session.settings.get(StoreOptions))
        self._run = uuid.uuid4().hex
        self._collection = 0.0
        self._captures: list[tuple[IO[bytes], IO[bytes]]] = []
        self._lines: list[str] = []
        self._began = time.monotonic()

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        """Take the time of the one collection."""
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self._collection = time.monotonic() - began

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the suite on workers; None leaves it to pytest's own loop."""
        option = session.config.option
        if option.collectonly or (session.testsfailed and not option.continue_on_collection_errors):
            return None
        try:
            order = self._own.settings.get(CategoryOptions).order_by
            scheme = make_scheme(
                session,
                self._options,
                self._store,
                root=session.config.rootpath,
                by_category=order is OrderBy.CATEGORY,
            )
        except PacelineError as error:
            raise pytest.UsageError(str(error)) from error
        if self._options.explain:
            self._say_plan(scheme)
            return True
        if scheme.plan.workers <= 1:
            self._alone(session, scheme.choice.because)
            return None
        reason = self._why_not_fork()
        if reason:
            return self._elsewhere(session, scheme, reason)
        self._forked(session, scheme)
        return True

    def _elsewhere(self, session: pytest.Session, scheme: Scheme, reason: str) -> bool | None:
        """Run everything on pytest-xdist's processes, or in this one where that can't be."""
        engine = self._options.engine
        try:
            if engine is Engine.FORK:
                raise UsageError(
                    f"this process can't be forked: {reason}",
                    remedy="leave --paceline-engine=fork out, and what is safe is chosen",
                )
            hindrance = why_not_xdist(self._config, engine, failed=session.testsfailed)
        except PacelineError as error:
            raise pytest.UsageError(str(error)) from error
        if hindrance:
            self._alone(session, f"{reason}, and {hindrance}")
            return None
        return run_on_xdist(session, scheme, reason)

    def _why_not_fork(self) -> str:
        if self._options.engine is Engine.XDIST:
            return "--paceline-engine=xdist"
        given = self._config.option
        if given.setupshow or given.setuponly or given.setupplan:
            return "fixtures are shown as one process sets them up"
        said = self._config.hook.pytest_paceline_why_not_fork(config=self._config)
        return str(said) if said else why_not_fork()

    def _alone(self, session: pytest.Session, reason: str) -> None:
        """Let pytest's own loop run everything in this process."""
        self._say(f"one process: {reason}")
        work_here(session)

    def _forked(self, session: pytest.Session, scheme: Scheme) -> None:
        """Fork workers, run everything, and end as pytest's own loop would."""
        plan = scheme.plan
        collected = list(session.items)
        session.items[:] = [item for item in collected if item not in set(scheme.unforked)]
        order = f"{plan.order.value} order: {scheme.step.because}"
        self._say(f"{plan.workers} workers forked after one collection; {order}")
        shared = SharedFixtures(session)
        try:
            shared.prepare(session.items)
        except PacelineError as error:
            raise pytest.UsageError(str(error)) from error
        self._collection += shared.seconds
        self._config.pluginmanager.register(shared, "paceline-shared")
        self._captures = [
            (tempfile.TemporaryFile(), tempfile.TemporaryFile())  # noqa: SIM115  (as the workers)
            for _ in range(plan.workers + 1)
        ]
        seconds = [one.seconds for one in plan.expectations]
        progress = Progress(session, seconds, slow_after=self._options.slow_after)
        dispatcher = Dispatcher(plan, scheme.room)
        replays_failures = self._options.replay and not session.config.getoption("usepdb")
        hearing = Hearing(
            session,
            dispatcher,
            progress,
            workers=plan.workers,
            run=self._run,
            expected=seconds,
            holds=lambda task: replays_failures and scheme.patience(task) > 0,
            retries=self._options.retry_crashed,
            last_output=self._last_output,
        )
        load_before_fork()
        state = ForkState(self._config)
        terminal = Terminal()
        alone = frozenset(task for chunk in plan.chunks if chunk.last for task in chunk.tasks)
        entering = self._entering(session, state, hearing, terminal)
        work = ItemWork(session, entering, alone=alone)
        pool = Pool(work, hearing, dispatcher, plan, pinned=self._options.pin)
        hearing.oversight = Oversight(
            session, dispatcher, progress, Pressure(), kill=pool.kill, over=self._over
        )
        replays = Replays(
            pool,
            hearing,
            progress,
            session.items,
            patience=scheme.patience,
            passes=scheme.passes,
        )
        if session.config.getoption("maxfail"):  # the run stops at once, if it is to stop
            hearing.decide = replays.decide
        try:
            pool.run()
            replays.run()
            _run_here(scheme.unforked, hearing)
        finally:
            progress.finish()
            terminal.close()
            merge_coverage()
            self._lines += self._sums(session, scheme, hearing, progress)
            shared.finish()
            self._lines += replays.said
            session.items[:] = collected
        self._learn(session, scheme, replays, hearing)
        _conclude(session, hearing)

    def _learn(
        self, session: pytest.Session, scheme: Scheme, replays: Replays, hearing: Hearing
    ) -> None:
        if not self._own.opted_in:
            return
        dependent = [(one.node_id, next(iter(one.polluters), "")) for one in replays.found]
        passed = not (session.testsfailed or hearing.stopping())
        try:
            scheme.learn(
                self._store,
                dependent=dependent,
                exclusive=hearing.exclusive,
                unforked=replays.unforked,
                passed=passed,
            )
        except StoreError as error:
            self._lines.append(f"not kept: {error}".replace("\n", "; "))

    def _entering(
        self, session: pytest.Session, state: ForkState, hearing: Hearing, terminal: Terminal
    ) -> Callable[[Worker], tuple[Watch, Callable[[], dict[str, Any]]]]:
        """Give what a worker does first; it gives what the worker does last."""

        def enter(worker: Worker) -> tuple[Watch, Callable[[], dict[str, Any]]]:
            out, err = self._captures[worker.number]
            state.become_worker(
                worker.number,
                hearing.nodes[worker.number].workerinput,
                captures=(out.fileno(), err.fileno()),
                base=worker.output,
            )
            watch = Watch(worker, state.temporary)
            self._config.pluginmanager.register(watch, "paceline-watch")
            debugging = Debugging(self._config, worker, terminal)
            self._config.pluginmanager.register(debugging, "paceline-debugging")
            return watch, self._work_in(session)

        return enter

    def _work_in(self, session: pytest.Session) -> Callable[[], dict[str, Any]]:
        """Register what measures in a worker; give what hands over its figures."""
        recording = work_here(session)

        def finish() -> dict[str, Any]:
            config: Any = self._config
            collector: Any = self._config.pluginmanager.get_plugin("paceline-collector")
            for part in (recording, collector):
                if part is not None:
                    part.pytest_sessionfinish(session)
            finish_worker()
            output: dict[str, Any] = config.workeroutput
            return output

        return finish

    def _sums(
        self, session: pytest.Session, scheme: Scheme, hearing: Hearing, progress: Progress
    ) -> list[str]:
        """Say what the run took, what it could have taken, what held it back, what was slow."""
        took, workers = hearing.took, scheme.plan.workers
        if not took:
            return []
        named = [(session.items[task].nodeid, seconds) for task, seconds in took.items()]
        longest, most = max(named, key=lambda one: one[1])
        late = [task for chunk in scheme.plan.chunks if chunk.last for task in chunk.tasks]
        alone = sum(took.get(task, 0.0) for task in late)
        wall, ended = time.monotonic() - self._began, max(hearing.last.values())
        idle = sum(ended - hearing.last.get(one, progress.began) for one in range(workers))
        losses = Losses(
            wall,
            longest=plain(longest),
            alone=alone,
            tried=len(progress.tried),
            trials=progress.trials,
            ending=max(0.0, progress.ended - ended),
            idle=max(0.0, idle - alone * (workers - 1)),
        )
        bound = Bound(sum(took.values()), self._collection, most, workers)
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        stats = getattr(reporter, "stats", {})
        bad = {one.nodeid for kind in ("failed", "error") for one in stats.get(kind, ())}
        least = format_quantity(bound.seconds, "s")
        said = f"wall {format_quantity(wall, 's')}, lower bound {least}"
        share = f"efficiency {min(1.0, bound.efficiency(wall)):.0%} on {workers} forked workers"
        held = (f"held back by: {one}" for one in held_back(bound, losses))
        slow = slowest(named, frozenset(bad))
        return [f"{said}, {share}", *held, *([slow] if slow else ())]

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say it at the end."""
        for line in self._lines:
            terminalreporter.write_line(f"paceline: {line}")

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

    def _say(self, line: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self._config.get_verbosity() >= 0:
            reporter.write_line(f"paceline: {line}")

    def _say_plan(self, scheme: Scheme) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            for line in scheme.explained(self._collection):
                reporter.write_line(line)


def _run_here(items: Sequence[pytest.Item], hearing: Hearing) -> None:
    """Run what fails when forked in this process, after all else."""
    for item, following in zip_longest(items, items[1:]):
        if hearing.stopping():
            return
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _conclude(session: pytest.Session, hearing: Hearing) -> None:
    """End as pytest's own loop does: by what ended a worker, or a test."""
    if hearing.internal:
        raise RuntimeError(hearing.internal)
    if hearing.exit is not None:
        pytest.exit(*hearing.exit)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    if hearing.interrupted:  # by a test itself: what the pool interrupts stops for one of the above
        raise KeyboardInterrupt
