"""What a leak check finds, and how series of several stages become one verdict."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.stats.growth import Trend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paceline.errors import Place
    from paceline.stats.growth import Growth

__all__ = [
    "BYTES",
    "COUNTS",
    "GARBAGE",
    "HANDLES",
    "ROUNDS",
    "UNITS",
    "Holder",
    "LeakResult",
    "LeakVerdict",
    "Resource",
    "Smallest",
    "grows_alike",
    "grows_in_steps",
    "is_drift",
    "is_python_leak",
    "is_vague",
    "native_holds",
    "rate_holds",
    "resources_of",
    "smallest_seen",
]

COUNTS = ("blocks", "objects", "entries", "buffers")
"""Memory told by counts that are exact: each decides alone."""
HANDLES = ("files", "threads", "tasks", "processes")
"""What the system lends."""
BYTES = ("heap", "mapped")
"""Bytes that drift for many reasons: they only raise a suspicion."""
GARBAGE = "cyclic garbage that nobody collects"
"""The holder of what a collector that is off would free."""
UNITS = {
    "blocks": "1",
    "objects": "1",
    "entries": "1",
    "buffers": "B",
    "python": "B",
    "heap": "B",
    "mapped": "B",
    "files": "1",
    "threads": "1",
    "tasks": "1",
    "processes": "1",
}
ROUNDS = 8
"""Rounds of a stage."""
_HOLDS = 0.85  # of the earlier stage's rate, at the ends of both intervals
_NATIVE_LEAST = 32.0  # bytes a call, for growth that only the native heap shows
_NATIVE_STEADY = 16.0  # the same, when every round grows alike
_ACCOUNTED = 0.3  # of the traced rate that the heap must show as well
_NEVER_FALLS = (Trend.STEADY, Trend.SPARSE)
_AGREE = 1.5  # the highest over the lowest of three rates
_MANY = 4000  # calls in which what fills in C is full
_RARE = 0.001  # blocks a call
_EVEN = 0.1  # of the rate: the widest interval of one that is the same in every round
_ALIKE = 0.02  # scatter of a round over its growth
_ROUNDS_GROWN = 8.0  # counts in a whole stage that its rounds show one by one


class LeakVerdict(enum.Enum):
    """What is said of a callable or of one resource."""

    LEAK = "LEAK"
    FILLING = "FILLING"
    CLEAN = "CLEAN"
    UNSURE = "UNSURE"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: ``point``, ``low``, ``high`` a call (95 %), ``growth`` in the last stage."""

    name: str
    unit: str
    verdict: LeakVerdict
    point: float
    low: float
    high: float
    growth: float


@dataclass(frozen=True, slots=True)
class Holder:
    """A container, line, type or handle that grew; ``count`` and ``size`` (bytes) are a call.

    ``bound`` is the most entries it can hold and ``length`` what it holds now; 0 where not known.
    ``keyed`` is whether it is a dictionary or a set.
    """

    name: str
    place: Place | None = None
    count: float = 0.0
    size: float = 0.0
    length: int = 0
    bound: int = 0
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest leak that could have been seen: one object or handle in so many calls.

    ``size`` is in bytes a call; infinity where nothing was measured.
    """

    object_calls: float
    handle_calls: float
    size: float


@dataclass(frozen=True, slots=True)
class LeakResult:
    """What a check says of one callable in so many ``seconds``; ``unsure`` is why it can't tell."""

    name: str
    verdict: LeakVerdict
    because: str
    calls: int = 0
    seconds: float = 0.0
    place: Place | None = None
    resources: tuple[Resource, ...] = ()
    holders: tuple[Holder, ...] = ()
    smallest: Smallest = Smallest(math.inf, math.inf, math.inf)
    unsure: str = ""


def rate_holds(stages: Sequence[Growth]) -> bool:
    """Tell whether the last stage grows steadily, and the one before did so no faster.

    One stage alone has to do where there was time for no other.
    """
    if any(one.trend is not Trend.STEADY for one in stages[-2:]):
        return False
    return stages[-1].high >= _HOLDS * stages[-2:][0].low


