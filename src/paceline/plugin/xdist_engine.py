"""Engine: our plan on pytest-xdist's processes, through the hooks that xdist offers.

Known before collection, xdist's options are set before it reads them, and only its processes
collect. Known later, xdist is started where pytest's own loop would begin, and collects anew.
"""

from __future__ import annotations

import dataclasses
import os
import time
from typing import TYPE_CHECKING, Any, cast

import pytest

from paceline.engine.recorder import open_store
from paceline.errors import StoreError, UsageError
from paceline.plugin.role import Role, project_of
from paceline.plugin.scheme import make_scheme
from paceline.plugin.session import keep_session, session_of
from paceline.plugin.settings import settings_of
from paceline.plugin.xdist_schedule import XdistSchedule
from paceline.probes.capacity import observe_capacity
from paceline.store.options import StoreOptions
from paceline.suite.bound import Bound, Losses, held_back
from paceline.suite.category_options import CategoryOptions
from paceline.suite.category_options import OrderBy as CategoryOrder
from paceline.suite.options import Engine, OrderBy, SuiteOptions
from paceline.suite.order import Order
from paceline.suite.workers import choose_workers
from paceline.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.plugin.scheme import Scheme
    from paceline.plugin.session import Session
    from paceline.suite.plan import Plan, Room

__all__ = ["XdistEngine", "auto_workers", "begin_early", "run_on_xdist", "why_not_xdist"]

_ASKED = "--paceline-engine=xdist"
_NAME = "paceline-xdist"
_MANY = 10**6  # tests, where none are collected yet
_NO_NET = "on pytest-xdist no failure is tried again, so no other order is tried either"


class XdistEngine:
    """Hooks of a controller whose tests run on pytest-xdist's processes."""

    def __init__(
        self,
        config: pytest.Config,
        session: Session,
        reason: str,
        *,
        items: Iterable[pytest.Item] = (),
    ) -> None:
        self._config = config
        self._own = session
        self._reason = reason
        self._items: Mapping[str, pytest.Item] = {item.nodeid: item for item in items}
        self._store = open_store(project_of(config), session.settings.get(StoreOptions))
        self._began = time.monotonic()
        self._collection = 0.0
        self._nodes = 0
        self._ids: Sequence[str] = ()
        self._schedule: XdistSchedule | None = None
        self._scheme: Scheme | None = None
        self._lines: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, specs: Sequence[object]) -> None:
        """Count the processes that the run begins with."""
        self._nodes = len(specs)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> XdistSchedule:
        """Hand out by our plan."""
        self._schedule = XdistSchedule(config, log, nodes=self._nodes, planning=self._planned)
        return self._schedule

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Keep what this order showed, and sum up what the run took."""
        if self._scheme is None or self._schedule is None:
            return
        self._lines += self._sums(self._schedule)
        if not self._own.opted_in:
            return
        passed = exitstatus == pytest.ExitCode.OK and not session.testsfailed
        try:
            self._scheme.learn(self._store, dependent=(), exclusive={}, unforked=(), passed=passed)
        except StoreError as error:
            self._lines.append(f"not kept: {error}".replace("\n", "; "))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say it at the end."""
        for line in self._lines:
            terminalreporter.write_line(f"paceline: {line}")

    def _planned(self, ids: Sequence[str]) -> tuple[Plan, Room]:
        """Plan what the nodes have collected, and say how it is run and why."""
        self._ids = ids
        self._collection = time.monotonic() - self._began
        options = self._own.settings.get(SuiteOptions)
        options = dataclasses.replace(options, workers=str(self._nodes))
        scheme, because = self._scheme_of(ids, options)
        self._scheme = scheme
        order = f"{scheme.plan.order.value} order: {because}"
        plural = "" if self._nodes == 1 else "es"
        line = f"{self._nodes} process{plural} of pytest-xdist, because {self._reason}; {order}"
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self._config.get_verbosity() >= 0:
            reporter.write_line(f"paceline: {line}")
        return scheme.plan, scheme.room

    def _scheme_of(self, ids: Sequence[str], options: SuiteOptions) -> tuple[Scheme, str]:
        """Decide how to run what was collected; nothing is tried out without a net."""
        listed = cast(
            "pytest.Session", _Listed([self._items.get(one) or _Named(one) for one in ids])
        )
        root = self._config.rootpath
        ranked = self._own.settings.get(CategoryOptions).order_by is CategoryOrder.CATEGORY
        scheme = make_scheme(
            listed, options, self._store, root=root, by_category=ranked, forks=False
        )
        if options.order is not OrderBy.AUTO or scheme.plan.order is not Order.SHUFFLED:
            return scheme, scheme.step.because
        options = dataclasses.replace(options, order=OrderBy.SERIAL)
        again = make_scheme(
            listed, options, self._store, root=root, by_category=ranked, forks=False
        )
        return again, _NO_NET

    def _sums(self, schedule: XdistSchedule) -> list[str]:
        """Say what the run took, what it could have taken, and what held it back."""
        took = schedule.took
        if not took:
            return []
        slowest = max(took, key=lambda task: took[task])
        bound = Bound(sum(took.values()), self._collection, took[slowest], self._nodes)
        wall = time.monotonic() - self._began
        losses = Losses(wall, longest=self._ids[slowest])
        least = format_quantity(bound.seconds, "s")
        said = f"wall {format_quantity(wall, 's')}, lower bound {least}"
        share = f"efficiency {min(1.0, bound.efficiency(wall)):.0%} on {self._nodes} processes"
        return [f"{said}, {share}", *(f"held back by: {one}" for one in held_back(bound, losses))]


