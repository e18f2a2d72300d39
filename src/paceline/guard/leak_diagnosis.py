"""Tell the likely cause of a leak, and the remedy, from what grew and what it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.model.finding import Finding, FindingKind
from paceline.stats.leak import BYTES, GARBAGE, LeakVerdict

if TYPE_CHECKING:
    from paceline.stats.leak import Holder, LeakResult

__all__ = ["diagnose_leak"]


@dataclass(frozen=True, slots=True)
class _Cause:
    """A cause and its remedy; ``handles`` and ``words`` are what it is recognised by."""

    cause: str
    recipe: str
    handles: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


_HANDLES = (
    _Cause(
        "threads are started and never end",
        "join them, give them an event to stop on, or use an executor under with",
        handles=("threads",),
    ),
    _Cause(
        "tasks are started and never done",
        "await or cancel them: asyncio.TaskGroup does both",
        handles=("tasks",),
    ),
    _Cause(
        "processes are started and never waited for",
        "wait for them: subprocess.run, or Popen under with",
        handles=("processes",),
    ),
    _Cause(
        "files, sockets or pipes are opened and never closed",
        "open them under with, or close them in finally",
        handles=("files",),
    ),
)
_HOLDERS = (
    _Cause(
        "a cache without a bound",
        "bound it: functools.lru_cache(maxsize=…); key methods by value, not by instance",
        words=("lru_cache of", "cache", "memo", "seen"),
    ),
    _Cause(
        "listeners that are registered and never taken away",
        "unsubscribe when their owner ends, or hold them weakly (weakref.WeakMethod, WeakSet)",
        words=("listener", "subscri", "handler", "callback", "observer", "hook", "filters"),
    ),
    _Cause(
        "a collection that is only ever added to",
        "clear it, bound it (collections.deque(maxlen=…)) or hand its contents on in batches",
        words=("",),
    ),
)
_CYCLES = _Cause(
    "cycles of references pile up, as nobody collects them",
    "break the cycle (weakref for the way back), or leave the garbage collector on",
)
_NATIVE = _Cause(
    "native memory is allocated and never freed",
    "free it where the object ends: the library's close or free function, weakref.finalize",
)
_UNNAMED = _Cause(
    "objects stay alive without a container of Python that holds them",
    "look at the lines that allocated them; C code may hold a reference too many",
)

_ENLARGED = _Cause(
    "a text, tuple or array that becomes longer with every call",
    "write it out in parts, or keep parts in a bounded collection (collections.deque(maxlen=…))",
)
_ENLARGES = 0.01  # blocks a call of a line whose bytes grow: fewer are one block that is enlarged


def diagnose_leak(result: LeakResult) -> tuple[Finding, ...]:
    """Give what a leak most likely is and what to do, nothing for a callable that does not leak."""
    if result.verdict is not LeakVerdict.LEAK:
        return ()
    holder = next((one for one in result.holders if one.count or one.size), None)
    cause = _cause(result, holder)
    places = (one.place for one in result.holders if one.place and one.place.line)
    return (
        Finding(
            FindingKind.LEAK,
            cause.cause,
            cause.recipe,
            _proof(result, holder),
            _size(result),
            next(places, result.place),
        ),
    )


def _cause(result: LeakResult, holder: Holder | None) -> _Cause:
    guilty = {one.name for one in result.resources if one.verdict is LeakVerdict.LEAK}
    for cause in _HANDLES:
        if guilty.intersection(cause.handles):
            return cause
    if guilty and guilty <= {*BYTES}:
        return _NATIVE
    if any(one.name == GARBAGE for one in result.holders):
        return _CYCLES
    if holder is None or not holder.length:
        enlarged = holder is not None and holder.size > 0 and holder.count < _ENLARGES
        return _ENLARGED if enlarged and "blocks" not in guilty else _UNNAMED
    said = _own_name(holder).lower()
    by_words = sorted(_HOLDERS, key=lambda one: one is not _HOLDERS[1])  # the telling words first
    named = next(one for one in by_words if any(word in said for word in one.words))
    return _HOLDERS[0] if holder.keyed and named is _HOLDERS[-1] else named


def _own_name(holder: Holder) -> str:
    """Give a holder's name without its module's, which tells nothing of what it is for."""
    if holder.place is None:
        return holder.name
    module = re.split(r"[/\\]", holder.place.file)[-1].removesuffix(".py")
    return re.sub(rf"(^| )[\w.]*\b{re.escape(module)}\.", r"\1", holder.name)


def _proof(result: LeakResult, holder: Holder | None) -> str:
    if holder is None:
        return result.because
    grown = f"{holder.name} grew by {holder.count:.3g} a call" if holder.count else holder.name
    return f"{result.because}; {grown}"


def _size(result: LeakResult) -> float:
    """Give the bytes a call, 0 where only objects were counted."""
    sizes = (one.point for one in result.resources if one.unit == "B")
    lines = sum(one.size for one in result.holders)
    return max((*sizes, lines), default=0.0)
