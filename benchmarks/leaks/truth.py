"""What a case is in truth, said beside it, with the count that proves it.

A case is a function without arguments; one call of it is one call of the code under check. An
``async def`` case is awaited again and again in one event loop. The decorators give back the very
function they were given. Counts are the case's own (entries of its container, file descriptors,
bytes it asked for); ``prove.py`` reads them and nothing else does.
"""

from __future__ import annotations

import os
import random
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TRUTHS", "Truth", "filling", "harmless", "leak", "open_files", "seeded", "threads"]

Case = TypeVar("Case", bound="Callable[[], Any]")
TRUTHS: dict[str, Truth] = {}


@dataclass(frozen=True, slots=True)
class Truth:
    """One case's truth and how it is proved.

    A leak's count grows by at least ``each`` a call. A harmless or a filling case's count never
    passes ``most``; without a count, nothing outlives the call and allocated blocks end level.
    ``calls`` is what a proof can afford, ``needs`` a module or a program that must be there.
    """

    kind: str
    count: Callable[[], float] | None
    each: float
    most: float
    calls: int
    needs: str


def leak(
    count: Callable[[], float], *, each: float = 1.0, calls: int = 5000, needs: str = ""
) -> Callable[[Case], Case]:
    """Mark a case that grows for ever, by at least ``each`` of its count a call."""
    return _marked(Truth("leak", count, each, 0, calls, needs))


def harmless(
    count: Callable[[], float] | None = None,
    *,
    most: float = 0,
    calls: int = 5000,
    needs: str = "",
) -> Callable[[Case], Case]:
    """Mark a case that keeps nothing, or never more than ``most`` of its count."""
    return _marked(Truth("harmless", count, 0, most, calls, needs))


def filling(
    count: Callable[[], float], *, most: float, calls: int = 5000, needs: str = ""
) -> Callable[[Case], Case]:
    """Mark a case whose cache grows for long and ends at ``most``."""
    return _marked(Truth("filling", count, 0, most, calls, needs))


def seeded() -> random.Random:
    """Give the source of chance that PACELINE_SEED starts."""
    return random.Random(int(os.environ.get("PACELINE_SEED", "0")))


def open_files() -> int:
    """Count this process's open file descriptors, the one that lists them left out."""
    return len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208  (names only, nothing stays open)


def threads() -> int:
    """Count the threads that Python knows to be alive."""
    return threading.active_count()


def _marked(truth: Truth) -> Callable[[Case], Case]:
    def mark(case: Case) -> Case:
        TRUTHS[case.__name__] = truth
        return case

    return mark
