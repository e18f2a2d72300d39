"""Encode budgets into builtins and decode them: a test's own budgets ride on its report.

Both ends are the same Paceline in one run, so this format is never stored and has no history.
"""

from __future__ import annotations

from typing import Any

from paceline.errors import Place
from paceline.model.budget import Budget, Direction, Selector

__all__ = ["decode_budget", "encode_budget"]


def encode_budget(budget: Budget) -> dict[str, Any]:
    """Give a budget as builtins."""
    selector, place = budget.selector, budget.place
    return {
        "name": budget.name,
        "selector": {
            "pattern": selector.pattern,
            "marker": selector.marker,
            "group": selector.group,
            "node_id": selector.node_id,
        },
        "metric": budget.metric,
        "statistic": budget.statistic,
        "direction": budget.direction.value,
        "limit": budget.limit,
        "target": budget.target,
        "reference": budget.reference,
        "tolerance": budget.tolerance,
        "constant": budget.constant,
        "item_unit": budget.item_unit,
        "description": budget.description,
        "place": [place.file, place.line] if place else None,
    }


def decode_budget(data: dict[str, Any]) -> Budget:
    """Read a budget back."""
    place = data["place"]
    return Budget(
        **{
            **data,
            "selector": Selector(**data["selector"]),
            "direction": Direction(data["direction"]),
            "place": Place(*place) if place else None,
        }
    )
