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

    from paceline.model import Measurement

__all__ = ["Recording"]


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
        trouble = ""
        taken: tuple[Measurement, ...] = ()
        try:
            taken = self._taken(item, call, benchmark)
        except Exception as error:  # noqa: BLE001  (names, errors and notes are the user's own code)
            trouble = f"not recorded: {type(error).__name__}: {error}"
        report = yield
        if taken or (benchmark.budgets and call.when == "call"):
            attach(report, taken, benchmark.budgets)
        if trouble:
            report.sections.append(("paceline", trouble))
        benchmark.passed = benchmark.passed or (report.when == "call" and report.passed)
        return report

    def _taken(
        self, item: pytest.Item, call: pytest.CallInfo[None], benchmark: Benchmark
    ) -> tuple[Measurement, ...]:
        if call.excinfo is not None:
            hint = hint_for(call.excinfo.value, benchmark)
            if hint:
                call.excinfo.value.add_note(f"paceline: {hint}")
        taken = benchmark.take(last=call.when == "teardown")
        if self._with_properties:
            for one in taken:
                item.user_properties.extend(_named(one))
        return taken


def _named(measurement: Measurement) -> list[tuple[str, object]]:
    """Name a measurement's properties, with its label where the test has several."""
    label = measurement.case.label
    start = f"paceline.{label}." if label else "paceline."
    return [
        (start + name.removeprefix("paceline."), value) for name, value in properties(measurement)
    ]