class _Named:
    """Stands for a test that only xdist's processes have collected: its name is all there is."""

    def __init__(self, node_id: str) -> None:
        self.nodeid = node_id

    def iter_markers(self, name: str = "") -> tuple[pytest.Mark, ...]:  # noqa: ARG002  (pytest's)
        """Give no markers: they were not told."""
        return ()

    def get_closest_marker(self, name: str) -> None:
        """Give no marker either."""


class _Listed:
    """What is planned, as a session holds it."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items


def begin_early(config: pytest.Config, session: Session) -> Session:
    """Let pytest-xdist do everything where it is known before collection that it is to.

    Call it before xdist's own ``pytest_configure``. Gives what the process knows from then on.

    Raises:
        UsageError: xdist is asked for and is not there.
    """
    options = session.settings.get(SuiteOptions)
    if session.role is Role.CONTROLLER and not session.shares:  # -n: the processes are xdist's own
        if options.engine is Engine.XDIST and config.getoption("dist") == "load":
            _register(config, XdistEngine(config, session, _ASKED))
        return session
    if not session.shares or config.option.collectonly or options.explain:
        return session
    reason = _known_early(options.engine)
    if not reason or why_not_xdist(config, options.engine):
        return session
    count = _count(options)
    if count <= 1:
        return session
    _ask_xdist(config, count)
    session = dataclasses.replace(session, shares=False)
    keep_session(config, session)
    _register(config, XdistEngine(config, session, reason))
    return session


def auto_workers(config: pytest.Config) -> int | None:
    """Choose what ``-n auto`` means under our plan; None leaves it to pytest-xdist.

    Raises:
        SettingsError: wrong settings, with their place.
    """
    options = settings_of(config).get(SuiteOptions)
    told = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") or config.option.numprocesses != "auto"
    if told or options.engine is not Engine.XDIST:
        return None
    return _count(dataclasses.replace(options, workers="auto"))


def why_not_xdist(config: pytest.Config, engine: Engine, *, failed: int = 0) -> str:
    """Say why pytest-xdist can't run this suite either, "" where it can.

    ``failed`` counts files that this process could not collect.

    Raises:
        UsageError: xdist is asked for and is not there.
    """
    if _xdist(config) is None:
        if engine is Engine.XDIST:
            remedy = "install pytest-xdist, or leave the engine to Paceline"
            raise UsageError(f"{_ASKED} needs pytest-xdist, which is not there", remedy=remedy)
        return "pytest-xdist is not there"
    if config.option.numprocesses == 0:
        return "-n0 wants no processes of pytest-xdist"
    if config.getoption("usepdb", False):
        return "--pdb can't reach processes of pytest-xdist"
    if failed:
        return "pytest-xdist would report again what can't be collected"
    coverage = getattr(config.pluginmanager.get_plugin("_cov"), "cov_controller", None)
    if coverage is not None and not hasattr(coverage, "configure_node"):
        return f"pytest-cov watches this one only (with -n 2 {_ASKED} it watches all)"
    return ""


def run_on_xdist(session: pytest.Session, scheme: Scheme, reason: str) -> bool:
    """Start pytest-xdist after collection and run everything on it, as its own run loop does.

    `why_not_xdist` has nothing to say, and nothing failed to be collected.
    """
    config, manager = session.config, session.config.pluginmanager
    own = session_of(config)
    assert own is not None  # noqa: S101  (it asked for workers)
    _register(config, XdistEngine(config, own, reason, items=session.items))
    if own.run.serial:
        from paceline.plugin.serial import Lock  # noqa: PLC0415  (only when asked)

        manager.register(Lock(), "paceline-serial")
    _ask_xdist(config, scheme.plan.workers)
    _xdist(config).pytest_configure(config=config)
    run: Any = manager.get_plugin("dsession")
    told = run.worker_collectreport

    def collected(node: Any, rep: pytest.CollectReport) -> None:
        """Hear what could not be collected; what was skipped was said by this process before."""
        if not rep.skipped:
            told(node=node, rep=rep)

    run.worker_collectreport = collected
    run.pytest_sessionstart(session=session)
    return bool(run.pytest_runtestloop())


def _known_early(engine: Engine) -> str:
    if engine is Engine.XDIST:
        return _ASKED
    if engine is Engine.AUTO and not hasattr(os, "fork"):
        return "this system has no fork"
    return ""


def _count(options: SuiteOptions) -> int:
    """Choose how many processes, though nobody knows yet how many tests there are."""
    if options.workers != "auto":
        return int(options.workers) if options.workers.isdecimal() else 0  # refused later
    return choose_workers(
        observe_capacity(), tests=_MANY, seconds=float("inf"), cap=options.most_workers
    ).count


def _xdist(config: pytest.Config) -> Any:
    """Find xdist's plugin, under the name of its entry point or its module's own."""
    manager = config.pluginmanager
    return manager.get_plugin("xdist") or manager.get_plugin("xdist.plugin")


def _ask_xdist(config: pytest.Config, count: int) -> None:
    """Set what ``-n`` would have set; plugins that look for parallel runs look there."""
    option = config.option
    if option.maxprocesses:
        count = min(count, option.maxprocesses)
    vars(option).update(numprocesses=count, dist="load", tx=["popen"] * count)


def _register(config: pytest.Config, engine: XdistEngine) -> None:
    config.pluginmanager.register(engine, _NAME)