def is_vague(growths: Mapping[str, Growth], guilty: Sequence[str], calls: int) -> bool:
    """Tell whether only allocated blocks accuse, at an uneven rate, over few calls or rarely.

    Caches in C fill so; what leaks in every call does it evenly.
    """
    if tuple(guilty) != ("blocks",):
        return False
    blocks = growths["blocks"]
    if calls >= _MANY and blocks.point >= _RARE:
        return False
    return blocks.high - blocks.low > _EVEN * blocks.point


def is_drift(grown: Sequence[str], calls: int) -> bool:
    """Tell whether only allocated blocks grew, irregularly over many calls: caches in C do so."""
    return tuple(grown) == ("blocks",) and calls >= _MANY


def native_holds(stages: Sequence[Growth]) -> bool:
    """Tell whether bytes that nothing in Python accounts for grow steadily over two stages."""
    steady = [one for one in stages if one.trend is Trend.STEADY]
    if len(steady) < 2 or not rate_holds(stages):  # noqa: PLR2004  (a rate needs a second stage to hold)
        return False
    last = steady[-1]
    alike = last.scatter <= _ALIKE * last.total
    return last.point >= (_NATIVE_STEADY if alike else _NATIVE_LEAST)


def grows_alike(stages: Sequence[Growth]) -> bool:
    """Tell whether bytes grow by the same in every round of two stages, which no drift does."""
    last = stages[-2:]
    if len(last) < 2 or not rate_holds(last):  # noqa: PLR2004  (a rate needs a second stage to hold)
        return False
    return all(one.scatter <= _ALIKE * one.total for one in last)


def grows_in_steps(stages: Sequence[Growth]) -> bool:
    """Tell whether bytes grow with the calls over three stages, as one buffer that is enlarged.

    Its steps become rarer and larger, so that no stage need look steady: the rates must agree.
    """
    last = stages[-3:]
    if len(last) < 3 or any(one.trend not in _NEVER_FALLS for one in last):  # noqa: PLR2004  (as said)
        return False
    rates = [one.rate for one in last]
    return max(rates) <= _AGREE * min(rates) and rates[-1] >= _NATIVE_STEADY


def is_python_leak(traced: Growth, heap: Sequence[Growth], *, owned: bool) -> bool:
    """Tell whether traced bytes grow, and the heap in its last two stages bears it out.

    New objects in the place of old, untraced ones look like growth to the trace alone. Where no
    large object is known to own the bytes (``owned``), a few of them are the interpreter's own.
    """
    last = heap[-2:]
    if traced.trend is not Trend.STEADY or any(one.trend not in _NEVER_FALLS for one in last):
        return False
    if last[-1].rate < _ACCOUNTED * traced.rate:
        return False
    return owned or traced.rate >= _NATIVE_STEADY


def resources_of(
    growths: Mapping[str, Growth], guilty: Mapping[str, LeakVerdict]
) -> tuple[Resource, ...]:
    """Put each resource's growth beside its verdict; who is not in ``guilty`` is clean."""
    return tuple(
        Resource(
            name,
            UNITS[name],
            guilty.get(name, LeakVerdict.CLEAN),
            one.point,
            one.low,
            one.high,
            one.total,
        )
        for name, one in growths.items()
    )


def smallest_seen(growths: Mapping[str, Growth], calls: int) -> Smallest:
    """Reckon from the scatter of a stage of ``calls`` calls what would have shown in it."""
    return Smallest(
        _calls_each(growths, COUNTS[:3], calls),
        _calls_each(growths, HANDLES[:2], calls),
        max((_least(growths[name]) for name in BYTES[:1] if name in growths), default=math.inf)
        / calls,
    )


def _calls_each(growths: Mapping[str, Growth], names: Sequence[str], calls: int) -> float:
    least = max((_least(growths[name]) for name in names if name in growths), default=0.0)
    return calls / least if least else math.inf


def _least(growth: Growth) -> float:
    return max(_ROUNDS_GROWN, 5 * growth.scatter)
