"""Exclusive: what one worker's fixture owns alone, a fixed port or file, no other may take.

A worker looks who binds a socket, and who opens a database or a file to write while a shared
fixture is set up, and asks the controller first. Refused, it gives the test back: all users of
that fixture run on the worker that owns it.

What is looked at are the functions that do so, which others stand in for. An audit hook would see
C code as well, but can't be taken away, and slows all that is audited: ``id()`` by four times, and
with it copies and whatever else is measured later.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import functools
import io
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from paceline.engine.forked.worker import Worker

__all__ = ["Arbiter", "GivenBack", "Watch"]

_SHARED = frozenset({"session", "package", "module", "class"})
_WRITING = os.O_WRONLY | os.O_RDWR
_WRITES = frozenset("wax+")
_HOST_AND_PORT = 2  # an address has at least these
_DATABASES: tuple[Any, ...] = ()
with contextlib.suppress(ImportError):  # Python can be built without it
    import sqlite3

    _DATABASES = (sqlite3, sqlite3.dbapi2)


class GivenBack(pytest.fail.Exception):  # type: ignore[misc,name-defined]  # no public type
    """Ends a test that is to run on another worker, as an outcome that no test's code catches."""


class Arbiter:
    """The controller's side: who owns what."""

    def __init__(self) -> None:
        self._owners: dict[str, int] = {}

    def claim(self, resource: str, worker: int) -> int:
        """Give a resource to a worker unless another one owns it; say who does then."""
        return self._owners.setdefault(resource, worker)

    def owns(self, worker: int) -> bool:
        """Tell whether a worker owns anything."""
        return worker in self._owners.values()

    def left(self, worker: int) -> None:
        """Free what a worker owned, which has ended."""
        self._owners = {name: owner for name, owner in self._owners.items() if owner != worker}


class _StandIn:
    """A function that tells of each call first and stands in for another one, in one place."""

    def __init__(self, place: Any, name: str, told: Callable[..., None]) -> None:
        self._place, self._name = place, name
        self._own = own = getattr(place, name)

        @functools.wraps(own)
        def telling(*arguments: Any, **keywords: Any) -> Any:
            told(*arguments, **keywords)
            return own(*arguments, **keywords)

        self._telling = telling

    def begin(self) -> None:
        """Stand in, unless somebody else does already."""
        if getattr(self._place, self._name) is self._own:
            setattr(self._place, self._name, self._telling)

    def end(self) -> None:
        """Give the place back."""
        if getattr(self._place, self._name) is self._telling:
            setattr(self._place, self._name, self._own)


class Watch:
    """The worker's side: functions that are looked at and a wrapper around set-ups of fixtures."""

    def __init__(self, worker: Worker, temporary: Path) -> None:
        self._worker = worker
        self._ignored = (f"{temporary}{os.sep}", "/dev/", "/proc/")
        self._stack: list[tuple[str, str]] = []
        self._shared = 0
        self._granted: set[str] = set()
        self._asking = threading.local()
        self.refused: tuple[str, str] | None = None
        _StandIn(socket.socket, "bind", self._binds).begin()
        self._doors = (
            _StandIn(builtins, "open", self._opens),
            _StandIn(io, "open", self._opens),
            _StandIn(os, "open", self._opens_low),
            *(_StandIn(place, "connect", self._connects) for place in _DATABASES),
        )

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        """Know whose set-up runs; one that was ended to go elsewhere is as if it never began."""
        self._enter(fixturedef.argname, str(fixturedef.scope))
        try:
            return (yield)
        except GivenBack:
            subject: Any = request
            fixturedef.finish(subject)
            raise
        finally:
            self._leave()

    def _enter(self, name: str, scope: str) -> None:
        self._stack.append((name, scope))
        if scope in _SHARED:
            self._shared += 1
            for door in self._doors:
                door.begin()

    def _leave(self) -> None:
        _, scope = self._stack.pop()
        if scope in _SHARED:
            self._shared -= 1
            if not self._shared:
                for door in self._doors:
                    door.end()

    def _binds(self, _: object, address: object = None, *_more: object) -> None:
        self._uses(_port(address))

    def _opens(
        self, file: object = None, mode: object = "r", *_more: object, **_others: object
    ) -> None:
        if isinstance(mode, str) and not _WRITES.isdisjoint(mode):
            self._uses(self._file(file))

    def _opens_low(
        self, path: object = None, flags: object = 0, *_more: object, **_others: object
    ) -> None:
        if isinstance(flags, int) and flags & _WRITING:
            self._uses(self._file(path))

    def _connects(self, database: object = None, *_more: object, **_others: object) -> None:
        self._uses(self._file(database))

    def _uses(self, resource: str) -> None:
        """Ask for a resource where it is not this worker's yet."""
        if not resource or resource in self._granted or os.getpid() != self._worker.process:
            return
        if getattr(self._asking, "now", False):
            return
        self._asking.now = True
        try:
            self._claim(resource)
        finally:
            self._asking.now = False

    def _file(self, path: object) -> str:
        """Name a file that a shared fixture's set-up writes, "" for any other."""
        if not self._shared:
            return ""
        if isinstance(path, os.PathLike):
            path = path.__fspath__()
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str) or path.startswith((":memory:", "file:")) or not path:
            return ""
        absolute = os.path.abspath(path)  # noqa: PTH100  (no object for each opened file)
        passing = absolute.startswith(self._ignored) or "__pycache__" in absolute
        return "" if passing else f"file {absolute}"

    def _claim(self, resource: str) -> None:
        fixture = self._stack[0][0] if self._stack else ""
        if self._worker.ask("ask", resource, fixture):
            self._granted.add(resource)
            return
        self.refused = (resource, fixture)
        main = threading.main_thread()
        if threading.current_thread() is not main:  # it may wait for what this thread was to do
            identity = ctypes.c_ulong(main.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(GivenBack))
        raise GivenBack(f"{resource} is owned by another worker")


def _port(address: object) -> str:
    if isinstance(address, tuple) and len(address) >= _HOST_AND_PORT and address[1]:
        return f"port {address[1]}"
    return ""
