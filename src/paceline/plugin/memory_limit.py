"""Memory limits: the ``memory_limit`` marker and the hooks that measure whole tests."""

from __future__ import annotations

import dataclasses
import difflib
import math
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from paceline import units
from paceline.engine.memory import TEST, measured
from paceline.engine.shared_memory import Ledger, Window
from paceline.errors import PacelineError, SettingsError, UnitError
from paceline.guard.memory import LIMITS, limit_budget
from paceline.model import Case, Selector
from paceline.plugin.marked import LIMITED
from paceline.plugin.markers import place_of
from paceline.plugin.pytest_internals import item_parameters
from paceline.plugin.role import project_of
from paceline.plugin.texts import shown
from paceline.plugin.transport import attach, unpack
from paceline.probes.memory import Wanted, resident
from paceline.probes.places import ReturnLook

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping
    from contextlib import AbstractContextManager

    from paceline.errors import Place
    from paceline.model import Budget, Measurement
    from paceline.probes.memory import Figures
    from paceline.probes.memory_options import MemoryOptions

__all__ = ["MemoryLimits", "limits_of"]

_HELD_BY_ERROR = "the error of a failed test holds its variables"
_PYTHON = frozenset({"peak", "growth"})
_LIMITS = pytest.StashKey["dict[str, float]"]()
_TEST = pytest.StashKey["_Test | None"]()
_TAKEN = pytest.StashKey["tuple[Measurement, ...]"]()


def limits_of(item: pytest.Item) -> dict[str, float]:
    """Read a test's limits in bytes, by what they limit; the closest marker wins.

    Raises:
        SettingsError: an unknown keyword or no quantity, with the test's place.
    """
    if _LIMITS not in item.stash:
        found: dict[str, float] = {}
        place = place_of(item)
        # nodes come from the test outwards; a parameter's mark stands behind its function's
        closest: dict[int, int] = {}
        marks = []
        for node, mark in item.iter_markers_with_node(LIMITED):
            depth = closest.setdefault(id(node), len(closest))
            marks.append((-depth, mark))
        for _, mark in sorted(marks, key=lambda one: one[0]):
            found |= _limits(mark.args, mark.kwargs, place=place)
        item.stash[_LIMITS] = found
    return item.stash[_LIMITS]


class _Test:
    """One attempt at a limited test: its limits and what it uses."""

    def __init__(self, item: pytest.Item, limits: dict[str, float], *, traced: bool) -> None:
        self._item = item
        self._limits = limits
        self._traced = traced
        self._names = frozenset(getattr(item, "fixturenames", ()))
        self.skipped = False
        self.failed = False

    def wanted(self, top: int) -> Wanted:
        """Say what has to be measured for these limits."""
        python = self._traced or bool(_PYTHON & self._limits.keys())
        return Wanted(python=python, children="children" in self._limits, places=top)

    def uses(self, name: str, base: str) -> bool:
        """Tell whether the test uses a fixture of this name that belongs to the node ``base``."""
        node = self._item.nodeid
        within = not base or node == base or node.startswith((f"{base}::", f"{base}/"))
        return within and name in self._names

    def measurements(self, figures: Figures) -> tuple[Measurement, ...]:
        """Give the figures that are limited, and the peak of Python bytes where it was traced."""
        limited = {LIMITS["peak"], *(LIMITS[name] for name in self._limits)}
        metrics = {name: metric for name, metric in TEST.items() if metric in limited}
        if self.failed:
            reasons = {"used": _HELD_BY_ERROR, "process_growth": _HELD_BY_ERROR}
            reasons |= dict(figures.unsure)
            figures = dataclasses.replace(figures, unsure=tuple(reasons.items()))
        item = self._item
        case = Case(
            item.nodeid,
            parameters=tuple(
                (name, shown(value)) for name, value in item_parameters(item)[1].items()
            ),
            markers=tuple(dict.fromkeys(marker.name for marker in item.iter_markers())),
        )
        return measured(figures, case, metrics=metrics)

    def let_go(self) -> None:
        """Let go of fixtures' values, which pytest would do a moment after the last report.

        Only where growth is limited: other plugins may want to look at them.
        """
        values = getattr(self._item, "funcargs", None)
        if isinstance(values, dict) and {"growth", "process_growth"} & self._limits.keys():
            values.clear()

    def budgets(self) -> tuple[Budget, ...]:
        """Give the limits as budgets of this very test."""
        item = self._item
        selector, place = Selector(node_id=item.nodeid), place_of(item)
        return tuple(
            limit_budget(LIMITS[name], limit, selector=selector, name=item.name, place=place)
            for name, limit in self._limits.items()
        )


class _Suite(NamedTuple):
    """What is shared by the limited tests: the names of their fixtures, and what these hold."""

    names: frozenset[str]
    ledger: Ledger


