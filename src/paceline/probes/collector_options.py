"""What can be set about the garbage collector during a run."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["CollectorOptions", "Policy"]


class Policy(enum.Enum):
    """When garbage is collected while tests run."""

    DEFAULT = "default"
    PER_TEST = "per-test"
    BETWEEN_GROUPS = "between-groups"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class CollectorOptions:
    """When garbage is collected, and how much may gather meanwhile."""

    section: ClassVar[str] = "collector"

    policy: Policy = option(
        Policy.DEFAULT,
        flag="--paceline-gc",
        metavar="WHEN",
        help=(
            "Collect garbage as Python does (default), after each test (per-test), when the file"
            " changes (between-groups) or never; the cost is said at the end."
        ),
    )
    growth: float = option(
        512 * 1024.0**2,
        unit="B",
        least=0,
        help="Resident memory that may gather between two tests' collections before one is made.",
    )
