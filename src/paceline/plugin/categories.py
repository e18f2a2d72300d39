"""Categories: the order that markers ask for, what is skipped for them, and what a test needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from paceline.errors import UsageError
from paceline.plugin.role import Role
from paceline.suite.category import category_of, place_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paceline.errors import SettingsError
    from paceline.suite.category_options import CategoryOptions
    from paceline.suite.past import Past
    from paceline.suite.task import Needs

__all__ = ["Categories", "needs_of", "start_categories"]

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_MB: Final = 1024**2
_KEYWORDS: Final = {
    "memory_intensive": ("mb",),
    "cpu_intensive": ("cores",),
    "uses": ("places",),
    "serial": (),
}


def start_categories(
    config: pytest.Config,
    options: CategoryOptions,
    *,
    role: Role,
    environment: Mapping[str, str],
    past: Past | None = None,
) -> None:
    """Register what orders, skips or lists by markers; slow is also what ``past`` says is.

    Raises:
        UsageError: tests can't be listed by a process that doesn't collect them.
    """
    from paceline.plugin.dependents import Dependents  # noqa: PLC0415  (only when awake)

    if options.unmarked and role is not Role.SINGLE:
        raise UsageError(
            "--paceline-unmarked lists the tests of one process, not of several",
            remedy="leave out -n, or add -n 0",
        )
    asked = environment.get("SKIP_SLOW_TESTS", "").strip().lower() in _TRUE
    categories = Categories(options, skip_slow=options.skip_slow or asked, past=past)
    manager = config.pluginmanager
    manager.register(categories, "paceline-categories")
    manager.register(Dependents(skips=options.skip_dependents), "paceline-dependents")
    if options.unmarked:
        manager.register(Unmarked(), "paceline-unmarked")


class Categories:
    """One look at the collected tests; no hook that runs per test."""

    def __init__(
        self,
        options: CategoryOptions,
        *,
        skip_slow: bool,
        past: Past | None = None,
        online: Callable[[], bool | None] | None = None,
    ) -> None:
        self._options = options
        self._skip_slow = skip_slow
        self._seconds = {one.node_id: one.seconds for one in past.tests} if past else {}
        self._online = online

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Check what markers ask for, mark what is to be skipped, and order by category."""
        if self._skip_slow:
            for item in items:
                self._skip_if_slow(item)
        self._skip_offline(items)
        from paceline.suite.category_options import OrderBy  # noqa: PLC0415  (only when awake)

        if self._options.order_by is OrderBy.CATEGORY:
            items.sort(key=lambda item: place_in_order(_names(item), item.nodeid))

    def _skip_if_slow(self, item: pytest.Item) -> None:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="marked slow"))
        elif (seconds := self._seconds.get(item.nodeid, 0.0)) > self._options.slow_from:
            item.add_marker(pytest.mark.skip(reason=f"slow: takes {seconds:.3g} s in records"))

    def _skip_offline(self, items: list[pytest.Item]) -> None:
        network = self._options.network.value
        if network == "on":
            return
        wanting = [item for item in items if item.get_closest_marker("requires_network")]
        if not wanting or (network == "auto" and self._reaches_out() is not False):
            return
        why = "the network is off by option" if network == "off" else "this machine has no network"
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason=f"requires a network; {why}"))

    def _reaches_out(self) -> bool | None:
        if self._online is not None:
            return self._online()
        from paceline.probes.connection import has_way_out  # noqa: PLC0415  (only when asked)

        return has_way_out()


class Unmarked:
    """List the tests without a category instead of running any."""

    def __init__(self) -> None:
        self._found: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Say them and run nothing; collection errors stay pytest's to report."""
        if session.testsfailed:
            return None
        self._found = [
            item.nodeid for item in session.items if not category_of(_names(item), item.nodeid)
        ]
        reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            for line in self._found:
                reporter.write_line(line)
            if session.config.get_verbosity() >= 0:
                reporter.write_line(
                    f"{len(self._found)} of {len(session.items)} tests have no category"
                )
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End with 1 where a test has no category."""
        if self._found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def needs_of(item: pytest.Item) -> Needs:
    """Read what a test's markers say it holds while it runs.

    Raises:
        SettingsError: wrong arguments, with the test's place.
    """
    from paceline.suite.task import ORDINARY, Needs  # noqa: PLC0415  (not in every process)

    marks = [mark for mark in item.iter_markers() if mark.name in _KEYWORDS]
    if not marks:
        return ORDINARY
    for mark in marks:
        _check_keywords(mark, item)
    cores, memory, uses = ORDINARY.cores, ORDINARY.memory, dict[str, int]()
    for mark in reversed(marks):  # the closest one last, so that it wins
        if mark.name == "memory_intensive":
            memory = int(_number(mark, item, "mb", least=0) * _MB)
            uses[mark.name] = 1
        elif mark.name == "cpu_intensive":
            cores = _number(mark, item, "cores", least=1)
            uses[mark.name] = 1
        elif mark.name == "uses":
            uses |= dict.fromkeys(_resources(mark, item), _places(mark, item))
    alone = any(mark.name == "serial" for mark in marks)
    return Needs(cores=cores, memory=memory, uses=tuple(sorted(uses.items())), alone=alone)


def _check_keywords(mark: pytest.Mark, item: pytest.Item) -> None:
    known = _KEYWORDS[mark.name]
    unknown = next((key for key in mark.kwargs if key not in known), None)
    if unknown is not None:
        raise _wrong(mark, item, f"has no keyword {unknown!r}")
    if mark.args and mark.name != "uses":
        raise _wrong(mark, item, f"takes no plain arguments, not {mark.args[0]!r}")


def _number(mark: pytest.Mark, item: pytest.Item, keyword: str, *, least: float) -> float:
    value = mark.kwargs.get(keyword, least)
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    if not whole or not least <= value < float("inf"):
        raise _wrong(
            mark, item, f"takes {keyword} as a number of at least {least:g}, not {value!r}"
        )
    return float(value)


def _places(mark: pytest.Mark, item: pytest.Item) -> int:
    value = mark.kwargs.get("places", 1)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(mark, item, f"takes places as a whole number of at least 1, not {value!r}")
    return value


def _resources(mark: pytest.Mark, item: pytest.Item) -> tuple[str, ...]:
    wrong = [name for name in mark.args if not isinstance(name, str) or not name]
    if wrong or not mark.args:
        raise _wrong(mark, item, f"takes names as texts, not {wrong[0] if wrong else ()!r}")
    return mark.args


_EXAMPLES: Final = {
    "memory_intensive": "memory_intensive(mb=800), or memory_intensive alone",
    "cpu_intensive": "cpu_intensive(cores=2), or cpu_intensive alone",
    "uses": 'uses("port-8000"), or uses("licence", places=2)',
    "serial": "serial, which takes no arguments",
}


def _wrong(mark: pytest.Mark, item: pytest.Item, problem: str) -> SettingsError:
    from paceline.errors import SettingsError  # noqa: PLC0415  (only where it is used)
    from paceline.plugin.markers import place_of  # noqa: PLC0415

    return SettingsError(
        f"@pytest.mark.{mark.name} {problem}",
        place=place_of(item),
        remedy=f"write @pytest.mark.{_EXAMPLES[mark.name]}",
    )


def _names(item: pytest.Item) -> tuple[str, ...]:
    return tuple(mark.name for mark in item.iter_markers())
