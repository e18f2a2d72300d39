"""Repeats: a test's body run again and again in the fixtures that it has, heard by nobody."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import tempfile
import threading
import unittest
import warnings
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import MeasureError
from paceline.plugin.pytest_internals import captures_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["RepeatError", "Repeats"]

_KEEPING = ("benchmark", "leaks", "memory")
_CAPTURES = ("capsys", "capfd", "capsysbinary", "capfdbinary", "capteesys")
_RENEWED = ("monkeypatch", "subtests", "tmp_path")


class RepeatError(MeasureError):
    """A test that passed once and does not pass again."""


class Repeats:
    """Runs a test's body once more with each call; made before the test's own call.

    ``failure`` says why it did not pass again; ``stopped`` is what asked pytest to end meanwhile.
    """

    def __init__(self, item: pytest.Item) -> None:
        self.failure = ""
        self.stopped: BaseException | None = None
        self._item = item
        self._fixtures: dict[str, Any] = getattr(item, "funcargs", None) or {}
        self._body = _body(item)
        self._passed = False
        self._warned: list[Any] = []
        self._anew = _is_empty(self._fixtures.get("tmp_path"))

    @property
    def problem(self) -> str:
        """Why the test can't be repeated at all, empty where it can."""
        for name in _KEEPING:
            if name in self._fixtures:
                return f"the test uses {name}, which keeps what it measures"
        return ""

    def __call__(self) -> None:
        """Run the body once more.

        Raises:
            RepeatError: it did not pass.
        """
        try:
            self._once()
        except RepeatError:
            if self._passed or not self._anew:
                raise
            self._anew = False  # a fixture may know the folder too, so it has to stay the same
            self.failure = ""
            self._once()
        self._passed = True

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Let nothing that the repeated test prints, logs or warns of reach anybody.

        What the test's own call left for its fixtures to see at their teardown stays.
        """
        fixtures = self._fixtures
        captures = [fixtures[name] for name in _CAPTURES if name in fixtures]
        with ExitStack() as stack:
            nowhere = stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
            stack.enter_context(_unheard(nowhere.fileno()))
            stack.enter_context(redirect_stdout(nowhere))
            stack.enter_context(redirect_stderr(nowhere))
            stack.enter_context(_uncaught())
            stack.enter_context(_unlogged(fixtures.get("caplog")))
            if "recwarn" not in fixtures:
                self._warned = stack.enter_context(warnings.catch_warnings(record=True))
            if captures:
                stack.enter_context(_captured(self._item, captures[0]))
            yield
            gc.collect()  # what is still to complain that it was never closed does so unheard

    def _once(self) -> None:
        try:
            with self._renewed():
                self._body()
        except KeyboardInterrupt:
            raise
        except pytest.exit.Exception as error:
            self.stopped = error
            raise
        except BaseException as error:  # skips and failures are no Exceptions
            first = (str(error).strip() or type(error).__name__).partition("\n")[0]
            self.failure = f"the test did not pass again: {first}"
            raise RepeatError(self.failure) from error

    @contextmanager
    def _renewed(self) -> Iterator[None]:
        """Put new ones in the place of fixtures that a body changes or fills."""
        fixtures, properties = self._fixtures, self._item.user_properties
        kept = {name: fixtures[name] for name in _RENEWED if name in fixtures}
        told = len(properties)
        with ExitStack() as stack:
            stack.callback(fixtures.update, kept)
            if self._anew:
                folder = tempfile.mkdtemp(dir=kept["tmp_path"])
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
                fixtures["tmp_path"] = Path(folder)
            if "monkeypatch" in kept:
                fixtures["monkeypatch"] = patch = pytest.MonkeyPatch()
                stack.callback(patch.undo)
            if "subtests" in kept:
                fixtures["subtests"] = _Unreported()
            if "recwarn" in fixtures:  # a line that warned once would not warn again
                stack.enter_context(warnings.catch_warnings())
            self._drop()
            yield
        del properties[told:]
        self._drop()

    def _drop(self) -> None:
        """Forget what was heard of one call."""
        fixtures = self._fixtures
        self._warned.clear()
        if "recwarn" in fixtures:
            fixtures["recwarn"].clear()
        if "caplog" in fixtures:
            fixtures["caplog"].handler.reset()  # not cleared: what the test logged is kept apart
        for name in _CAPTURES:
            if name in fixtures:
                fixtures[name].readouterr()


class _Unreported:
    """Stands in for ``subtests``: the first one that fails ends the repeat."""

    @contextmanager
    def test(self, _message: str | None = None, **_values: Any) -> Iterator[None]:
        """Run one subtest and report it to nobody."""
        yield


def _is_empty(folder: object) -> bool:
    with suppress(OSError):  # a fixture may have taken it away
        return isinstance(folder, Path) and not any(folder.iterdir())
    return False


def _body(item: pytest.Item) -> Callable[[], object]:
    case = getattr(item, "cls", None)
    if isinstance(case, type) and issubclass(case, unittest.TestCase):
        return _unittest(item, case)
    return item.runtest


def _unittest(item: pytest.Item, case: type[unittest.TestCase]) -> Callable[[], object]:
    """Run a TestCase's method each time in a new instance with what fixtures gave the first."""
    name = getattr(item, "originalname", None) or item.name
    given = dict(vars(getattr(item, "instance", None) or unittest.TestCase()))

    def once() -> None:
        one, result = case(name), unittest.TestResult()
        own = vars(one)
        own.update({key: value for key, value in given.items() if key not in own})
        one.run(result)
        told = [text for _, text in (*result.errors, *result.failures, *result.skipped)]
        if told or not result.wasSuccessful():
            raise RepeatError(told[0].strip().splitlines()[-1] if told else "it succeeded")

    return once


@contextmanager
def _unheard(nowhere: int) -> Iterator[None]:
    """Send what this process and its children write to their terminal to a file descriptor."""
    _flush()
    kept: list[tuple[int, int]] = []
    for number in (1, 2):
        with suppress(OSError):  # the process may have closed it
            kept.append((number, os.dup(number)))
            os.dup2(nowhere, number)
    try:
        yield
    finally:
        _flush()
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None:
            with suppress(ValueError, OSError):  # closed by the test
                stream.flush()


@contextmanager
def _uncaught() -> Iterator[None]:
    """Keep errors of threads and finalizers from pytest: the first call showed them already."""
    kept = sys.unraisablehook, threading.excepthook
    sys.unraisablehook = threading.excepthook = _ignored
    try:
        yield
    finally:
        sys.unraisablehook, threading.excepthook = kept


def _ignored(_: object) -> None:
    """Hear of an error and do nothing."""


@contextmanager
def _unlogged(caplog: Any) -> Iterator[None]:
    """Take pytest's own handlers away, which keep or print each record, but for caplog's."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers[:] = [one for one in handlers if not type(one).__module__.startswith("_pytest.")]
    if caplog is not None:
        root.addHandler(caplog.handler)
        root.setLevel(min(level, caplog.handler.level or level))
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@contextmanager
def _captured(item: pytest.Item, fixture: Any) -> Iterator[None]:
    """Let a capturing fixture capture again; what it has from the test's own call is put back."""
    kept = fixture.readouterr()
    with captures_again(item.config):
        try:
            yield
        finally:
            fixture.readouterr()
            for stream, text in ((sys.stdout, kept.out), (sys.stderr, kept.err)):
                (stream.buffer if isinstance(text, bytes) else stream).write(text)
                stream.flush()
