"""Collector: when garbage is collected while tests run, and what that costs."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest

from paceline.probes.clock import Real
from paceline.probes.collector_options import Policy
from paceline.probes.memory import resident

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from paceline.probes.collector_options import CollectorOptions

__all__ = ["Collecting"]

_GATHERING = (Policy.BETWEEN_GROUPS, Policy.NEVER)
_OUTPUT = "paceline_collector"


class Collecting:
    """Holds the collector back while tests run, collects between them and counts the seconds.

    It is held back by its threshold, which automatic collections need, not by `gc.disable`: what
    user code does with that, and reads of it, stays its own.
    """

    def __init__(
        self,
        options: CollectorOptions,
        *,
        clock: Callable[[], float] = Real.perf_counter,
        memory: Callable[[], float] = resident,
    ) -> None:
        self._options = options
        self._clock = clock
        self._memory = memory
        self._found: tuple[int, int, int] | None = None
        self._level = 0.0
        self._file = ""
        self._began = 0.0
        self.count = 0
        self.seconds = 0.0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Collect around a test where it is due, outside of what counts as the test's time."""
        if self._heard not in gc.callbacks:  # not before: a process without tests collects freely
            gc.callbacks.append(self._heard)
            self._level = self._memory()
        file = item.nodeid.partition("::")[0]
        before, self._file = self._file, file
        if self._options.policy is Policy.BETWEEN_GROUPS and before not in {"", file}:
            self._collect()
        self._hold()
        result = yield
        if self._options.policy is Policy.PER_TEST or (
            self._options.policy in _GATHERING and self._grown() > self._options.growth
        ):
            self._collect()
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let the collector go as it was found; in a worker, send what it cost."""
        found, self._found = self._found, None
        if found is not None and gc.get_threshold() == _held(found):
            gc.set_threshold(*found)
        if self._heard in gc.callbacks:
            gc.callbacks.remove(self._heard)
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = [self.count, self.seconds]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add what a worker's collections cost."""
        output = getattr(node, "workeroutput", None) or {}
        self.add(*output.get(_OUTPUT, (0, 0.0)))

    def add(self, count: int, seconds: float) -> None:
        """Add what collections in another process cost."""
        self.count += count
        self.seconds += seconds

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the collections of the run cost."""
        plural = "" if self.count == 1 else "s"
        terminalreporter.write_line(
            f"garbage collector {self._options.policy.value}: "
            f"{self.count} collection{plural} in {self.seconds:.2f} s while tests ran"
        )

    def _hold(self) -> None:
        """Hold the collector back; thresholds that user code set since are what it gets back."""
        now = gc.get_threshold()
        if self._options.policy is not Policy.DEFAULT and now[0]:
            self._found = now
            gc.set_threshold(*_held(now))

    def _grown(self) -> float:
        return self._memory() - self._level

    def _collect(self) -> None:
        gc.collect()
        self._level = self._memory()

    def _heard(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._began = self._clock()
        else:
            self.seconds += self._clock() - self._began
            self.count += 1


def _held(found: tuple[int, int, int]) -> tuple[int, int, int]:
    """Give thresholds that start no collection: 0 means never (Python's gc documentation)."""
    return 0, found[1], found[2]
