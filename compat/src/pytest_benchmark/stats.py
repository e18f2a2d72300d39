"""Statistics: values that are added one by one, and the figures of those so far."""

from __future__ import annotations

from typing import Any

from paceline.plugin.dropin.metadata import Metadata
from paceline.store.dropin.writing import FIELDS, figures

__all__ = ["Metadata", "Stats", "normalize_stats"]


class Stats:
    """The sixteen statistics of the values added so far, in their unit."""

    fields = FIELDS

    def __init__(self) -> None:
        self.data: list[float] = []
        self._seen = -1
        self._figures: dict[str, Any] = {}

    def __bool__(self) -> bool:
        return bool(self.data)

    def __getattr__(self, name: str) -> Any:
        if name not in FIELDS:
            raise AttributeError(name)
        if self._seen != len(self.data):
            self._figures, self._seen = figures(self.data), len(self.data)
        return self._figures[name]

    @property
    def sorted_data(self) -> list[float]:
        """The values, the smallest first."""
        return sorted(self.data)

    def update(self, duration: float) -> None:
        """Add one value."""
        self.data.append(duration)

    def as_dict(self) -> dict[str, Any]:
        """Give every statistic by its name."""
        return {name: getattr(self, name) for name in FIELDS}


def normalize_stats(stats: dict[str, Any]) -> dict[str, Any]:
    """Add the operations per second that documents of old releases lack."""
    stats.setdefault("ops", 1 / stats["mean"] if stats["mean"] else 0.0)
    return stats
