"""Naming: say which containers and handles grew, and which of them have a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.probes.leaks.bounds import bound_of, lifetime_of, origin_of, reads_clock
from paceline.probes.leaks.containers import length_of
from paceline.probes.leaks.handles import newest_handles
from paceline.probes.leaks.holders import find_holder
from paceline.stats.leak import HANDLES, Holder

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Collection, Iterable

    from paceline.engine.leaks.stages import Stage

__all__ = ["Named", "named_holders"]

_SHARE = 0.05  # of the most grown container's growth: less says nothing


@dataclass(frozen=True, slots=True)
class Named:
    """The holders found, the most grown first; ``bounded`` when all have a bound and are within it.

    ``calls`` would pass the bounds that only the code itself keeps; ``lifetime`` is how many
    seconds an owner says that it keeps an entry, 0 where none does; ``timed`` when one reads a
    clock, so that entries may expire.
    """

    holders: tuple[Holder, ...]
    bounded: bool
    calls: float
    lifetime: float
    timed: bool


def named_holders(
    stage: Stage,
    guilty: Iterable[str],
    *,
    tasks: Iterable[asyncio.Task[Any]] = (),
    files: Collection[int] = (),
) -> Named:
    """Name what grew in a stage: containers, and the newest handles of the guilty kinds.

    ``files`` are the numbers of those that were open before.
    """
    most = max((grown.by for grown in stage.grown), default=0)
    found, calls, lifetime, timed = [], 0.0, 0.0, False
    for grown in stage.grown:
        if grown.by < _SHARE * most:
            continue
        held = find_holder(grown.one, ignore=(stage.grown, *stage.grown))
        bound, trusted = bound_of(grown.one, held)
        length, rate = length_of(grown.one), grown.by / stage.calls
        if bound >= length and not trusted:
            calls = max(calls, (bound - length) / rate + 1)
        lifetime, timed = max(lifetime, lifetime_of(held)), timed or reads_clock(held)
        keyed = isinstance(grown.one, dict | set)
        found.append(Holder(held.name, origin_of(held), rate, 0.0, length, bound, keyed))
    bounded = bool(found) and all(one.bound >= one.length > 0 for one in found)
    named = [one for one in found if not one.name.startswith("a ")] or found[:1]
    kinds = [name for name in HANDLES if name in guilty]
    handles = newest_handles(kinds, tasks, known=files)
    return Named((*named, *handles), bounded, calls, lifetime, timed=timed)
