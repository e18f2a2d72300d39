"""Judge what tests and processes took against budgets: apart from benchmarks, and quickly."""

from __future__ import annotations

import itertools
import typing

from paceline.guard.budget import judge_budgets
from paceline.guard.selection import matches
from paceline.model import RESOURCES, Direction

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.model import Budget, Measurement, Resources, Verdict

__all__ = ["for_resources", "judge_resources"]

_BEGINNINGS = ("test_", "run_")
_FIXTURE = "#fixture"


def for_resources(budget: Budget) -> bool:
    """Tell a budget on what tests or processes took from one on benchmarks."""
    return budget.metric.startswith(_BEGINNINGS)


def judge_resources(
    budgets: Iterable[Budget],
    records: Sequence[Resources],
    measurements: Iterable[Measurement] = (),
    *,
    level: float = 0.95,
) -> tuple[Verdict, ...]:
    """Judge every budget for resources on the records of tests and on single measurements.

    Set-ups of fixtures are judged only where a budget's pattern names them (``*#fixture db``);
    ``measurements`` are what comes without a record: whole processes, memory under a limit,
    events. Other budgets are left out. Of the many tests that keep a budget for all of them, the
    one nearest to the limit speaks: thousands of verdicts would say nothing more.
    """
    others: dict[str, list[Measurement]] = {}
    for one in measurements:
        others.setdefault(one.metric.name, []).append(one)
    by_item = _by_item(records)
    verdicts: list[Verdict] = []
    for budget in filter(for_resources, budgets):
        item = budget.selector.node_id  # a marker's own item: there may be as many as tests
        own = {one.case.node_id for one in others.get(budget.metric, ())}  # measured apart, better
        asked = by_item.get(item, ()) if item else records
        telling = _telling(budget, (one for one in asked if one.case.node_id not in own))
        found = [one for record in telling for one in _measured(record, budget.metric)]
        found += others.get(budget.metric, [])
        verdicts += judge_budgets([budget], found, level=level) if found else ()
    return tuple(verdicts)


def _by_item(records: Iterable[Resources]) -> dict[str, list[Resources]]:
    found: dict[str, list[Resources]] = {}
    for one in records:
        found.setdefault(one.case.node_id, []).append(one)
    return found


def _telling(budget: Budget, records: Iterable[Resources]) -> tuple[Resources, ...]:
    """List the records that may not keep a budget, and of those that do the nearest to the limit.

    Names are compared last: a pattern costs more than a figure.
    """
    fixtures = _FIXTURE in budget.selector.pattern
    doubtful: list[Resources] = []
    kept: list[tuple[float, int, Resources]] = []
    for place, record in enumerate(records):
        if bool(record.case.label) is not fixtures:
            continue
        figure = _plain_figure(record, budget.metric)
        if figure is None or not _kept(budget, figure):
            doubtful.append(record)
        else:
            kept.append((figure, -place, record))
    kept.sort(key=_figure_and_place, reverse=budget.direction is Direction.MAX)
    near = (record for _, _, record in kept if matches(budget.selector, record.case))
    beyond = tuple(one for one in doubtful if matches(budget.selector, one.case))
    return (*beyond, *itertools.islice(near, 1))


def _figure_and_place(one: tuple[float, int, Resources]) -> tuple[float, int]:
    return one[:2]


def _plain_figure(record: Resources, metric: str) -> float | None:
    """Give a figure that can be trusted, None where there is none."""
    if record.unsure or metric not in RESOURCES:
        known = {one.metric.name: one for one in record.measurements()}
        found = known.get(metric)
        return found.values[0] if found is not None and found.values and not found.unsure else None
    return record.figures[RESOURCES.index(metric)]


def _kept(budget: Budget, figure: float) -> bool:
    """Tell whether a figure keeps limit and target without a closer look."""
    sides = (budget.limit, budget.limit if budget.target is None else budget.target)
    if budget.direction is Direction.MAX:
        return figure <= min(sides)
    return figure >= max(sides)


def _measured(record: Resources, metric: str) -> Iterable[Measurement]:
    return (one for one in record.measurements() if one.metric.name == metric)
