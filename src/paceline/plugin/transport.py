"""Transport: measurements and a test's own budgets ride on its report, as builtins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.model.budget_codec import decode_budget, encode_budget
from paceline.model.codec import decode_measurement, encode_measurement
from paceline.plugin.listener import ATTRIBUTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.model import Budget, Measurement

__all__ = ["attach", "unpack"]


def attach(report: Any, measurements: Iterable[Measurement], budgets: Iterable[Budget]) -> None:
    """Put measurements and budgets on a report: pytest and xdist carry extra attributes along."""
    data = {
        "measurements": [encode_measurement(one) for one in measurements],
        "budgets": [encode_budget(one) for one in budgets],
    }
    setattr(report, ATTRIBUTE, data)


def unpack(report: Any) -> tuple[tuple[Measurement, ...], tuple[Budget, ...]]:
    """Read back what `attach` put on a report; two empty tuples where there is nothing."""
    data = getattr(report, ATTRIBUTE, None)
    if not data:
        return (), ()
    return (
        tuple(map(decode_measurement, data["measurements"])),
        tuple(map(decode_budget, data["budgets"])),
    )
