"""Measurement: all values of one metric of one case in one run."""

from __future__ import annotations

from dataclasses import dataclass

from paceline.model.case import Case  # noqa: TC001  (codecs read the annotations)
from paceline.model.metric import Metric  # noqa: TC001
from paceline.model.site import Site  # noqa: TC001

__all__ = ["Measurement"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Raw values in the metric's base unit, one per round, each per iteration, in their order.

    ``warmup`` counts the rounds that were run and left out; ``items`` is the work in one call
    (0 when not stated), in ``item_unit`` ("items" or "B"); ``conditions`` are the facts under which
    the values were taken; ``unsure`` says why the figure can't be trusted, "" when it can;
    ``extra`` is what the author of the test added, each value as JSON text; ``sites`` say where
    memory or objects are held, the most important first.
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

    @property
    def rounds(self) -> int:
        """The number of values."""
        return len(self.values)

    def condition(self, name: str) -> str:
        """Look up one condition, "" when it was not recorded."""
        return dict(self.conditions).get(name, "")