class MemoryLimits:
    """Hooks that hold a window open over each limited test, from set-up to teardown."""

    def __init__(self, config: pytest.Config, options: MemoryOptions) -> None:
        self._root = project_of(config)
        self._options = options
        resident()  # opens its file now: in a test it would count as left behind
        self._nodes: dict[Hashable, str] = {}
        self._suite: _Suite | None = None
        self._window: Window | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Open the window before anything is set up."""
        test, trouble = self._test(item)
        item.stash[_TEST] = test
        self._abandon()
        if test is not None:
            wanted = test.wanted(self._options.top)
            ledger = self._of(item.session).ledger
            self._window = Window(ledger, wanted, self._uses(test), root=self._root)
        try:
            yield
        except pytest.skip.Exception:
            if test is not None:
                test.skipped = True
            raise
        if trouble:  # not before: teardown counts on what other plugins set up
            pytest.fail(trouble, pytrace=False)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Look at the places just before the test's function lets go of its variables."""
        function = getattr(item, "obj", None)
        # hypothesis documents where the test's own function is
        function = getattr(getattr(function, "hypothesis", None), "inner_test", function)
        if self._window is None or not callable(function):
            return (yield)
        watch = self._window.watch
        look = ReturnLook(function, lambda: watch.look(late=True))
        look.start()
        try:
            return (yield)
        finally:
            look.stop()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        """Close the window when everything is torn down."""
        try:
            return (yield)
        finally:
            window, self._window = self._window, None
            test = item.stash.get(_TEST, None)
            if window is not None and test is not None:
                test.let_go()
                figures = window.close()
                item.stash[_TAKEN] = () if test.skipped else test.measurements(figures)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put measurements and limits on the teardown's report, beside what others put there."""
        report = yield
        test = item.stash.get(_TEST, None)
        taken = item.stash.get(_TAKEN, ())
        if test is not None and call.excinfo is not None:
            test.failed = True
        if call.when == "teardown" and test is not None and taken:
            measurements, budgets = unpack(report)
            attach(report, (*measurements, *taken), (*budgets, *test.budgets()))
            item.stash[_TAKEN] = ()
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Take down what a fixture holds that limited tests share."""
        suite = self._of(request.session)
        if fixturedef.scope == "function" or fixturedef.argname not in suite.names:
            return (yield)
        setting_up = suite.ledger.begin(self._window)
        self._nodes[fixturedef] = request.node.nodeid
        failed = True
        try:
            value = yield
            failed = False
        finally:
            setting_up.finish(fixturedef, fixturedef.argname, failed=failed)
        return value

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """Take down that a fixture is torn down."""
        if self._suite is not None:
            self._suite.ledger.end(fixturedef)

    def pytest_sessionfinish(self) -> None:
        """Close a window that an interrupted test left open."""
        self._abandon()

    def aside(self) -> AbstractContextManager[None]:
        """Leave what happens meanwhile out of the limits of the test that runs."""
        return self._window.aside() if self._window is not None else nullcontext()

    def _abandon(self) -> None:
        window, self._window = self._window, None
        if window is not None:
            window.close()

    def _test(self, item: pytest.Item) -> tuple[_Test | None, str]:
        """Read a test's limits, or say what is wrong with them."""
        try:
            limits = limits_of(item)
        except PacelineError as error:
            return None, str(error)
        if not limits and not self._options.traces_all:
            return None, ""
        return _Test(item, limits, traced=self._options.traces_all), ""

    def _uses(self, test: _Test) -> Callable[[Hashable, str], bool]:
        return lambda key, name: test.uses(name, self._nodes.get(key, ""))

    def _of(self, session: pytest.Session) -> _Suite:
        """Learn once what limited tests use; they are known when they are collected."""
        if self._suite is None:
            every = self._options.traces_all
            limited = [item for item in session.items if every or item.get_closest_marker(LIMITED)]
            names = (name for item in limited for name in getattr(item, "fixturenames", ()))
            wanted = Wanted(python=every or any(map(_limits_python, limited)))
            self._suite = _Suite(frozenset(names), Ledger(wanted))
        return self._suite


def _limits_python(item: pytest.Item) -> bool:
    try:
        return bool(_PYTHON & limits_of(item).keys())
    except PacelineError:  # said when the test is set up
        return False


def _limits(
    positional: tuple[object, ...], keywords: Mapping[str, object], *, place: Place
) -> dict[str, float]:
    """Read one marker: its single argument limits the peak."""
    if len(positional) > 1 or (positional and "peak" in keywords):
        raise SettingsError(
            f"@pytest.mark.memory_limit takes one limit of the peak, not {positional!r}",
            place=place,
            remedy='write @pytest.mark.memory_limit("24 MiB", growth="1 MiB")',
        )
    found = dict(zip(("peak",), positional, strict=False)) | dict(keywords)
    if not found:
        raise SettingsError(
            "@pytest.mark.memory_limit sets no limit",
            place=place,
            remedy='write @pytest.mark.memory_limit("24 MiB")',
        )
    return {name: _bytes(name, value, place=place) for name, value in found.items()}


def _bytes(name: str, value: object, *, place: Place) -> float:
    """Read one limit in bytes; a plain number is in bytes, a text has a unit."""
    if name not in LIMITS:
        near = difflib.get_close_matches(name, LIMITS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise SettingsError(
            f"@pytest.mark.memory_limit has no keyword {name!r}",
            place=place,
            remedy=f"{hint}known keywords: {', '.join(LIMITS)}",
        )
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SettingsError(
            f"{name} = {value!r} is no quantity", place=place, remedy='write it as in "24 MiB"'
        )
    try:
        figure = units.parse(value, "B", bare=None) if isinstance(value, str) else float(value)
    except UnitError as error:
        raise UnitError(f"{name}: {error.problem}", place=place, remedy=error.remedy) from None
    if not 0 <= figure < math.inf:
        raise SettingsError(
            f"{name} = {value!r} is no limit", place=place, remedy="write a quantity of 0 or more"
        )
    return figure
