"""Road: a leak check's result as measurements, like every other figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.model import METRICS, Measurement, Site
from paceline.stats.leak import LeakVerdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paceline.model import Case
    from paceline.stats.leak import LeakResult

__all__ = ["CALLABLE", "TEST", "measurements_of"]

CALLABLE = {"leaked_objects": "1", "leaked_bytes": "B"}
"""The metrics of one callable, and their units."""
TEST = {f"test_{name}": unit for name, unit in CALLABLE.items()}
"""The metrics of a whole test that was repeated."""


def measurements_of(
    result: LeakResult, case: Case, *, metrics: Mapping[str, str]
) -> tuple[Measurement, ...]:
    """Give what each further call keeps: objects or handles, and bytes; 0 where nothing leaks.

    Resources overlap (a list's entry is an object and a block), so the largest rate counts. The
    growth of a site is that of one call.
    """
    conditions = _conditions(result)
    sites = tuple(
        Site(one.name, one.place, count=one.length, size_growth=one.size, count_growth=one.count)
        for one in result.holders
    )
    unsure = result.unsure if result.verdict is LeakVerdict.UNSURE else ""
    return tuple(
        Measurement(
            case,
            METRICS[name],
            () if unsure else (_rate(result, unit),),
            iterations=max(1, result.calls),
            conditions=conditions,
            unsure=unsure,
            sites=sites,
        )
        for name, unit in metrics.items()
    )


def _rate(result: LeakResult, unit: str) -> float:
    guilty = (one for one in result.resources if one.verdict is LeakVerdict.LEAK)
    return max((one.point for one in guilty if one.unit == unit), default=0.0)


def _conditions(result: LeakResult) -> tuple[tuple[str, str], ...]:
    small = result.smallest
    facts = {
        "verdict": result.verdict.value,
        "because": result.because,
        "smallest object": _calls(small.object_calls),
        "smallest bytes": f"{small.size:.3g} B a call" if math.isfinite(small.size) else "",
    }
    return tuple((name, value) for name, value in facts.items() if value)


def _calls(calls: float) -> str:
    return f"one in {calls:.3g} calls" if math.isfinite(calls) else ""
