"""Debugging: a worker has the terminal to itself while a debugger is open in it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from paceline.engine.forked.worker import Worker

__all__ = ["Debugging", "Terminal"]

_OFTEN = 0.1  # seconds between two requests, while another worker has the terminal


class Terminal:
    """The terminal as the controller has it: its streams and its group."""

    def __init__(self) -> None:
        self.streams = (os.dup(1), os.dup(2))
        self.group = os.getpgrp()

    def close(self) -> None:
        """Let go of the streams."""
        for one in self.streams:
            os.close(one)


class Debugging:
    """Hooks of a worker around the debugger."""

    def __init__(self, config: pytest.Config, worker: Worker, terminal: Terminal) -> None:
        self._config = config
        self._worker = worker
        self._terminal = terminal
        self._depth = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_enter_pdb(self) -> None:
        """Take the terminal before the first prompt."""
        self._take()

    @pytest.hookimpl(trylast=True)
    def pytest_leave_pdb(self) -> None:
        """Give the terminal back when the test goes on."""
        self._give_back()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Give the terminal back where the debugger was quit, which no hook tells."""
        try:
            return (yield)
        finally:
            if self._depth:
                self._depth = 1
                self._give_back()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_exception_interact(self) -> Generator[None, object, object]:
        """Let ``--pdb`` write what failed where its user reads it."""
        if not self._config.getoption("usepdb"):
            return (yield)
        manager: Any = self._config.pluginmanager.get_plugin("capturemanager")
        if manager is not None:
            manager.suspend(in_=True)
        self._take()
        try:
            return (yield)
        finally:
            self._give_back()

    def _take(self) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        while not self._worker.ask("ask", "terminal", ""):
            time.sleep(_OFTEN)
        for descriptor, stream in zip((1, 2), self._terminal.streams, strict=True):
            os.dup2(stream, descriptor)
        _bring_to_front(os.getpgrp())

    def _give_back(self) -> None:
        self._depth -= 1
        if self._depth:
            return
        _bring_to_front(self._terminal.group)
        for descriptor in (1, 2):
            os.dup2(self._worker.output, descriptor)
        self._worker.send("terminal")
        self._worker.ring()


def _bring_to_front(group: int) -> None:
    """Let a group of processes read the terminal, if there is one; ours may be behind it."""
    if not os.isatty(0):
        return
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        with contextlib.suppress(OSError):  # the terminal is another session's
            os.tcsetpgrp(0, group)
    finally:
        signal.signal(signal.SIGTTOU, before)
