"""Session: saved runs, comparison and table of a whole run, where every report is heard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.dropin_options import LATEST
from paceline.engine.options import Mode
from paceline.errors import PacelineError, StoreError
from paceline.guard.dropin import parse_expression, regressions, require_comparison
from paceline.guard.options import GuardOptions
from paceline.plugin.activation import FILES
from paceline.plugin.dropin import defaults, naming
from paceline.plugin.dropin.logger import Logger
from paceline.plugin.dropin.metadata import About, Metadata, abouts
from paceline.plugin.dropin.plan import option_facts
from paceline.plugin.role import Role
from paceline.plugin.transport import unpack
from paceline.probes.dropin import machine_id
from paceline.probes.options import BenchmarkOptions
from paceline.report.dropin.names import shown
from paceline.report.options import Detail, Style, TableOptions
from paceline.store.dropin import Storage, autosave_name, source_of
from paceline.store.dropin.writing import dumps, flat

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from paceline.guard.dropin import Check
    from paceline.plugin.session import Session

__all__ = ["BenchmarkSession", "PerformanceRegression", "start_files"]


class PerformanceRegression(Exception):  # noqa: N818  (the name that users know)
    """A benchmark lies further above its saved run than was allowed."""


def start_files(config: pytest.Config, session: Session) -> None:
    """Register what keeps and compares runs, and give it the name that users reach it by."""
    manager = config.pluginmanager
    manager.register(defaults, "paceline-dropin-defaults")
    made = BenchmarkSession(config, session)
    config._benchmarksession = made  # type: ignore[attr-defined]  # noqa: SLF001  (users' name)
    if session.role is not Role.WORKER:
        made.load_compared()
        manager.register(made, FILES)
    elif session.rests and getattr(config, "workerinput", {}).get("workerid") == "gw0":
        from paceline.plugin.dropin.resting import Resting  # noqa: PLC0415  (not without xdist)

        manager.register(Resting(made.logger), "paceline-dropin-resting")


def _checks(session: Session, table: TableOptions) -> tuple[Check, ...]:
    """Read the rules that a saved run is held against: not those about a baseline of ours."""
    guard = session.settings.get(GuardOptions)
    about_saved = session.dropin.compare or (table.style is Style.DROPIN and not guard.baseline)
    return tuple(map(parse_expression, guard.fail_on)) if about_saved else ()


class BenchmarkSession:
    """All benchmarks of a run as hooks see them; ``benchmarks`` grows with every report.

    Names of attributes are those that conftests of pytest-benchmark's users read.
    """

    def __init__(self, config: pytest.Config, session: Session) -> None:
        table = session.settings.get(TableOptions)
        asked = session.dropin
        self.config = config
        self.verbose = table.detail is Detail.VERBOSE
        self.quiet = table.detail is Detail.QUIET
        level = {Detail.QUIET: Logger.QUIET, Detail.VERBOSE: Logger.VERBOSE}
        self.logger = Logger(level.get(table.detail, Logger.NORMAL), config)
        self.machine_id = machine_id()
        self.storage = Storage(asked.storage, self.machine_id)
        options = session.settings.get(BenchmarkOptions)
        self.options = option_facts(options) | {"timer": options.timer}
        self.skip = session.run.mode is Mode.SKIP
        self.only = session.run.mode is Mode.ONLY
        self.disabled = not session.timed
        self.columns = [one.value for one in table.columns]
        self.sort = table.sort.value
        self.group_by = ",".join(table.group_by)
        self.name_format = partial(shown, form=table.name.value)
        self.save, self.autosave, self.save_data = asked.save, asked.autosave, asked.save_data
        self.json, self.compare = asked.json, asked.compare
        self.compare_fail = _checks(session, table)
        self.histogram, self.cprofile = asked.histogram, asked.cprofile
        self.benchmarks: list[Metadata] = []
        self.performance_regressions: list[tuple[str, str]] = []
        self.compared_mapping: dict[Path, dict[str, dict[str, Any]]] = {}
        self.groups: list[tuple[str | None, list[dict[str, Any]]]] = []
        self._parameters: dict[str, Any] = {}  # by their text
        self._form = table.name.value
        self._tabled = session.style is Style.DROPIN or bool(asked.compare)
        self._refused = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take benchmarks off a report; the last attempt of a test is the one that counts."""
        if report.when == "setup":
            self.benchmarks[:] = [one for one in self.benchmarks if one.node_id != report.nodeid]
        told = {one.case: one for one in abouts(report, self._parameters)}
        for one in self.benchmarks:
            if one.case in told:
                one.tell(told[one.case])
        for measurement in unpack(report)[0]:
            if measurement.metric.name == "wall_time" and measurement.values:
                about = told.get(str(measurement.case.id)) or About.of(measurement.case)
                self.benchmarks.append(Metadata(measurement, about))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int
    ) -> Generator[None, object, object]:
        """Save, compare and judge, before the summary says it; a regression fails the run."""
        status = 0
        try:
            status = self.finish()
        except (PacelineError, OSError) as error:
            self._refused = f"ERROR: {error}"
            status = getattr(error, "exit_code", int(pytest.ExitCode.USAGE_ERROR))
        result = yield
        if exitstatus == session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = status
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what session finish found."""
        from paceline.plugin.dropin.showing import show  # noqa: PLC0415  (at the end)

        show(self, terminalreporter)
        if self._refused:
            self.logger.error(self._refused)

    @property
    def tabled(self) -> bool:
        """Whether the table of this style is to be shown."""
        return self._tabled and not self.quiet and bool(self.groups)

    @property
    def form(self) -> str:
        """How much of a name the table shows: short, normal, long or trial."""
        return self._form

    def get_machine_info(self) -> dict[str, Any]:
        """Describe this machine as the hooks have it."""
        hook = self.config.hook
        found: dict[str, Any] = hook.pytest_benchmark_generate_machine_info(config=self.config)
        hook.pytest_benchmark_update_machine_info(config=self.config, machine_info=found)
        return found

    def get_commit_info(self) -> dict[str, Any]:
        """Describe this commit as the hooks have it."""
        hook = self.config.hook
        found: dict[str, Any] = hook.pytest_benchmark_generate_commit_info(config=self.config)
        hook.pytest_benchmark_update_commit_info(config=self.config, commit_info=found)
        return found

    def load_compared(self) -> None:
        """Read the run to compare with, and say which it is."""
        if not self.compare:
            return
        if self.compare == LATEST:
            found = self.storage.load()[-1:]
        else:
            found = self.storage.load(self.compare)
        for note in self.storage.notes:
            self.logger.warning(note)
        if not found:
            last, where = self.compare == LATEST, str(self.storage)
            why = ". Can't load the previous benchmark." if last else f" match {self.compare!r}."
            said = f"Can't compare. No benchmark files in {where!r}{why}"
            self.logger.warning(said)
        here = self.get_machine_info() if found else {}
        for path, document in found:
            self.config.hook.pytest_benchmark_compare_machine_info(
                config=self.config,
                benchmarksession=self,
                machine_info=here,
                compared_benchmark=document,
            )
            self.compared_mapping[path] = {one["fullname"]: one for one in document["benchmarks"]}
            self._say("Comparing against benchmarks from", path)

    def finish(self) -> int:
        """Write and save, group what was measured, and give the exit status: 1 for a regression.

        Raises:
            UsageError: a rule without a saved run to compare with.
        """
        self._keep()
        entries = list(self._entries())
        if entries:
            self.groups = self.config.hook.pytest_benchmark_group_stats(
                config=self.config, benchmarks=entries, group_by=self.group_by
            )
            require_comparison(self.compare_fail, compared=bool(self.compared_mapping))
        return int(pytest.ExitCode.TESTS_FAILED) if self.performance_regressions else 0

    def _say(self, what: str, file: Path | str) -> None:
        said = f"{what}: {file}"
        self.logger.info(said)

    def _keep(self) -> None:
        wanted = self.save or self.autosave
        if not (wanted or self.json):
            return
        if not self.benchmarks:
            if not self.disabled:
                self.logger.warning("Not saving anything, no benchmarks have been run!")
            return
        machine, commit = self.get_machine_info(), self.get_commit_info()
        if self.json:
            self._write(dumps(self._document(machine, commit, include_data=True)))
            self._say("Wrote benchmark data in", self.json)
        if wanted:
            document = self._document(machine, commit, include_data=self.save_data)
            name = self.save or autosave_name(commit, naming.now())
            self._say("Saved benchmark data in", self.storage.save(document, name))

    def _write(self, text: str) -> None:
        file = self.config.invocation_params.dir / self.json
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="ascii")
        except OSError as error:
            raise StoreError(
                f"--benchmark-json={self.json} can't be written: {error.strerror}",
                remedy="name a file in a folder that can be written",
            ) from error

    def _document(
        self, machine: dict[str, Any], commit: dict[str, Any], *, include_data: bool
    ) -> dict[str, Any]:
        hook = self.config.hook
        document: dict[str, Any] = hook.pytest_benchmark_generate_json(
            config=self.config,
            benchmarks=self.benchmarks,
            include_data=include_data,
            machine_info=machine,
            commit_info=commit,
        )
        hook.pytest_benchmark_update_json(
            config=self.config, benchmarks=self.benchmarks, output_json=document
        )
        return document

    def _entries(self) -> Iterator[dict[str, Any]]:
        """Give each benchmark after the saved ones of its name, flat, and note regressions."""
        for one in self.benchmarks:
            now = one.as_dict(include_data=False, flat=True)
            named = one.as_dict(include_data=False, stats=False)
            compared = False
            for path, saved in self.compared_mapping.items():
                if one.fullname not in saved:
                    continue
                compared = True
                source = source_of(path, self.machine_id)
                then = flat({**named, "stats": saved[one.fullname]["stats"]}, path=str(path))
                then["source"] = source
                broken = regressions(self.compare_fail, now, then)
                self.performance_regressions += [(self.name_format(then), said) for said in broken]
                yield then
            yield {**now, "path": None, "source": "NOW" if compared else None}
