"""Reference cycles: freed by the collector, hidden from it, or kept alive."""

from __future__ import annotations

import gc
import sys
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()
LIVING = {"nodes": 0}


class _Node:
    """Counts itself as long as it lives."""

    def __init__(self) -> None:
        LIVING["nodes"] += 1
        self.other: Any = None
        self.payload = bytes(SIZE)

    def __del__(self) -> None:
        """Count down."""
        LIVING["nodes"] -= 1


def _pair() -> _Node:
    one, other = _Node(), _Node()
    one.other, other.other = other, one
    return one


@leak(lambda: LIVING["nodes"], each=2)
def pairs_without_collector() -> None:
    """Switch the collector off, as code in a hurry does, and make a cycle of two a call."""
    gc.disable()
    _pair()


@leak(lambda: LIVING["nodes"], each=2)
def pairs_frozen() -> None:
    """Freeze what lives while a cycle is young: the collector never looks at it again."""
    _pair()
    gc.freeze()


RISEN: list[Any] = []


class _Phoenix:
    """Refuses to go."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        """Come back for good."""
        RISEN.append(self)


@leak(lambda: len(RISEN), each=0.9, calls=2500)
def phoenix() -> None:
    """Make a cyclic object whose end puts it into a list."""
    _Phoenix()
    gc.collect(0)


@leak(lambda: LIVING["nodes"], each=0.2)
def cycle_held_by_method() -> None:
    """Hold a cycle of two by one bound method, one call in ten."""
    if next(CALLS) % 10 == 0:
        HOLDERS.append(_pair().__init__)  # type: ignore[misc]


HOLDERS: list[Any] = []


@harmless(lambda: LIVING["nodes"], most=6000)
def pairs_collected() -> None:
    """Make a cycle of two a call and leave it to the collector."""
    _pair()


@harmless(lambda: LIVING["nodes"], most=2)
def broken_by_hand() -> None:
    """Break the cycle before it goes."""
    _pair().other.other = None


@harmless(lambda: LIVING["nodes"], most=6000)
def collector_paused() -> None:
    """Switch the collector off for the call only."""
    gc.disable()
    try:
        _pair()
    finally:
        gc.enable()


@harmless(lambda: LIVING["nodes"], most=6000, calls=1500)
def frozen_and_thawed() -> None:
    """Freeze and thaw again."""
    _pair()
    gc.freeze()
    gc.unfreeze()
