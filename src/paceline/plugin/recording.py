"""Recording: the hooks of the process that runs tests; they put measurements on reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.plugin.sources import sources_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from paceline.model import Measurement
    from paceline.plugin.benchmark import Benchmark
    from paceline.plugin.sources import Source

__all__ = ["Recording"]


class Recording:
    """Hooks that run per test once the first measurement has been asked for."""

    def __init__(self, *, with_properties: bool) -> None:
        self._with_properties = with_properties

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach what was measured; add a hint where figures were read off the wrong object."""
        sources = sources_of(item)
        if not sources:
            return (yield)
        from paceline.plugin.transport import attach  # noqa: PLC0415  (not without a source)

        taken, troubles = _taken(sources, call)
        if self._with_properties:
            for one in taken:
                item.user_properties.extend(_named(one))
        report = yield
        budgets = dict.fromkeys(budget for source in sources for budget in source.budgets)
        if taken or (budgets and call.when == "call"):
            attach(report, taken, budgets)
        report.sections.extend(("paceline", trouble) for trouble in troubles)
        if report.when == "call" and report.passed:
            for source in sources:
                source.passed = True
        return report


def _taken(
    sources: Sequence[Source], call: pytest.CallInfo[None]
) -> tuple[tuple[Measurement, ...], tuple[str, ...]]:
    """Take from every source; one that can't give its figures costs a line on the report."""
    from paceline.plugin.benchmark import Benchmark  # noqa: PLC0415  (a source has loaded it)

    taken: list[Measurement] = []
    troubles = []
    for source in sources:
        try:
            if isinstance(source, Benchmark):
                _hint(source, call)
            taken += source.take(last=call.when == "teardown")
        except Exception as error:  # noqa: BLE001  (names, errors and notes are the user's own code)
            troubles.append(f"not recorded: {type(error).__name__}: {error}")
    return tuple(taken), tuple(troubles)


def _hint(benchmark: Benchmark, call: pytest.CallInfo[None]) -> None:
    if call.excinfo is None:
        return
    from paceline.plugin.hints import hint_for  # noqa: PLC0415  (not without a failure)

    hint = hint_for(call.excinfo.value, benchmark)
    if hint:
        call.excinfo.value.add_note(f"paceline: {hint}")


def _named(measurement: Measurement) -> list[tuple[str, object]]:
    """Name a measurement's properties, with its label where the test has several."""
    from paceline.report.junit import properties  # noqa: PLC0415  (not without a figure)

    label = measurement.case.label
    start = f"paceline.{label}." if label else "paceline."
    return [
        (start + name.removeprefix("paceline."), value) for name, value in properties(measurement)
    ]
