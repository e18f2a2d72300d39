"""Activation: start the parts of the plugin that this process needs, when it needs them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from paceline.plugin.flags import FLAGS, INI
from paceline.plugin.marked import LIMITED, REPEATED, TIMED
from paceline.plugin.role import Role, opted_in, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paceline.model import Budget, Resources
    from paceline.plugin.resources import ResourceRecording
    from paceline.plugin.session import Session
    from paceline.suite.past import Past

    Keep = Callable[[Sequence[Resources]], object]

__all__ = [
    "FILES",
    "PARALLEL",
    "TIMEOUTS",
    "act_on",
    "activate_if_asked",
    "load_before_fork",
    "wake",
    "work_here",
]

PARALLEL = "paceline-parallel"
"""The name of the plugin that runs a suite on several workers."""

TIMEOUTS = "paceline-timeouts"
"""The name of the plugin that keeps time limits."""

FILES = "pytest-benchmark"
"""The name of the plugin that keeps saved runs and comparisons, as it was before."""

_GATHERING = "paceline-gathering"
_RECORDING = "paceline-recording"
_MARKS = pytest.StashKey[frozenset[str]]()


def activate_if_asked(config: pytest.Config) -> None:
    """Wake where flags, ini keys or the table ask for it, or where workers may report."""
    side = config.getoption("paceline_side")
    if side:
        _join(config, side)
        return
    asked = opted_in(config) or any(_given(config, dest) for _, dest, *_ in FLAGS)
    asked = asked or any(config.getini(key) for key, _ in INI)
    if asked or "SKIP_SLOW_TESTS" in os.environ or _stands_in(config):
        wake(config)
    elif role_of(config) is Role.CONTROLLER:
        _listen(config)


def _join(config: pytest.Config, side: str) -> None:
    from paceline.errors import PacelineError  # noqa: PLC0415  (only where it is used)
    from paceline.plugin.paired import join  # noqa: PLC0415

    try:
        join(config, side)
    except PacelineError as error:
        raise pytest.UsageError(str(error)) from error


def _listen(config: pytest.Config) -> None:
    from paceline.plugin.listener import Listener  # noqa: PLC0415  (not without workers)

    def awaken(report: pytest.TestReport) -> None:
        config.pluginmanager.unregister(listener)
        wake(config)
        gathering: Any = config.pluginmanager.get_plugin(_GATHERING)
        gathering.pytest_runtest_logreport(report)

    listener = Listener(awaken)
    config.pluginmanager.register(listener, "paceline-listener")


def wake(config: pytest.Config) -> Session:
    """Register the hooks that this process needs, once; wrong settings end pytest."""
    from paceline.errors import PacelineError  # noqa: PLC0415  (only where it is used)
    from paceline.plugin.session import open_session, session_of  # noqa: PLC0415

    session = session_of(config)
    if session is not None:
        return session
    from paceline.suite.options import Engine, SuiteOptions  # noqa: PLC0415  (as above)

    try:
        session = open_session(config)
        suite = session.settings.get(SuiteOptions)
        elsewhere = suite.engine is Engine.XDIST or not sys.platform.startswith("linux")
        if elsewhere:
            from paceline.plugin.xdist_engine import begin_early  # noqa: PLC0415  (only when asked)

            session = begin_early(config, session)
        _register(config, session)
    except PacelineError as error:
        raise pytest.UsageError(str(error)) from error
    return session


def _register(config: pytest.Config, session: Session) -> None:
    from paceline.engine.options import Mode  # noqa: PLC0415  (only where it is used)
    from paceline.report.options import Style  # noqa: PLC0415  (as above)

    manager = config.pluginmanager
    budgets: tuple[Budget, ...] = ()
    keep: Keep | None = None
    if session.role is not Role.WORKER:
        from paceline.plugin.gathering import Gathering  # noqa: PLC0415  (not on a worker)

        gathering = Gathering(config, session)
        keep = gathering.keep if session.role is Role.SINGLE else None
        budgets = gathering.budgets if session.collects else ()
        manager.register(gathering, _GATHERING)
    if session.files:
        from paceline.plugin.dropin.session import start_files  # noqa: PLC0415  (only when asked)

        start_files(config, session)
    if session.records and (session.collects or session.role is Role.WORKER):
        from paceline.plugin.collecting import Collecting  # noqa: PLC0415  (only with records)

        manager.register(Collecting(config), "paceline-collecting")
    if session.role is not Role.CONTROLLER:
        _measure(config, session, keep)
    if session.opted_in or session.run.mode is not Mode.ALL or session.run.serial:
        from paceline.plugin.selecting import Selecting  # noqa: PLC0415  (only when asked)

        selecting = Selecting(session.run, budgets, skips=session.style is Style.DROPIN)
        manager.register(selecting, "paceline-selecting")
    _register_limits(config, session)
    _start_suite(config, session)
    _share(config, session)


def _share(config: pytest.Config, session: Session) -> None:
    """Register what hands tests to workers, or keeps benchmarks apart among them."""
    manager = config.pluginmanager
    if session.shares:
        from paceline.plugin.parallel import Parallel  # noqa: PLC0415  (only when asked)

        manager.register(Parallel(config, session), PARALLEL)
        if not manager.hasplugin("xdist"):
            from paceline.plugin import worker_fixtures  # noqa: PLC0415  (theirs come first)

            manager.register(worker_fixtures, "paceline-worker-fixtures")
    elif session.run.serial and session.role is not Role.SINGLE:
        from paceline.plugin.serial import Lock, Serial  # noqa: PLC0415  (only when asked)

        lock = Serial(config) if session.role is Role.WORKER else Lock()
        manager.register(lock, "paceline-serial")


def _start_suite(config: pytest.Config, session: Session) -> None:
    """Register what looks at the collected tests once."""
    from paceline.plugin.categories import start_categories  # noqa: PLC0415  (only when awake)
    from paceline.plugin.collection import start_collection  # noqa: PLC0415  (as above)
    from paceline.suite.category_options import CategoryOptions  # noqa: PLC0415  (as above)
    from paceline.suite.collection_options import CollectionOptions  # noqa: PLC0415  (as above)

    categories = session.settings.get(CategoryOptions)
    collection = session.settings.get(CollectionOptions)
    role = Role.SINGLE if session.collects else session.role
    past = None
    if categories.skip_slow or collection.dry_run or "SKIP_SLOW_TESTS" in os.environ:
        past = _past(config, session)
    start_categories(config, categories, role=role, environment=os.environ, past=past)
    start_collection(config, collection, role=role, past=past)


def _past(config: pytest.Config, session: Session) -> Past | None:
    """Read what is recorded of the suite; where that can't be read, nothing is known."""
    from paceline.engine.recorder import open_store  # noqa: PLC0415  (only when asked)
    from paceline.errors import StoreError  # noqa: PLC0415  (as above)
    from paceline.plugin.role import project_of  # noqa: PLC0415  (as above)
    from paceline.store.options import StoreOptions  # noqa: PLC0415  (as above)

    try:
        return open_store(project_of(config), session.settings.get(StoreOptions)).past()
    except StoreError:
        return None


