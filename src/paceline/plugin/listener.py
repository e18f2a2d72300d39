"""Listener: on the controller of an idle run, hears the first measurement that a worker sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

__all__ = ["ATTRIBUTE", "Listener"]

ATTRIBUTE = "paceline"  # of a report that carries measurements


class Listener:
    """Looks at each report for our attribute; ``awaken`` takes the first that has it."""

    def __init__(self, awaken: Callable[[pytest.TestReport], None]) -> None:
        self._awaken = awaken

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hand the first report over: what it wakes does not hear that one by itself."""
        if hasattr(report, ATTRIBUTE):
            self._awaken(report)
