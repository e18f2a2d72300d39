"""Fork state: what a forked worker must make its own before the first test."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.plugin.node import gatherers_of, identity, listeners_of
from paceline.plugin.pytest_internals import (
    own_capture,
    own_temporary_folder,
    temporary_folder,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

__all__ = ["ForkState", "finish_session", "finish_worker", "merge_coverage"]

_REPORTERS = (
    "_pytest.terminal",
    "_pytest.junitxml",
    "_pytest.pastebin",
    "pytest_html",
    "pytest_jsonreport",
    "pytest_reportlog",
    "pytest_cov",
    "pytest_metadata",
    "pytest_sugar",
)
"""Modules of plugins whose part is the controller's: what tests report, and what becomes of it."""

_SUFFIX = "paceline"
_TERMINAL = "terminalreporter"


class _StandIn:
    """Stands for the terminal's reporter in a worker: it has what others read, and hears nothing.

    pytest's own writer for the terminal is looked for under the reporter's name.
    """

    def __init__(self, reporter: object) -> None:
        self._reporter = reporter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reporter, name)


class ForkState:
    """What this process holds that its forks must not share; made just before they are forked."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self.temporary = temporary_folder(config)
        self._pools = _pools_of_connections()

    def become_worker(
        self, number: int, given: dict[str, Any], *, captures: Sequence[int], base: int
    ) -> None:
        """Make this forked process a worker that plugins take for one of pytest-xdist's.

        ``given`` is its ``workerinput``, ``captures`` and ``base`` are for `own_capture`.
        """
        config: Any = self._config
        name = identity(number)
        os.environ["PYTEST_XDIST_WORKER"] = name
        os.environ["PYTEST_XDIST_WORKER_COUNT"] = str(given["workercount"])
        os.environ["PYTEST_XDIST_TESTRUNUID"] = given["testrunuid"]
        config.workerinput = given
        config.workeroutput = {}
        _forget_exits()
        own_capture(config, captures, base=base)
        own_temporary_folder(config, name)
        _reopen_logs()
        _own_coverage(name)
        for pool in self._pools:
            pool.dispose(close=False)
        reporter = config.pluginmanager.get_plugin(_TERMINAL)
        for plugin in list(config.pluginmanager.get_plugins()):
            if plugin is reporter or _is_reporter(plugin):
                config.pluginmanager.unregister(plugin)
        if reporter is not None:
            config.pluginmanager.register(_StandIn(reporter), _TERMINAL)


def finish_session(session: pytest.Session) -> None:
    """Let plugins that hear of a worker's end say in the worker what they then look for.

    They put it into ``config.workeroutput`` when their session finishes; all others' session ends
    in the controller only.
    """
    config, name = session.config, "pytest_sessionfinish"
    gatherers = gatherers_of(config)
    others = [one for one in listeners_of(config, name) if one not in gatherers]
    call = config.pluginmanager.subset_hook_caller(name, others)
    call(session=session, exitstatus=session.exitstatus)


def finish_worker() -> None:
    """Keep what would be lost when the process ends without its interpreter's own end."""
    coverage = _coverage()
    if coverage is not None:
        coverage.stop()
        coverage.save()
    run = getattr(atexit, "_run_exitfuncs", None)
    if run is not None:
        run()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def merge_coverage() -> None:
    """Add the workers' coverage to this process's own, and remove their files."""
    coverage = _coverage()
    if coverage is None:
        return
    own = coverage.get_data()
    base = Path(own.base_filename())
    for path in sorted(base.parent.glob(f"{base.name}.{_SUFFIX}.{os.getpid()}.*")):
        data = type(own)(str(path))
        data.read()
        own.update(data)
        path.unlink()


def _is_reporter(plugin: object) -> bool:
    module = getattr(plugin, "__module__", None) or getattr(plugin, "__name__", "") or ""
    hooked = not isinstance(plugin, type(sys))  # the modules themselves keep their other hooks
    return hooked and str(module).startswith(_REPORTERS)


def _forget_exits() -> None:
    """Leave what the parent registered for its own end to the parent, as multiprocessing does."""
    clear = getattr(atexit, "_clear", None)
    if clear is not None:
        clear()
    processes = sys.modules.get("multiprocessing.util")
    if processes is not None:
        atexit.register(processes._exit_function)  # noqa: SLF001


def _reopen_logs() -> None:
    """Write log files at their end, each process through a descriptor of its own."""
    for handler in _file_handlers():
        if handler.stream is None:
            continue
        handler.acquire()
        try:
            handler.close()
            handler.mode = "a"
            handler.stream = handler._open()  # noqa: SLF001
        finally:
            handler.release()


def _file_handlers() -> Iterator[logging.FileHandler]:
    loggers: list[Any] = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    seen = set()
    for one in loggers:
        for handler in getattr(one, "handlers", ()):
            if isinstance(handler, logging.FileHandler) and id(handler) not in seen:
                seen.add(id(handler))
                yield handler


def _coverage() -> Any:
    """Give the coverage that measures this process, None where none does."""
    module = sys.modules.get("coverage")
    return module.Coverage.current() if module is not None else None


def _own_coverage(name: str) -> None:
    """Let this process's coverage go to a file beside the parent's.

    coverage sees a fork by itself and chooses its file anew, with the suffix that its data keeps.
    """
    coverage = _coverage()
    if coverage is None:
        return
    data = getattr(coverage, "_data", None)
    suffix = f"{_SUFFIX}.{os.getppid()}.{name}.{os.getpid()}"
    if data is None:
        coverage._data_suffix_specified = suffix  # noqa: SLF001  (its data are not made yet)
    else:
        data._suffix = suffix  # noqa: SLF001


def _pools_of_connections() -> list[Any]:
    """Find what keeps connections open: Django's are closed now, SQLAlchemy's engines listed."""
    django = sys.modules.get("django.db")
    if django is not None and sys.modules["django.conf"].settings.configured:
        django.connections.close_all()
    module = sys.modules.get("sqlalchemy.engine")
    if module is None:
        return []
    return [one for one in gc.get_objects() if isinstance(one, module.Engine)]
