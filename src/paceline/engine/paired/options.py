"""What can be set about a comparison of two trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["AbOptions"]


@dataclass(frozen=True, slots=True)
class AbOptions:
    """``resolution`` and ``error`` are shares of 1; ``time`` is in seconds."""

    section: ClassVar[str] = "ab"

    resolution: float = option(
        0.03,
        unit="1",
        least=0.001,
        most=0.5,
        help="The smallest change that paceline ab is to find; half of it is the threshold.",
    )
    error: float = option(
        0.01,
        unit="1",
        least=1e-6,
        most=0.2,
        help="How often paceline ab may raise a false alarm, over the whole suite.",
    )
    time: float = option(
        600.0,
        unit="s",
        least=1,
        help="The most seconds that paceline ab may take; what is undecided then is unsure.",
    )
