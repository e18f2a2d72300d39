"""Measurement: all values of one metric of one case in one run."""

from __future__ import annotations

from dataclasses import dataclass

from paceline.model.case import Case  # noqa: TC001  (codecs read the annotations)
from paceline.model.metric import Metric  # noqa: TC001
from paceline.model.site import Site  # noqa: TC001

__all__ = ["Measurement", "StoredSummary"]


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """What is left of values that were dropped by age, or that another tool never gave.

    In the metric's base unit; None where a figure is not known. It is enough for a trend, not for
    an interval.
    """

    rounds: int
    mean: float | None = None
    median: float | None = None
    min: float | None = None
    stddev: float | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """Raw values in the metric's base unit, one per round, each per iteration, in their order.

    ``warmup`` counts the rounds that were run and left out; ``items`` is the work in one call
    (0 when not stated), in ``item_unit`` ("items" or "B"); ``conditions`` are the facts under which
    the values were taken; ``unsure`` says why the figure can't be trusted, "" when it can;
    ``extra`` is what the author of the test added, each value as JSON text; ``sites`` say where
    memory or objects are held, the most important first; ``summary`` stands in for values that are
    not at hand.
    """

    case: Case
    metric: Metric
    values: tuple[float, ...]
    iterations: int = 1
    warmup: int = 0
    items: float = 0.0
    item_unit: str = "items"
    conditions: tuple[tuple[str, str], ...] = ()
    unsure: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    sites: tuple[Site, ...] = ()
    summary: StoredSummary | None = None

    @property
    def rounds(self) -> int:
        """The number of values, also of those that are not at hand."""
        return len(self.values) or (self.summary.rounds if self.summary else 0)

    def condition(self, name: str) -> str:
        """Look up one condition, "" when it was not recorded."""
        return dict(self.conditions).get(name, "")
