"""Sparkline: a series of figures as one line of blocks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["sparkline"]

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*#@"
_GAP = " "


def sparkline(values: Sequence[float | None], *, pure_ascii: bool = False) -> str:
    """Draw one mark per value, the lowest between the least and the greatest of them.

    None leaves a gap. A series that does not move stands at the lowest mark.
    """
    marks = _ASCII if pure_ascii else _BLOCKS
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    low, high = min(known), max(known)

    def mark(value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return _GAP
        share = (value - low) / (high - low) if high > low else 0.0
        return marks[min(int(share * len(marks)), len(marks) - 1)]

    return "".join(map(mark, values))
