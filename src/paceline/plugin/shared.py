"""Shared: a session fixture that runs once per run, before workers are forked."""

from __future__ import annotations

import functools
import gc
import inspect
import io
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.forked.shared import MARK
from paceline.errors import PacelineError, Place, SettingsError
from paceline.plugin.pytest_internals import fixture_definition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["SharedFixtures", "is_shared"]

_REFUSED: tuple[tuple[type, str], ...] = (
    (socket.socket, "a socket"),
    (threading.Thread, "a thread"),
    (io.IOBase, "an open file"),
)
_DRIVERS = (
    "sqlite3",
    "psycopg",
    "psycopg2",
    "asyncpg",
    "pymysql",
    "MySQLdb",
    "pg8000",
    "oracledb",
    "redis",
)
_MOST = 20_000  # objects that are looked at
_OUTCOMES = (Exception, pytest.skip.Exception, pytest.fail.Exception)
_OWN = frozenset({"pytestconfig", "tmp_path_factory"})


def is_shared(function: object) -> bool:
    """Tell whether ``@paceline.shared`` stands above or below a fixture's own decorator."""
    return bool(getattr(function, MARK, False))


class SharedFixtures:
    """Runs shared fixtures before the fork; in the workers it gives their values.

    A shared fixture has session scope and no parameters; it may ask for other shared fixtures, for
    ``pytestconfig`` and for ``tmp_path_factory``. One that fails or skips is not shared: each
    worker sets it up and its tests say how that went. ``seconds`` is what the set-ups took.
    """

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._values: dict[str, Any] = {}
        self._open: list[tuple[pytest.Item, Iterator[Any]]] = []
        self.seconds = 0.0

    def prepare(self, items: Sequence[pytest.Item]) -> None:
        """Run every shared fixture that a test asks for.

        Raises:
            SettingsError: a fixture that can't be shared, with its place.
        """
        began = time.monotonic()
        asked = {name: item for item in items for name in getattr(item, "fixturenames", ())}
        for name, item in asked.items():
            definition = fixture_definition(item, name)
            if definition is None or not is_shared(definition.func):
                continue
            try:
                self._value(name, item)
            except PacelineError:
                raise
            except _OUTCOMES:
                continue
        self.seconds = time.monotonic() - began

    def finish(self) -> None:
        """Run the teardowns, last one first; one that fails is an error of a test that used it."""
        while self._open:
            item, generator = self._open.pop()
            call = pytest.CallInfo.from_call(
                functools.partial(next, generator, None),
                when="teardown",
                reraise=(KeyboardInterrupt,),
            )
            if call.excinfo is not None:
                report = item.ihook.pytest_runtest_makereport(item=item, call=call)
                item.ihook.pytest_runtest_logreport(report=report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> object:
        """Give the value that was made before the fork."""
        if fixturedef.argname not in self._values or not is_shared(fixturedef.func):
            return None
        value = self._values[fixturedef.argname]
        subject: Any = request
        fixturedef.cached_result = (value, fixturedef.cache_key(subject), None)
        return value

    def _value(self, name: str, item: pytest.Item) -> Any:
        if name in _OWN:
            config: Any = self._session.config
            return config if name == "pytestconfig" else config._tmp_path_factory  # noqa: SLF001
        if name in self._values:
            return self._values[name]
        definition = fixture_definition(item, name)
        function: Any = definition.func if definition is not None else None
        if function is None or not is_shared(function):
            raise SettingsError(
                f"a shared fixture can't ask for {name}",
                remedy="mark that one as shared too, or ask for pytestconfig or tmp_path_factory",
            )
        assert definition is not None  # noqa: S101  (it has a function)
        place = _place_of(function)
        if str(definition.scope) != "session" or definition.params:
            raise SettingsError(
                f"fixture {name} can't be shared: it needs session scope and no parameters",
                place=place,
                remedy='write @paceline.shared above @pytest.fixture(scope="session")',
            )
        try:
            asked = {one: self._value(one, item) for one in definition.argnames}
            value = self._made(item, function, asked)
        except SettingsError as error:
            raise SettingsError(
                error.problem, place=error.place or place, remedy=error.remedy
            ) from error
        held = _unshareable(value)
        if held:
            raise SettingsError(
                f"fixture {name} can't be shared: its value holds {held}",
                place=place,
                remedy="share what describes it (a path, an address) and open it in each worker",
            )
        self._values[name] = value
        return value

    def _made(self, item: pytest.Item, function: Callable[..., Any], asked: dict[str, Any]) -> Any:
        result = function(**asked)
        if inspect.isgenerator(result):
            value = next(result)
            self._open.append((item, result))
            return value
        return result


def _place_of(function: Any) -> Place:
    code = inspect.unwrap(function).__code__
    return Place(code.co_filename, code.co_firstlineno)


def _unshareable(value: object) -> str:
    """Name the first thing within a value that no two processes can hold, "" where there is none.

    Containers and the attributes of objects are followed, modules, classes and functions are not.
    """
    seen: set[int] = set()
    waiting = [value]
    while waiting and len(seen) < _MOST:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type) or inspect.isroutine(one):
            continue
        seen.add(id(one))
        if inspect.ismodule(one):
            continue
        for kind, said in _REFUSED:
            if isinstance(one, kind) and not isinstance(one, io.BytesIO | io.StringIO):
                return said
        if hasattr(one, "run_until_complete"):
            return "an event loop"
        home = type(one).__module__.partition(".")[0]
        if home in _DRIVERS and "onnection" in type(one).__name__:
            return "a database connection"
        waiting += gc.get_referents(one)
    return ""
