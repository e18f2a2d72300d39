"""What can be set about leak checks inside tests."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from paceline.options import option

if TYPE_CHECKING:
    from paceline.engine.leaks.stages import Limits

__all__ = ["LeakOptions", "limits_of"]


@dataclass(frozen=True, slots=True)
class LeakOptions:
    """How long code is looked at that looks suspicious, in seconds."""

    section: ClassVar[str] = "leaks"

    time: float = option(
        1.0,
        unit="s",
        least=0.05,
        flag="--paceline-leaks-time",
        metavar="SECONDS",
        help="How long a function or test is repeated, at most, once it looks like a leak.",
    )


def limits_of(options: LeakOptions) -> Limits:
    """Give the limits of a check inside a test."""
    from paceline.engine.leaks.stages import Limits  # noqa: PLC0415  (options load in every run)

    return dataclasses.replace(Limits(), seconds=options.time)
