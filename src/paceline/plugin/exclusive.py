"""Exclusive: what one worker's fixture owns alone, a fixed port or file, no other may take.

A worker hears the audit events of binding a socket, of opening a database, and of opening a file
to write while a shared fixture is set up, and asks the controller first. Refused, it gives the
test back: all users of that fixture run on the worker that owns it.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from paceline.engine.forked.worker import Worker

__all__ = ["Arbiter", "GivenBack", "Watch"]

_WATCHED = frozenset({"socket.bind", "sqlite3.connect", "open"})
_SHARED = frozenset({"session", "package", "module", "class"})
_WRITING = os.O_WRONLY | os.O_RDWR
_HOST_AND_PORT = 2  # an address has at least these


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


class Watch:
    """The worker's side: one audit hook and a wrapper around the set-ups of fixtures."""

    def __init__(self, worker: Worker, temporary: Path) -> None:
        self._worker = worker
        self._ignored = (f"{temporary}{os.sep}", "/dev/", "/proc/")
        self._stack: list[tuple[str, str]] = []
        self._granted: set[str] = set()
        self._asking = threading.local()
        self.refused: tuple[str, str] | None = None
        sys.addaudithook(self._hear)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        """Know whose set-up runs; one that was ended to go elsewhere is as if it never began."""
        self._stack.append((fixturedef.argname, str(fixturedef.scope)))
        try:
            return (yield)
        except GivenBack:
            subject: Any = request
            fixturedef.finish(subject)
            raise
        finally:
            self._stack.pop()

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _WATCHED or os.getpid() != self._worker.process:
            return
        if getattr(self._asking, "now", False):
            return
        self._asking.now = True
        try:
            resource = self._resource(event, arguments)
            if resource and resource not in self._granted:
                self._claim(resource)
        finally:
            self._asking.now = False

    def _resource(self, event: str, arguments: tuple[Any, ...]) -> str:
        if event == "socket.bind":
            return _port(arguments[1])
        shared = next((name for name, scope in self._stack if scope in _SHARED), "")
        if not shared:
            return ""
        path = arguments[0]
        if event == "open" and not arguments[2] & _WRITING:
            return ""
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
