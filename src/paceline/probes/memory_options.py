"""What can be set about the memory of tests."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["MemoryOptions", "Trace"]


class Trace(enum.Enum):
    """Which tests' Python bytes are traced."""

    MARKED = "marked"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class MemoryOptions:
    """Limits in bytes, 0 for none; ``top`` counts places."""

    section: ClassVar[str] = "memory"

    trace: Trace = option(
        Trace.MARKED,
        metavar="TESTS",
        flag="--paceline-memory-trace",
        help="Trace the Python bytes of the tests that a memory_limit marks, or of all tests.",
    )
    limit: float = option(
        0.0,
        unit="B",
        least=0,
        flag="--paceline-memory-limit",
        metavar="BYTES",
        help="The most that the process may rise by during any test, such as 512 MiB; 0 for none.",
    )
    growth: float = option(
        0.0,
        unit="B",
        least=0,
        metavar="BYTES",
        help="The most that the process may have grown by after any test; 0 for none.",
    )
    peak: float = option(
        0.0,
        unit="B",
        least=0,
        metavar="BYTES",
        help="The most Python bytes that any test may hold at its peak; traces all; 0 for none.",
    )
    run_peak: float = option(
        0.0,
        unit="B",
        least=0,
        metavar="BYTES",
        help="The most resident memory that a process of the run may have; 0 for none.",
    )
    run_growth: float = option(
        0.0,
        unit="B",
        least=0,
        metavar="BYTES",
        help="The most that a process may grow by over the whole run; 0 for none.",
    )
    top: int = option(
        10,
        least=1,
        most=50,
        metavar="NUM",
        help="How many places are kept and shown for a broken limit.",
    )

    @property
    def traces_all(self) -> bool:
        """Whether every test is traced."""
        return self.trace is Trace.ALL or self.peak > 0
