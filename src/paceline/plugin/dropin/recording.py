"""Recording: puts what a test's benchmarks say of themselves on its reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.plugin.benchmark import Benchmark
from paceline.plugin.dropin.metadata import carry
from paceline.plugin.sources import sources_of

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Telling"]


class Telling:
    """Hooks of a process that runs tests, where saved runs or their table are wanted."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach names, notes, options and profiles beside the figures."""
        report = yield
        found = [one for one in sources_of(item) if isinstance(one, Benchmark)]
        for benchmark in found:
            benchmark.skipped = benchmark.skipped or report.skipped
        if call.when != "setup":
            carry(report, (one.about() for benchmark in found for one in benchmark.told()))
        return report
