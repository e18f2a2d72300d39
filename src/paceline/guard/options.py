"""What can be set about budgets, baselines and the exit status."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["GuardOptions", "Spread"]


class Spread(enum.Enum):
    """Where the noise of a comparison with a stored run is known from."""

    HISTORY = "history"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class GuardOptions:
    """Thresholds and levels as fractions."""

    section: ClassVar[str] = "guard"

    budgets: str = option(
        "",
        flag="--paceline-budgets",
        metavar="FILE",
        help="A YAML or TOML file of budgets, beside those in [tool.paceline.budgets].",
    )
    baseline: str = option(
        "",
        flag="--paceline-baseline",
        metavar="NAME",
        help="The baseline, commit, run or file to compare with.",
    )
    threshold: float = option(
        0.10,
        unit="1",
        least=0,
        flag="--paceline-threshold",
        metavar="FRACTION",
        help="The smallest relative change against a baseline that counts.",
    )
    spread: Spread = option(
        Spread.HISTORY,
        flag="--paceline-spread",
        metavar="SOURCE",
        help="Judge against a baseline by how far stored runs lie apart, or by this process alone.",
    )
    level: float = option(
        0.95,
        unit="1",
        least=0.5,
        most=0.9999,
        flag="--paceline-level",
        metavar="FRACTION",
        help="The confidence level of the intervals that verdicts rest on.",
    )
    strict: bool = option(
        False,
        flags={"--paceline-strict": True},
        help="Exit with 12 when a figure is too noisy, or too incomparable, to judge.",
    )
    fail_on: tuple[str, ...] = option(
        (),
        apart=",\n",
        flag="--benchmark-compare-fail",
        metavar="RULE",
        several=True,
        help="What counts as a regression, as in mean:10% or min:0.001 (seconds).",
    )
