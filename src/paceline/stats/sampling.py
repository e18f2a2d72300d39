"""How many rounds to take: decided once, from a pilot, so that stopping favours no interval.

Looking at the interval after every round and stopping at the first that is tight enough picks the
intervals that are tight by luck, and those miss the truth too often (Anscombe, 1953). Stein's
two-stage rule (1945, doi:10.1214/aoms/1177731088) looks once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.stats.interval import half_width_to_rounds, interval

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["rounds_needed"]

_SAFETY = 1.2  # rounds beyond what the pilot asks for, as a pilot's own width is uncertain
_INDEPENDENT = 60  # values' worth of knowledge: a pilot of less may be calm by luck


def rounds_needed(  # noqa: PLR0913  (the rule's figures, all by name)
    pilot: Sequence[float],
    *,
    target: float,
    level: float,
    least: int,
    most: int,
    statistic: str = "median",
) -> int:
    """Fix the total number of rounds from a pilot, between ``least`` and ``most``.

    ``target`` is the relative half width wanted at confidence ``level``.

    Raises:
        MeasureError: the pilot is a single value.
        ValueError: ``target`` or ``level`` are out of range.
    """
    wanted = half_width_to_rounds(pilot, target, level=level, statistic=statistic)
    worth = interval(pilot, statistic, level=level).independent / len(pilot)
    enough = max(_SAFETY * wanted, _INDEPENDENT / worth)
    return min(max(least, len(pilot), math.ceil(enough)), most)
