"""Leaks: the fixture that checks a callable, and the marker that checks a whole test."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from paceline import units
from paceline.engine.benchmark import awaits, in_event_loop
from paceline.engine.leaks.calls import said
from paceline.engine.leaks.check import check
from paceline.engine.leaks.options import LeakOptions, limits_of
from paceline.engine.leaks.road import CALLABLE, TEST, measurements_of
from paceline.engine.leaks.rounds import Rounds
from paceline.engine.leaks.rounds import rounds as take_rounds
from paceline.errors import PacelineError, SettingsError, UnitError
from paceline.guard.grammar import from_marker
from paceline.guard.leak_diagnosis import diagnose_leak
from paceline.model import Case
from paceline.plugin.marked import REPEATED
from paceline.plugin.markers import place_of
from paceline.plugin.repeats import Repeats
from paceline.plugin.sources import add_source
from paceline.plugin.texts import text_of
from paceline.report.leaks import render_one
from paceline.stats.leak import LeakResult, LeakVerdict

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from paceline.engine.leaks.stages import Limits
    from paceline.model import Budget, Measurement
    from paceline.model.finding import Finding
    from paceline.plugin.session import Session

__all__ = ["LeakCheck", "Leaks", "NoLeaks", "open_leaks"]

_LIMITS = {"objects": "max_test_leaked_objects", "bytes": "max_test_leaked_bytes"}


@dataclass(frozen=True, slots=True, repr=False)
class LeakCheck:
    """What a check found; its representation is the finding in one line: pytest's asserts show it.

    ``result`` holds verdict, holders, rates and the smallest leak that could have been seen.
    """

    result: LeakResult

    @property
    def verdict(self) -> str:
        """LEAK, FILLING, CLEAN or UNSURE."""
        return self.result.verdict.value

    @property
    def leaking(self) -> bool:
        """Whether every further call keeps something."""
        return self.result.verdict is LeakVerdict.LEAK

    @property
    def bounded(self) -> bool:
        """Whether what is kept is known to have an end: clean, or a cache that fills."""
        return self.result.verdict in {LeakVerdict.CLEAN, LeakVerdict.FILLING}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The likely cause and the remedy, empty without a leak."""
        return diagnose_leak(self.result)

    def __repr__(self) -> str:
        return "; ".join(" ".join(line.split()) for line in render_one(self.result).splitlines())


class Leaks:
    """Checks callables inside a test: ``assert not leaks(refresh, client).leaking``."""

    def __init__(self, item: pytest.Item, session: Session) -> None:
        self.budgets: tuple[Budget, ...] = ()
        self.passed = False
        self._item = item
        self._options = session.settings.get(LeakOptions)
        self._taken: list[Measurement] = []
        self._labels: set[str] = set()

    def __call__(
        self, function: Callable[..., Any], /, *args: Any, label: str = "", **kwargs: Any
    ) -> LeakCheck:
        """Call a function again and again and say what it keeps.

        Inside an event loop a coroutine function is to be awaited: ``await leaks(refresh)``.
        """
        if awaits(function) and in_event_loop():
            return self._apart(function, args, kwargs, label)  # type: ignore[return-value]  # awaited
        return self._checked(_bound(function, args, kwargs), label)

    def rounds(
        self, function: Callable[..., Any], /, *args: Any, rounds: int = 100, **kwargs: Any
    ) -> Rounds:
        """Take the plain figures of a number of calls: growth, ratio of rounds, survivors."""
        return take_rounds(_bound(function, args, kwargs), rounds=rounds)

    def take(self, *, last: bool) -> tuple[Measurement, ...]:  # noqa: ARG002  (as every source)
        """Hand over what was checked since the last time."""
        taken = tuple(self._taken)
        self._taken.clear()
        return taken

    async def _apart(
        self, function: Callable[..., Any], args: Any, kwargs: Any, label: str
    ) -> LeakCheck:
        """Check in another thread, with a loop of its own: this one is busy with the test."""
        return await asyncio.to_thread(self._checked, _bound(function, args, kwargs), label)

    def _checked(self, function: Callable[[], object], label: str) -> LeakCheck:
        name = text_of(label or getattr(function, "__name__", "") or "callable")
        result = _checked(function, name, limits_of(self._options))
        case = Case(self._item.nodeid, label=self._labelled(name))
        self._taken += measurements_of(result, case, metrics=CALLABLE)
        return LeakCheck(result)

    def _labelled(self, name: str) -> str:
        label, number = name, 2
        while label in self._labels:
            label, number = f"{name} {number}", number + 1
        self._labels.add(label)
        return label


