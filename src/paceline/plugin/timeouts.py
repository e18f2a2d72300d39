"""Timeouts: how long a test and the whole run may take, kept by the system's alarm."""

from __future__ import annotations

import faulthandler
import linecache
import math
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline import units
from paceline.errors import PacelineError, SettingsError, UnitError
from paceline.plugin.marked import TIMED  # ours where pytest-timeout is not there
from paceline.plugin.markers import place_of
from paceline.plugin.settings import settings_of
from paceline.probes.clock import Real
from paceline.suite.timeout_options import TimeoutOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType

__all__ = ["Timeouts", "limit_of"]

_OPTIONS = pytest.StashKey["TimeoutOptions"]()
_PEER = "timeout"
_PEERS_WORDS = frozenset({"method", "func_only"})
_PEERS_VARIABLE = "PYTEST_TIMEOUT"
_GRACE = 5.0  # seconds until a test that swallowed its failure is told again
_INSTALLED = "site-packages"
_SHORTEST = 1e-6
_NOT_THE_TESTS = ("/_pytest/", "/pluggy/", "/pytest/__main__.py", "<frozen runpy>", f'"{__file__}"')
_UNSURE = "time limits of tests are not kept here (unsure): {}"


def limit_of(item: pytest.Item) -> float:
    """Give the seconds that a test may take, 0 for no limit and for one that can't be read."""
    try:
        return _limit(item)
    except PacelineError:  # said when the test is set up
        return 0.0


class Timeouts:
    """One alarm for each attempt at a test, and a look at the clock after it for the run.

    ``grace`` is in seconds: what a test that goes on after its alarm has until the second one.
    """

    def __init__(
        self,
        config: pytest.Config,
        options: TimeoutOptions,
        *,
        grace: float = _GRACE,
        clock: Callable[[], float] = Real.monotonic,
    ) -> None:
        config.stash[_OPTIONS] = options
        self._options = options
        self._root = config.rootpath
        self._clock = clock
        self._began = clock()
        self._alarm = _Alarm(config.rootpath, grace)
        self._begun = 0
        self.trouble = "" if hasattr(signal, "setitimer") else "this system has no alarm signal"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Stop the run after this test when its time is over and another one would follow."""
        self._begun += 1
        try:
            result = yield
        finally:
            self._alarm.stop()
        said = self.over()
        if said and nextitem is not None:
            left = item.session.testscollected - self._begun
            told = f"{said}; {left} of {item.session.testscollected} tests were not begun"
            item.session.shouldstop = item.session.shouldstop or told
        return result

    def over(self) -> str:
        """Say that the run's time is over, "" while it is not."""
        limit = self._options.run
        if not limit or self._clock() - self._began < limit:
            return ""
        return f"the run's time limit of {_seconds(limit)} is over"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Set the alarm: each attempt at a test has the whole time."""
        try:
            limit, wrong = _limit(item), ""
        except PacelineError as error:
            limit, wrong = 0.0, str(error)
        if limit and not self.trouble:
            self.trouble = self._alarm.start(item, limit)
        with self._alarm:
            yield
        if wrong:  # not before: teardown counts on what other plugins set up
            pytest.fail(wrong, pytrace=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, None, None]:
        """Let the alarm end the test's own code."""
        with self._alarm:
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, None, None]:
        """Let the alarm end the teardown; after a timeout it has the whole time once more."""
        self._alarm.again()
        try:
            with self._alarm:
                return (yield)
        finally:
            self._alarm.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add what all threads did when the alarm went off."""
        report = yield
        stacks = self._alarm.stacks
        if call.excinfo is not None and stacks:
            report.sections.append(("stacks of all threads at the time limit", stacks))
            self._alarm.stacks = ""
        return report

    def pytest_enter_pdb(self) -> None:
        """Hold the alarm: a person needs time."""
        self._alarm.pause()

    def pytest_leave_pdb(self) -> None:
        """Go on with what was left of the time."""
        self._alarm.resume()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Leave the system's alarm as it was found."""
        self._alarm.stop()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say once where limits could not be kept."""
        if self.trouble:
            terminalreporter.write_line(_UNSURE.format(self.trouble))


class _Alarm:
    """The process's one alarm, ours from a test's set-up to its teardown.

    It raises only while a phase of the test runs, since an error between them would end pytest;
    what falls between them is raised in the next phase.
    """

    def __init__(self, root: Path, grace: float) -> None:
        self._root = root
        self._grace = grace
        self._file = Path()
        self._node_id = ""
        self._limit = 0.0
        self._depth = 0
        self._raised = 0
        self._overdue = False
        self._held: float | None = None
        self._kept: tuple[Any, float, float] | None = None
        self.stacks = ""

    def start(self, item: pytest.Item, limit: float) -> str:
        """Set the alarm for a test; say why where that can't be done."""
        self.stop()
        self._file, self._node_id, self._limit = item.path, item.nodeid, limit
        try:
            handler = signal.signal(signal.SIGALRM, self._ring)
        except ValueError:  # signals are heard in the main thread alone
            return "tests don't run in the main thread"
        left, _ = signal.setitimer(signal.ITIMER_REAL, limit)
        self._kept = handler, left, Real.monotonic()
        self._raised, self._overdue, self._held, self.stacks = 0, False, None, ""
        return ""

    def again(self) -> None:
        """Set the alarm once more after it went off, be it that the test had just ended."""
        if self._kept is not None and (self._raised or self._overdue):
            self._raised, self._overdue = 0, False
            self._set(self._limit)

    def stop(self) -> None:
        """Put back what was there before, but for a handler that the test itself put there."""
        kept, self._kept = self._kept, None
        if kept is None:
            return
        handler, left, since = kept
        # == as each look at a method makes a new object
        if signal.getsignal(signal.SIGALRM) != self._ring:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
        if left:
            rest = max(_SHORTEST, left - (Real.monotonic() - since))
            signal.setitimer(signal.ITIMER_REAL, rest)

    def pause(self) -> None:
        """Hold the alarm."""
        if self._kept is not None and self._held is None:
            self._held = signal.getitimer(signal.ITIMER_REAL)[0]
            self._set(0)

    def resume(self) -> None:
        """Let the alarm go on where it was held."""
        held, self._held = self._held, None
        if held:
            self._set(held)

    def __enter__(self) -> None:
        if self._overdue:
            self._fail(None)
        self._depth += 1

    def __exit__(self, kind: object, *_: object) -> None:
        self._depth -= 1
        if self._raised and self._kept is not None:
            self._set(0)
            if kind is None:  # swallowed, or raised where Python can't pass it on
                self._fail(None)

    def _set(self, seconds: float) -> None:
        if signal.getsignal(signal.SIGALRM) == self._ring:
            signal.setitimer(signal.ITIMER_REAL, seconds)

    def _ring(self, _number: int, frame: FrameType | None) -> None:
        __tracebackhide__ = True
        if self._kept is None or self._held is not None or _debugged():
            return
        if self._depth:
            self._fail(frame)
        self._overdue = True

    def _fail(self, frame: FrameType | None) -> None:
        __tracebackhide__ = True
        self._overdue = False
        self._raised += 1
        if frame is not None:
            self.stacks = self.stacks or _stacks()
            if self._raised == 1:  # a third time nobody would listen either
                self._set(self._grace)
        where = _line_of(frame, self._file, self._root)
        said = f"{self._node_id}: timed out after {_seconds(self._limit)}"
        pytest.fail(f"{said}\n{where}" if where else said, pytrace=False)