def _register_limits(config: pytest.Config, session: Session) -> None:
    """Register what surrounds tests where it was asked for; forked workers inherit it."""
    from paceline.probes.collector_options import CollectorOptions  # noqa: PLC0415  (when awake)
    from paceline.suite.timeout_options import TimeoutOptions  # noqa: PLC0415  (as above)

    limits = session.settings.get(TimeoutOptions)
    if limits.test or limits.run:
        from paceline.plugin.timeouts import Timeouts  # noqa: PLC0415  (only when asked)

        config.pluginmanager.register(Timeouts(config, limits), TIMEOUTS)
    if any(key == "collector.policy" for key, _ in session.settings.changed()):
        from paceline.plugin.collector import Collecting  # noqa: PLC0415  (only when asked)

        policy = session.settings.get(CollectorOptions)
        config.pluginmanager.register(Collecting(policy), "paceline-collector")


def _measure(
    config: pytest.Config, session: Session, keep: Keep | None
) -> ResourceRecording | None:
    """Register what measures in a process that runs tests."""
    from paceline.plugin.recording import Recording  # noqa: PLC0415  (not on a controller)

    config.pluginmanager.register(Recording(with_properties=session.opted_in), _RECORDING)
    if session.files:
        from paceline.plugin.dropin.recording import Telling  # noqa: PLC0415  (only when asked)

        config.pluginmanager.register(Telling(), "paceline-dropin-recording")
    if not session.records:
        return None
    from paceline.plugin.resources import ResourceRecording  # noqa: PLC0415  (as above)
    from paceline.probes.resource_options import ResourceOptions  # noqa: PLC0415

    part = ResourceRecording(config, session.settings.get(ResourceOptions), keep=keep)
    config.pluginmanager.register(part, "paceline-resources")
    return part


