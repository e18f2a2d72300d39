"""Gathering: the hooks of the process that hears every report; it keeps, judges and says."""

from __future__ import annotations

import dataclasses
import os
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.recorder import Recorder, open_store, retention
from paceline.engine.resources import Records, run_time, users_of
from paceline.engine.turns import Turns
from paceline.errors import PacelineError, StoreError
from paceline.guard.options import GuardOptions
from paceline.model import Case, Run, RunId
from paceline.plugin.collecting import Collected, collected_of, collected_of_worker
from paceline.plugin.pytest_internals import runs_everything
from paceline.plugin.resources import measurements_of as counted
from paceline.plugin.resources import records_of, run_of, run_of_worker
from paceline.plugin.role import project_of
from paceline.plugin.transport import unpack
from paceline.probes.host import observe_host
from paceline.probes.memory_options import MemoryOptions
from paceline.probes.repository import Revision, observe_revision
from paceline.probes.resource_options import ResourceOptions
from paceline.report.options import TableOptions
from paceline.store.options import StoreOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.engine.judgement import Compared, Judgement
    from paceline.guard.policy import Policy
    from paceline.model import Budget, Measurement, Resources
    from paceline.plugin.session import Session

__all__ = ["Gathering"]


class Gathering:
    """Collects measurements from reports; in session finish it judges them, once."""

    def __init__(self, config: pytest.Config, session: Session) -> None:
        self._root = project_of(config)
        self._whole = runs_everything(config)
        self._session = session
        self._guard = session.settings.get(GuardOptions)
        self._table = session.settings.get(TableOptions)
        self._measured: dict[str, dict[tuple[str, str], Measurement]] = {}
        self._own_budgets: dict[str, tuple[Budget, ...]] = {}
        self._ran: dict[str, Case] = {}
        self._records = Records()
        self._turns = Turns() if session.records else None
        self._collected: Collected | None = None
        self._began = time.perf_counter()
        self._processes: list[Measurement] = []
        self._notes: list[str] = []
        self._written: list[str] = []
        self.judgement: Judgement | None = None
        self.budgets = self._load_budgets()
        self._policies = self._load_policies()
        self._run = self._open_run()
        self._keeping = session.settings.get(StoreOptions)
        self._store = open_store(self._root, self._keeping)
        self._recorder = Recorder(self._store, self._run, now=time.monotonic)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take measurements off a report; the last attempt of a test is the one that counts."""
        if self._turns is not None and type(report) is pytest.TestReport:  # a subtest's is another
            self._keep(_heard(self._turns, report))
        if report.when == "setup":  # another attempt counts alone
            self._measured.pop(report.nodeid, None)
        if report.when == "call":
            self._ran[report.nodeid] = Case(report.nodeid)
        if report.when == "teardown":
            self.keep(records_of(report))
        measurements, budgets = unpack(report)
        measurements = (*measurements, *counted(report))
        self._own_budgets |= {report.nodeid: budgets} if budgets else {}
        if not measurements:
            return
        found = self._measured.setdefault(report.nodeid, {})
        found |= {(one.case.id, one.metric.name): one for one in measurements}
        if self._session.opted_in:
            self._recorder.add(measurements)

    def keep(self, records: Sequence[Resources]) -> None:
        """Take what tests and the set-ups of fixtures took, a test before its fixtures."""
        self._keep(self._turns.give(records) if self._turns is not None else records)

    def _keep(self, records: Sequence[Resources]) -> None:
        if not records:
            return
        news = self._records.add(records)
        if news and self._session.opted_in:
            self._recorder.add_resources(news)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker told of its whole run when it ended."""
        if self._session.records:
            self._processes += run_of_worker(node)
            told = collected_of_worker(node)
            if told is not None:
                self._processes.append(told.whole)
                self._collected = self._collected or told

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Keep, judge and write; ours is the exit status only where pytest's own is 0."""
        if self._turns is not None:
            self._keep(self._turns.finish())
        if not (self._measured or self._records.all or self._session.opted_in):
            return
        interrupted = exitstatus in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR}
        run = dataclasses.replace(self._run, complete=not interrupted)
        measurements = tuple(one for found in self._measured.values() for one in found.values())
        against = self._against()
        from paceline.engine.categories import categorised  # noqa: PLC0415  (at the end)
        from paceline.engine.judgement import Took, judge  # noqa: PLC0415  (as above)
        from paceline.guard.baseline import Recorded  # noqa: PLC0415  (as above)

        took = Took(categorised(self._records.all), self._told(session.config))
        if self._session.opted_in and (measurements or took.records):
            self._recorder.add(took.processes)
            if self._collected is not None:
                users = users_of(took.records, self._collected.used)
                self._recorder.add((*self._collected.files, *users))
            self._recorder.finish(run, retention(self._keeping))
            self._notes += self._recorder.notes
        own = [budget for budgets in self._own_budgets.values() for budget in budgets]
        self.judgement = judge(
            Recorded(run, measurements),
            (*self.budgets, *own),
            self._guard,
            against=against,
            policies=self._policies,
            ran=self._ran.values(),
            took=took,
            whole=self._whole and exitstatus == pytest.ExitCode.OK,
            notes=self._notes,
        )
        self.judgement = self._advised(_of_processes(self.judgement))
        if exitstatus == pytest.ExitCode.OK and self.judgement.status:
            session.exitstatus = int(self.judgement.status)
        self._write()

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what session finish found; nothing is judged here."""
        if self.judgement is not None:
            from paceline.plugin.terminal import say  # noqa: PLC0415  (only with a judgement)

            say(
                self.judgement.document,
                terminalreporter,
                self._table,
                whole=self._session.opted_in,
                asked=self._session.settings.get(ResourceOptions).show,
                written=self._written,
            )

    def _told(self, config: pytest.Config) -> tuple[Measurement, ...]:
        """Give what the run as a whole took, and each of its processes."""
        if not self._session.records:
            return ()
        here = collected_of(config)
        if here is not None:
            self._collected = here
            self._processes.append(here.whole)
        whole = run_time(time.perf_counter() - self._began)
        from paceline.engine.categories import category_times  # noqa: PLC0415  (at the end)

        categories = category_times(self._records.all)
        return (*self._processes, *run_of(config), whole, *categories)

    def _advised(self, judgement: Judgement) -> Judgement:
        """Let the judgement know which baselines there are, where the store answers."""
        if not self._session.opted_in or self._recorder.notes:
            return judgement
        from paceline.engine.history import with_saved_names  # noqa: PLC0415  (at the end)

        return with_saved_names(judgement, self._store)

    def _load_budgets(self) -> tuple[Budget, ...]:
        memory = self._session.settings.get(MemoryOptions)
        limits: tuple[Budget, ...] = ()
        if memory != MemoryOptions():
            from paceline.guard.memory import default_budgets  # noqa: PLC0415  (only where set)

            limits = default_budgets(memory)
        if not (self._session.opted_in or self._guard.budgets):
            return limits
        file = self._root / self._guard.budgets if self._guard.budgets else None
        from paceline.settings.budgets import load_budgets  # noqa: PLC0415  (only where asked)

        found = load_budgets(self._root, pyproject=self._root / "pyproject.toml", file=file)
        return (*found, *limits)

    def _load_policies(self) -> tuple[Policy, ...]:
        if not self._session.opted_in:
            return ()
        from paceline.settings.policies import load_policies  # noqa: PLC0415  (as for budgets)

        return load_policies(self._root)

    def _open_run(self) -> Run:
        asked = self._session.opted_in or self._session.run.write
        revision = observe_revision(self._root, os.environ) if asked else Revision()
        facts: tuple[tuple[str, str], ...] = ()
        if asked:
            from paceline.probes.machine import (  # noqa: PLC0415  (only where it is kept)
                conditions,
                observe_machine,
            )

            facts = conditions(observe_machine(os.environ))
        return Run(
            id=RunId(uuid.uuid4().hex),
            started=time.time(),
            host=observe_host(os.environ),
            commit=revision.commit,
            branch=revision.branch,
            dirty=revision.dirty,
            settings=(*self._session.settings.changed(), *facts),
            tree=revision.tree,
        )

    def _against(self) -> Compared | None:
        from paceline.engine.judgement import Compared  # noqa: PLC0415  (at the end)

        reference = self._guard.baseline
        if not reference:
            if self._guard.fail_on and not self._session.dropin.compare:
                self._notes.append("rules need something to compare with: name a baseline")
            return None
        try:
            from paceline.engine.history import compared_with  # noqa: PLC0415  (not without one)

            found = compared_with(self._store, reference, root=self._root, head=self._run)
        except StoreError as error:
            self._notes.append(f"not compared: {error}".replace("\n", "; "))
            return Compared(reference, None, unreadable=f"baseline {reference} can't be read")
        if found.recorded is None and self._store.notes:  # a damaged store was set aside
            return Compared(reference, None, unreadable=self._store.notes[-1])
        return found

    def _write(self) -> None:
        """Write the reports that were asked for; one that can't be written costs a line."""
        assert self.judgement is not None  # noqa: S101  (only called once it is made)
        for name in self._session.run.write:
            file = self._root / name
            try:
                from paceline.report.written import rendered  # noqa: PLC0415  (only where asked)

                text = rendered(self.judgement.document, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            except (OSError, PacelineError) as error:
                self._written.append(f"not written: {error}".replace("\n", "; "))
            else:
                self._written.append(f"report  {file}")


def _of_processes(judgement: Judgement) -> Judgement:
    """Leave times of the run and its categories out of what is said of each process."""
    document = judgement.document
    processes = tuple(one for one in document.processes if one.metric.unit != "s")
    return dataclasses.replace(
        judgement, document=dataclasses.replace(document, processes=processes)
    )


def _heard(turns: Turns, report: pytest.TestReport) -> tuple[Resources, ...]:
    """Tell what a report says of its test's turn; give the record of one that crashed."""
    told = report.__dict__  # what reports carry besides: looked up three times a test
    worker = told.get("worker_id", "")
    if not worker and "node" in told:  # of a worker that is gone
        worker = str(told["node"].gateway.id)
    return turns.hear(
        report.nodeid,
        report.when,
        outcome=report.outcome,
        started=report.start,
        worker=worker,
        expected="wasxfail" in told,
    )