def _limit(item: pytest.Item) -> float:
    """Read a test's limit in seconds: the closest marker, else what is set for all.

    Where pytest-timeout is installed its marker and its settings are its own.

    Raises:
        SettingsError: a marker without a usable number of seconds, with the test's place.
    """
    config = item.config
    mark = item.get_closest_marker(TIMED)
    options = config.stash.get(_OPTIONS, None) or settings_of(config).get(TimeoutOptions)
    if config.pluginmanager.hasplugin(_PEER):
        return 0.0 if mark is not None or _peer_is_set(config) else options.test
    return options.test if mark is None else _marked(mark, item)


def _peer_is_set(config: pytest.Config) -> bool:
    given = config.getoption(_PEER, None), config.getini(_PEER), os.environ.get(_PEERS_VARIABLE)
    return any(one not in {None, ""} for one in given)


def _marked(mark: pytest.Mark, item: pytest.Item) -> float:
    """Read ``timeout(5)``, ``timeout("2 min")`` or ``timeout(timeout=5)``; None sets no limit."""
    words = dict(zip((TIMED,), mark.args, strict=False)) | dict(mark.kwargs)
    value = words.get(TIMED)
    if TIMED not in words or words.keys() - _PEERS_WORDS != {TIMED} or len(mark.args) > 1:
        raise SettingsError(
            f"@pytest.mark.timeout takes one limit, not {(*mark.args, *mark.kwargs)!r}",
            place=place_of(item),
            remedy='write @pytest.mark.timeout(5) or @pytest.mark.timeout("2 min")',
        )
    if value is None:
        return 0.0
    try:
        limit = units.parse(value, "s") if isinstance(value, str) else float(value)
    except (UnitError, TypeError, ValueError):
        limit = math.nan
    if not 0 <= limit < math.inf or isinstance(value, bool):
        raise SettingsError(
            f"@pytest.mark.timeout({value!r}) is no number of seconds",
            place=place_of(item),
            remedy='write @pytest.mark.timeout(5) or @pytest.mark.timeout("2 min")',
        )
    return limit


def _seconds(limit: float) -> str:
    return f"{limit:g} s"


def _debugged() -> bool:
    """Tell whether a debugger that pytest doesn't know of traces this thread."""
    tracer = sys.gettrace()
    module = getattr(tracer, "__module__", None) or type(tracer).__module__
    return tracer is not None and str(module).partition(".")[0] in {"bdb", "pdb", "pydevd"}


def _stacks() -> str:
    """Write down what every thread does now."""
    try:
        with tempfile.TemporaryFile() as file:
            faulthandler.dump_traceback(file)
            file.seek(0)
            lines = file.read().decode("utf-8", "replace").splitlines()
    except (OSError, RuntimeError):  # no room for files: the failure alone has to do
        return ""
    return "\n".join(line for line in lines if not any(part in line for part in _NOT_THE_TESTS))


def _line_of(frame: FrameType | None, test: Path, root: Path) -> str:
    """Give the line that ran: the innermost of the test's file, else of the project."""
    lines = []
    while frame is not None:
        lines.append((Path(frame.f_code.co_filename), frame.f_lineno))
        frame = frame.f_back
    own = [one for one in lines if one[0] == test]
    near = [one for one in lines if root in one[0].parents and _INSTALLED not in one[0].parts]
    for file, number in (own or near)[:1]:
        shown = file.relative_to(root) if root in file.parents else file
        return f"{shown}:{number}: {linecache.getline(str(file), number).strip()}"
    return ""