def load_before_fork() -> None:
    """Load what every worker needs, so that it is loaded once."""
    import paceline.plugin.recording  # noqa: PLC0415  (only where workers are forked)
    import paceline.plugin.resources  # noqa: F401, PLC0415  (as above)


def work_here(pytest_session: pytest.Session) -> ResourceRecording | None:
    """Let a process that has collected measure the tests that it now runs.

    A worker that was forked, or a controller that found that it is to run alone.
    """
    import dataclasses  # noqa: PLC0415  (only where several workers were asked for)

    from paceline.plugin.session import keep_session, session_of  # noqa: PLC0415  (as above)

    config = pytest_session.config
    session = session_of(config)
    assert session is not None  # noqa: S101  (it asked for workers)
    gathering: Any = config.pluginmanager.get_plugin(_GATHERING)
    given = getattr(config, "workerinput", None)
    if given is not None:
        conditions = (("workers", str(given["workercount"])),)
        session = dataclasses.replace(session, role=Role.WORKER, conditions=conditions)
        for one in filter(config.pluginmanager.has_plugin, (_GATHERING, PARALLEL, FILES)):
            config.pluginmanager.unregister(name=one)
    else:
        session = dataclasses.replace(session, role=Role.SINGLE)
    keep_session(config, session)
    part = _measure(config, session, gathering.keep if session.role is Role.SINGLE else None)
    if part is not None:
        part.pytest_runtestloop()
    _act(config, session, config.stash.get(_MARKS, frozenset()))
    return part


def act_on(config: pytest.Config, marks: frozenset[str]) -> None:
    """Start what markers on collected tests ask for, before the first of them is set up.

    Not in a side of a comparison: there times are taken, and tracing would bend them. Where
    workers are to be forked, they start it.
    """
    if config.pluginmanager.has_plugin(PARALLEL):
        config.stash[_MARKS] = marks
        return
    idle = not marks and not config.pluginmanager.has_plugin(_RECORDING)
    if not idle and not config.getoption("paceline_side"):
        _act(config, wake(config), marks)


def _act(config: pytest.Config, session: Session, marks: frozenset[str]) -> None:
    from paceline.probes.memory_options import MemoryOptions  # noqa: PLC0415  (only when awake)

    options = session.settings.get(MemoryOptions)
    if LIMITED in marks or options.traces_all:
        from paceline.plugin.memory_limit import MemoryLimits  # noqa: PLC0415

        config.pluginmanager.register(MemoryLimits(config, options), "paceline-memory-limits")
    manager = config.pluginmanager
    if TIMED in marks and not (manager.hasplugin("timeout") or manager.has_plugin(TIMEOUTS)):
        from paceline.plugin.timeouts import Timeouts  # noqa: PLC0415  (only when asked)
        from paceline.suite.timeout_options import TimeoutOptions  # noqa: PLC0415

        limits = session.settings.get(TimeoutOptions)
        manager.register(Timeouts(config, limits), TIMEOUTS)
    if REPEATED in marks:
        from paceline.plugin.leaks import NoLeaks  # noqa: PLC0415

        config.pluginmanager.register(NoLeaks(session), "paceline-no-leaks")


def _stands_in(config: pytest.Config) -> bool:
    """Tell whether a plugin stands in for pytest-benchmark by name, whose session users expect."""
    names = ("benchmark", "pytest_benchmark.plugin")
    return any(hasattr(config.pluginmanager.get_plugin(name), "PACELINE_STYLE") for name in names)


def _given(config: pytest.Config, dest: str) -> bool:
    return getattr(config.option, dest, None) is not None
