"""Reference cycles: freed by the collector, hidden from it, or kept alive."""

from __future__ import annotations

import gc
import sys
import weakref
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


@leak(lambda: SELVES["made"], each=0.5)
def selves_without_collector() -> None:
    """Switch the collector off and make a list that holds itself, every other call."""
    gc.disable()
    if next(CALLS) % 2:
        mine: list[Any] = []
        mine.append(mine)
        SELVES["made"] += 1


SELVES = {"made": 0}


@leak(lambda: len(gc.garbage), each=0.9, calls=1500)
def garbage_saved() -> None:
    """Leave the collector's debugging on: it keeps what it would free."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    _pair()
    gc.collect(0)


ROOT = _Node()
ROOT.other = []


@leak(lambda: len(ROOT.other))
def children_of_root() -> None:
    """Tie a child to an immortal parent, each knowing the other."""
    child = _Node()
    child.other = ROOT
    ROOT.other.append(child)


TREE: dict[str, Any] = {"node": None}


@leak(lambda: LIVING["nodes"])
def doubly_linked() -> None:
    """Append to a doubly linked list whose last node is kept."""
    node = _Node()
    node.other = (TREE["node"],)
    TREE["node"] = node


@harmless(lambda: LIVING["nodes"], most=6000)
def rings_collected() -> None:
    """Make a ring of several nodes a call."""
    first = last = _Node()
    for _ in range(SOURCE.randrange(2, 9)):
        node = _Node()
        last.other = node
        last = node
    last.other = first


@harmless(lambda: LIVING["nodes"], most=2)
def weak_way_back() -> None:
    """Know one's parent weakly."""
    parent, child = _Node(), _Node()
    parent.other = child
    child.other = weakref.ref(parent)


@harmless(lambda: LIVING["nodes"], most=6000, calls=1500)
def collected_every_twentieth() -> None:
    """Make cycles and collect oneself every 20 calls."""
    _pair()
    if next(CALLS) % 20 == 0:
        gc.collect()


SLOT: list[Any] = [None]


class _Reviving:
    """Comes back once, into a slot that holds one."""

    def __del__(self) -> None:
        """Take the slot."""
        SLOT[0] = self


@harmless(lambda: len(SLOT), most=1, calls=3000)
def revived_once() -> None:
    """Revive an object into the one slot."""
    _Reviving()
