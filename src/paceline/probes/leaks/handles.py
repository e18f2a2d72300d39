"""Handles: what the newest files, threads, tasks and processes are, in words."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from paceline.errors import Place
from paceline.probes.leaks.system import children, file_target
from paceline.stats.leak import Holder

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Collection, Iterable

__all__ = ["newest_handles", "open_numbers"]

_SHOWN = 3  # different ones of each kind


def open_numbers() -> frozenset[int]:
    """Give the numbers of all open files, none where the system doesn't tell."""
    try:
        return frozenset(map(int, os.listdir("/proc/self/fd")))  # noqa: PTH208  (numbers, not paths)
    except OSError:
        return frozenset()


def newest_handles(
    kinds: Iterable[str],
    tasks: Iterable[asyncio.Task[Any]] = (),
    *,
    known: Collection[int] = (),
) -> tuple[Holder, ...]:
    """Say what the newest handles of each kind are; what can't be told is left out.

    ``known`` are the numbers of files that were open before.
    """
    found: list[Holder] = []
    for kind in kinds:
        if kind == "files":
            found += _files(known)
        elif kind == "threads":
            found += _threads()
        elif kind == "tasks":
            found += _tasks(tasks)
        elif kind == "processes":
            found += [Holder(f"process {number}") for number in children()[-_SHOWN:]]
    return tuple(found)


def _files(known: Collection[int]) -> list[Holder]:
    newer = sorted(open_numbers() - set(known))
    targets = (file_target(number).partition(":[")[0] for number in newer)
    counted = Counter(target for target in targets if target)
    return [Holder(f"open {target}") for target, _ in counted.most_common(_SHOWN)]


def _threads() -> list[Holder]:
    frames = sys._current_frames()  # noqa: SLF001  (documented, and the only way)
    newest = [one for one in threading.enumerate() if one.ident in frames][-_SHOWN:]
    return [Holder(f"thread {one.name}", _outermost(frames[one.ident or 0])) for one in newest]


def _outermost(frame: Any) -> Place:
    """Give where a thread's own code waits, not the library's code that started it."""
    shown = frame
    while frame is not None:
        if frame.f_code.co_filename != threading.__file__:
            shown = frame
        frame = frame.f_back
    return Place(shown.f_code.co_filename, shown.f_lineno)


def _tasks(tasks: Iterable[asyncio.Task[Any]]) -> list[Holder]:
    found = []
    for task in list(tasks)[:_SHOWN]:
        coroutine = task.get_coro()
        code = getattr(coroutine, "cr_code", None)
        place = Place(code.co_filename, code.co_firstlineno) if code is not None else None
        name = getattr(coroutine, "__qualname__", "")
        found.append(Holder(f"task {task.get_name()} of {name}", place))
    return found