class NoLeaks:
    """Repeats every test that carries the marker, once it has passed, and says what it keeps."""

    def __init__(self, session: Session) -> None:
        self._limits = limits_of(session.settings.get(LeakOptions))
        self._called: _Called | None = None
        self._failed = False

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Learn what a marked test may keep, and how it is repeated, before its own call."""
        self._called, self._failed = None, False
        if not _is_ours(item):
            return (yield)
        try:
            budgets = _budgets_of(item)
        except PacelineError as error:
            trouble = str(error)
        else:
            called = _Called(item, budgets, Repeats(item))
            result = yield
            self._called = called
            return result
        pytest.fail(trouble, pytrace=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Check when the test has passed: its own time is taken, its fixtures are still there.

        A subtest's report comes before the end of the call.
        """
        report = yield
        if call.when == "call":
            self._failed = self._failed or report.failed
            called, self._called = self._called, None
            if called is not None and report.passed and not self._failed:
                self._check(called)
        return report

    def _check(self, called: _Called) -> None:
        item, repeats = called.item, called.repeats
        found = Repeated(item, called.budgets)
        add_source(item, found)
        if repeats.problem:
            found.result = _unsure(item.nodeid, repeats.problem)
            return
        manager = item.config.pluginmanager
        record: Any = manager.get_plugin("paceline-resources")
        if record is not None:
            record.conclude()
        limits: Any = manager.get_plugin("paceline-memory-limits")
        with limits.aside() if limits else nullcontext(), repeats.quiet():
            found.result = _checked(repeats, item.nodeid, self._limits)
        if repeats.stopped is not None:
            raise repeats.stopped
        if repeats.failure:
            found.result = dataclasses.replace(found.result, unsure=repeats.failure)


class _Called(NamedTuple):
    """A marked test whose call has ended."""

    item: pytest.Item
    budgets: tuple[Budget, ...]
    repeats: Repeats


class Repeated:
    """What the repetition of one test showed."""

    def __init__(self, item: pytest.Item, budgets: tuple[Budget, ...]) -> None:
        self.budgets = budgets
        self.passed = False
        self.result: LeakResult | None = None
        self._case = Case(item.nodeid, markers=tuple(one.name for one in item.iter_markers()))

    def take(self, *, last: bool) -> tuple[Measurement, ...]:  # noqa: ARG002  (as every source)
        """Hand over the result once."""
        result, self.result = self.result, None
        return () if result is None else measurements_of(result, self._case, metrics=TEST)


def open_leaks(request: pytest.FixtureRequest, session: Session) -> Leaks:
    """Make the fixture's object for one test."""
    made = Leaks(request.node, session)
    add_source(request.node, made)
    return made


def _bound(function: Callable[..., Any], args: Any, kwargs: Any) -> Callable[[], object]:
    """Give a function without arguments; one that needs none stays itself, for its name's sake."""
    if not args and not kwargs:
        return function
    if awaits(function):

        async def awaited() -> object:
            return await function(*args, **kwargs)

        awaited.__name__ = getattr(function, "__name__", "callable")
        return awaited

    def plain() -> object:
        return function(*args, **kwargs)

    plain.__name__ = getattr(function, "__name__", "callable")
    return plain


def _is_ours(item: pytest.Item) -> bool:
    """Tell whether a test carries our marker: pyleak's has the same name and other arguments."""
    marker = item.get_closest_marker(REPEATED)
    if marker is None:
        return False
    theirs = bool(marker.args) or not marker.kwargs.keys() <= _LIMITS.keys()
    return not (theirs and item.config.pluginmanager.hasplugin("pyleak"))


def _budgets_of(item: pytest.Item) -> tuple[Budget, ...]:
    """Read the marker: nothing may leak, or as much as its keywords allow."""
    marker = item.get_closest_marker(REPEATED)
    assert marker is not None  # noqa: S101  (only asked for marked tests)
    unknown = [name for name in marker.kwargs if name not in _LIMITS]
    if marker.args or unknown:
        given = ", ".join([*map(repr, marker.args), *unknown])
        raise SettingsError(
            f"@pytest.mark.{REPEATED} can't be given {given}",
            place=place_of(item),
            remedy='its keywords are objects and bytes, as in no_leaks(bytes="64 B"); both are 0',
        )
    allowed = {name: marker.kwargs.get(name, 0) for name in _LIMITS}
    allowed["bytes"] = f"{_bytes(allowed['bytes'], item)} B"
    limits = {key: allowed[name] for name, key in _LIMITS.items()}
    return from_marker(limits, node_id=item.nodeid, place=place_of(item))


def _bytes(value: object, item: pytest.Item) -> float:
    """Read a limit in bytes; a plain number is in bytes, as in ``memory_limit``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SettingsError(
            f"bytes = {value!r} is no quantity",
            place=place_of(item),
            remedy='write it as in no_leaks(bytes="64 B")',
        )
    try:
        return units.parse(value, "B", bare=None) if isinstance(value, str) else value
    except UnitError as error:
        problem = f"bytes: {error.problem}"
        raise UnitError(problem, place=place_of(item), remedy=error.remedy) from None


def _checked(function: Callable[[], object], name: str, limits: Limits) -> LeakResult:
    """Check a function; a check that fails by itself is unsure and breaks no test."""
    try:
        return check(function, name=name, limits=limits)
    except Exception as error:  # noqa: BLE001  (it looks at every object that the user has)
        return _unsure(name, f"the check failed: {said(error)}")


def _unsure(name: str, reason: str) -> LeakResult:
    return LeakResult(name, LeakVerdict.UNSURE, "", unsure=reason)
