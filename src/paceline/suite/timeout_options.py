"""What can be set about time limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["TimeoutOptions"]


@dataclass(frozen=True, slots=True)
class TimeoutOptions:
    """How long one test and the whole run may take."""

    section: ClassVar[str] = "timeout"

    test: float = option(
        0.0,
        unit="s",
        least=0,
        flag="--paceline-timeout",
        metavar="SECONDS",
        help="How long a test may take, set-up and teardown included; 0 sets no limit.",
    )
    run: float = option(
        0.0,
        unit="s",
        least=0,
        flag="--paceline-run-timeout",
        metavar="SECONDS",
        help="How long the run may take: after it no test begins; 0 sets no limit.",
    )
