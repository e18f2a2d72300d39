"""Budget: an absolute limit that the author of the code declares."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from paceline.errors import Place  # noqa: TC001  (codecs read the annotations)

__all__ = ["Budget", "Direction", "Selector"]


class Direction(enum.Enum):
    """On which side of the figure the limit stands."""

    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, slots=True)
class Selector:
    """Which cases a budget is for; empty fields select everything.

    ``pattern`` is a shell-style pattern over case ids (as a whole, or their tail after ``::``);
    ``marker`` and ``group`` are names; ``node_id`` is one very item, with all its labels.
    """

    pattern: str = ""
    marker: str = ""
    group: str = ""
    node_id: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit on one statistic of one metric.

    ``limit`` (the threshold: beyond it the budget is broken) and ``target`` (beyond it the user is
    warned; None for none) are in the metric's base unit. ``reference`` names the other benchmark of
    a ratio budget ("" for a constant): the figure is then reference over case, so ``min_ratio`` 10
    means that the case is at least ten times as fast as the reference.
    ``tolerance`` is the relative slack on a named absolute baseline (0.2 for 20 %); ``constant`` is
    the reference in seconds when it is no benchmark; ``item_unit`` is "B" for bytes per second.
    """

    name: str
    selector: Selector
    metric: str
    statistic: str
    direction: Direction
    limit: float
    target: float | None = None
    reference: str = ""
    tolerance: float = 0.0
    description: str = ""
    place: Place | None = None
    constant: float | None = None
    item_unit: str = ""
