"""Recording: the hooks of the process that runs tests; they put measurements on reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.plugin.benchmark import Benchmark, benchmark_of
from paceline.plugin.hints import hint_for
from paceline.plugin.transport import attach
from paceline.report.junit import properties

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["PacelineWarning", "Recording"]


class PacelineWarning(UserWarning):
    """Something about a benchmark that its author should know."""


class Recording:
    """Hooks that run per test once the first benchmark has been asked for."""

    def __init__(self, *, with_properties: bool) -> None:
        self._with_properties = with_properties

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach what was measured; add a hint where figures were read off the wrong object."""
        benchmark = benchmark_of(item)
        if benchmark is None:
            return (yield)
        if call.excinfo is not None:
            hint = hint_for(call.excinfo.value, benchmark)
            if hint:
                call.excinfo.value.add_note(f"paceline: {hint}")
        taken = benchmark.take()
        if self._with_properties:
            item.user_properties.extend(pair for one in taken for pair in properties(one))
        report = yield
        if taken:
            attach(report, taken, benchmark.budgets)
        _warn_if_unused(item, benchmark, report)
        return report


def _warn_if_unused(item: pytest.Item, benchmark: Benchmark, report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed and not benchmark.used:
        item.warn(PacelineWarning("the benchmark fixture was asked for and not used"))
