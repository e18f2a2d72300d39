"""Categories of tests, put on their records as markers, and what each category takes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from paceline.engine.resources import RUN
from paceline.model import METRICS, Case, Measurement, Resources
from paceline.suite.category import category_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["UNMARKED", "categorised", "category_times", "in_category", "kind_of"]

UNMARKED = "unmarked"
"""What tests without a category are called."""


def kind_of(case: Case) -> str:
    """Name a test's category: by its markers, else by its folder."""
    return _kind(case.markers, case.node_id.partition("::")[0])


def categorised(records: Iterable[Resources]) -> tuple[Resources, ...]:
    """Give a test that lies in a category's folder the category as a marker, for budgets."""
    return tuple(map(_marked, records))


def category_times(records: Iterable[Resources]) -> tuple[Measurement, ...]:
    """Add up what the tests of each category took, in seconds."""
    times: dict[str, float] = {}
    for record in records:
        time = None if record.case.label else record.figure("test_time")
        if time is not None:
            kind = kind_of(record.case)
            times[kind] = times.get(kind, 0.0) + time
    return tuple(
        Measurement(Case(RUN, kind, markers=(kind,)), METRICS["run_category_time"], (seconds,))
        for kind, seconds in times.items()
    )


def in_category(case: Case) -> Case:
    """Give a case its category as a marker, where only its folder names one."""
    kind = kind_of(case)
    if kind == UNMARKED or kind in case.markers:
        return case
    return Case(case.node_id, case.label, case.parameters, case.group, (*case.markers, kind))


def _marked(record: Resources) -> Resources:
    case = record.case if record.case.label else in_category(record.case)
    if case is record.case:
        return record
    return Resources(case, record.figures, record.unsure, record.turn)


@functools.lru_cache(maxsize=4096)
def _kind(markers: tuple[str, ...], file: str) -> str:
    return category_of(markers, file) or UNMARKED
