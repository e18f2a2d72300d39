"""Budgets of a whole suite: usual ones for each category, once a project sets any by category.

A category is a marker to a budget: ``marker = "unit"`` with ``max_test_time`` limits each of its
tests, with ``max_run_category_time`` all of them together; ``max_run_time`` limits the run.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass

from paceline.guard.resources import for_resources
from paceline.model import METRICS, Budget, Direction, Selector

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["by_category", "suite_budgets"]

_EACH = "test_time"
_ALL = "run_category_time"
_RUN = "run_time"
_SECOND, _MINUTE = 1.0, 60.0


@dataclass(frozen=True, slots=True)
class _Usual:
    """What is usually asked of a category ("" for the whole run), in seconds."""

    category: str
    metric: str
    limit: float
    target: float | None = None


_USUAL = (
    _Usual("unit", _EACH, _SECOND, 0.1),
    _Usual("unit", _ALL, 10 * _SECOND),
    _Usual("integration", _EACH, 2 * _SECOND, _SECOND),
    _Usual("integration", _ALL, _MINUTE),
    _Usual("e2e", _EACH, 10 * _SECOND),
    _Usual("e2e", _ALL, 5 * _MINUTE),
    _Usual("", _RUN, 10 * _MINUTE, _MINUTE),
)


def by_category(budgets: Iterable[Budget]) -> bool:
    """Tell whether any budget is for a category as a whole."""
    return any(one.metric == _ALL for one in budgets)


def suite_budgets(budgets: Sequence[Budget]) -> tuple[Budget, ...]:
    """Keep the budgets that limit times of tests and runs; add the usual ones.

    Usual ones are only added where the project limits some category as a whole, and only for what
    it does not limit itself.
    """
    own = tuple(one for one in budgets if for_resources(one) and METRICS[one.metric].unit == "s")
    if not by_category(own):
        return own
    limited = {(one.selector.marker, one.metric) for one in own}
    usual = (one for one in _USUAL if (one.category, one.metric) not in limited)
    return (*own, *map(_budget, usual))


def _budget(usual: _Usual) -> Budget:
    return Budget(
        name=f"usual for {usual.category or 'a suite'}",
        selector=Selector(marker=usual.category),
        metric=usual.metric,
        statistic="max",
        direction=Direction.MAX,
        limit=usual.limit,
        target=usual.target,
    )
