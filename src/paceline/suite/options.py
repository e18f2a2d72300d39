"""What can be set about running a suite on several workers."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["Engine", "OrderBy", "SuiteOptions"]


class Engine(enum.Enum):
    """What runs the tests of a suite."""

    AUTO = "auto"
    FORK = "fork"
    XDIST = "xdist"


class OrderBy(enum.Enum):
    """How tests are ordered when workers share a suite."""

    AUTO = "auto"
    SERIAL = "serial"
    SHUFFLED = "shuffled"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class SuiteOptions:
    """How many workers, of which kind, and what they may do."""

    section: ClassVar[str] = "suite"

    workers: str = option(
        "",
        flag="--paceline-workers",
        metavar="N",
        help="Run the suite on N workers, forked after collection; auto counts cores, 0 is off.",
    )
    most_workers: int = option(
        0,
        least=0,
        flag="--paceline-most-workers",
        metavar="N",
        help="With auto, never more workers than this; 0 for no limit.",
    )
    engine: Engine = option(
        Engine.AUTO,
        flag="--paceline-engine",
        metavar="KIND",
        help="What runs the tests: auto forks where that is safe; fork or xdist insist.",
    )
    order: OrderBy = option(
        OrderBy.AUTO,
        flag="--paceline-order",
        metavar="KIND",
        help="auto goes from serial blocks to longest first as the suite proves fit; or insist.",
    )
    explain: bool = option(
        False,
        flags={"--paceline-explain": True},
        help="Show the plan of the run and why it is so, and run nothing.",
    )
    replay: bool = option(
        True,
        flags={"--paceline-no-replay": False},
        help="Try a failure again behind its serial predecessors before it is reported.",
    )
    retry_crashed: int = option(
        0,
        least=0,
        flag="--paceline-retry-crashed",
        metavar="N",
        help="Run a test again, up to N times, when the worker that ran it was lost.",
    )
    slow_after: float = option(
        60.0,
        unit="s",
        least=0.0,
        flag="--paceline-slow-after",
        metavar="SECONDS",
        help="Say that a test is slow while it still runs, after so long; 0 never does.",
    )
    pin: bool = option(
        False,
        flags={"--paceline-pin": True},
        help="Keep each worker on one processor of its own.",
    )
