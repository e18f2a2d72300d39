"""Parallel: the run loop of a suite that several workers share."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.forked.pool import PoolError
from paceline.engine.recorder import open_store
from paceline.errors import PacelineError, StoreError, UsageError
from paceline.plugin.activation import work_here
from paceline.plugin.closing import sums
from paceline.plugin.forked_run import ForkedRun
from paceline.plugin.role import project_of
from paceline.plugin.scheme import Scheme, make_scheme
from paceline.plugin.shared import SharedFixtures
from paceline.probes.fork_safety import why_not_fork
from paceline.store.options import StoreOptions
from paceline.suite.category_options import CategoryOptions, OrderBy
from paceline.suite.options import Engine, SuiteOptions

if TYPE_CHECKING:
    from collections.abc import Generator

    from paceline.plugin.hearing import Hearing
    from paceline.plugin.session import Session

__all__ = ["Parallel"]


class Parallel:
    """Chooses the engine once tests are collected, and runs them on it."""

    def __init__(self, config: pytest.Config, session: Session) -> None:
        self._config = config
        self._own = session
        self._options = session.settings.get(SuiteOptions)
        self._store = open_store(project_of(config), session.settings.get(StoreOptions))
        self._run = uuid.uuid4().hex
        self._collection = 0.0
        self._lines: list[str] = []
        self._began_none = False  # no test of a forked run has ended
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
        try:
            self._forked(session, scheme)
        except PoolError as error:
            if self._began_none:  # then nothing stands in the way of running them here
                self._alone(session, error.problem)
                return None
            pytest.exit(str(error), pytest.ExitCode.INTERNAL_ERROR)
        return True

    def _elsewhere(self, session: pytest.Session, scheme: Scheme, reason: str) -> bool | None:
        """Run everything on pytest-xdist's processes, or in this one where that can't be."""
        from paceline.plugin.xdist_engine import (  # noqa: PLC0415  (only where forking is unsafe)
            run_on_xdist,
            why_not_xdist,
        )

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
        gone = set(scheme.unforked)
        session.items[:] = [item for item in collected if item not in gone]
        order = f"{plan.order.value} order: {scheme.step.because}"
        self._say(f"{plan.workers} workers forked after one collection; {order}")
        shared = self._prepared(session)
        run = ForkedRun(session, scheme, self._options, name=self._run)
        try:
            run.run()
        finally:
            self._began_none = not run.hearing.took
            collection = self._collection + shared.seconds
            self._lines += sums(session, plan, run, began=self._began, collection=collection)
            shared.finish()
            self._lines += run.replays.said
            session.items[:] = collected
        self._learn(session, scheme, run)
        _conclude(session, run.hearing)

    def _prepared(self, session: pytest.Session) -> SharedFixtures:
        """Set up the fixtures that all workers share."""
        shared = SharedFixtures(session)
        try:
            shared.prepare(session.items)
        except PacelineError as error:
            raise pytest.UsageError(str(error)) from error
        self._config.pluginmanager.register(shared, "paceline-shared")
        return shared

    def _learn(self, session: pytest.Session, scheme: Scheme, run: ForkedRun) -> None:
        if not self._own.opted_in:
            return
        replays, hearing = run.replays, run.hearing
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

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say it at the end."""
        for line in self._lines:
            terminalreporter.write_line(f"paceline: {line}")

    def _say(self, line: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self._config.get_verbosity() >= 0:
            reporter.write_line(f"paceline: {line}")

    def _say_plan(self, scheme: Scheme) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            for line in scheme.explained(self._collection):
                reporter.write_line(line)


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
