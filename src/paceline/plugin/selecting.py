"""Selecting: which collected tests run, in which order, and whether budgets find theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.engine.categories import in_category
from paceline.engine.options import Mode
from paceline.errors import PacelineError
from paceline.guard.selection import check_matched
from paceline.model import Case
from paceline.plugin.pytest_internals import runs_everything

if TYPE_CHECKING:
    from paceline.engine.options import RunOptions
    from paceline.model import Budget

__all__ = ["Selecting", "has_benchmark"]


class Selecting:
    """Collection hooks, registered only when a flag or opting in asks for them."""

    def __init__(
        self, run: RunOptions, budgets: tuple[Budget, ...], *, skips: bool = False
    ) -> None:
        self._run = run
        self._budgets = budgets
        self._skips = skips

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Check the budgets' patterns, then leave out or reorder benchmarks as asked."""
        self._check_budgets(config, items)
        mode = self._run.mode
        if mode in {Mode.ONLY, Mode.SKIP}:
            wanted = mode is Mode.ONLY
            left_out = [item for item in items if has_benchmark(item) is not wanted]
            if self._skips:
                _skip(left_out, self._run.mode)
            elif left_out:
                config.hook.pytest_deselected(items=left_out)
                items[:] = [item for item in items if has_benchmark(item) is wanted]
        if self._run.serial:
            items.sort(key=has_benchmark)

    def _check_budgets(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        cases = [
            in_category(
                Case(item.nodeid, markers=tuple(marker.name for marker in item.iter_markers()))
            )
            for item in items
        ]
        try:
            check_matched(self._budgets, cases, whole=runs_everything(config))
        except PacelineError as error:
            raise pytest.UsageError(str(error)) from error


def _skip(items: list[pytest.Item], mode: Mode) -> None:
    """Mark tests to be skipped, each of which is reported, as pytest-benchmark's users expect."""
    kind = "non-benchmark" if mode is Mode.ONLY else "benchmark"
    mark = pytest.mark.skip(reason=f"Skipping {kind} (--benchmark-{mode.value} active).")
    for item in items:
        item.add_marker(mark)


def has_benchmark(item: pytest.Item) -> bool:
    """Tell whether a test asks for the ``benchmark`` fixture, directly or through another."""
    return "benchmark" in getattr(item, "fixturenames", ())
