"""What can be set about the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["StoreOptions"]


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """Where measurements are kept and for how long; 0 sets no limit."""

    section: ClassVar[str] = "store"

    path: str = option(
        "",
        flag="--paceline-store",
        metavar="PATH",
        help="The store's file or postgresql:// URL; empty for .paceline/paceline.sqlite.",
    )
    keep_runs: int = option(
        1000,
        least=0,
        metavar="NUM",
        help="The newest runs that are kept; 0 for all.",
    )
    keep_days: float = option(
        0.0,
        least=0,
        metavar="DAYS",
        help="The age in days beyond which runs are removed; 0 for never.",
    )
    raw_runs: int = option(
        200,
        least=0,
        metavar="NUM",
        help="The newest runs that keep raw values; older ones keep their summary; 0 for all.",
    )
