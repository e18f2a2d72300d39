"""Profiling: one benchmark's call once more under cProfile, its functions as rows and as a file."""

from __future__ import annotations

import cProfile
import pstats
from typing import TYPE_CHECKING, Any, TypeAlias

from paceline.engine.dropin_options import AUTOMATIC, ProfileColumn
from paceline.plugin.dropin.naming import automatic_prefix, file_name

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.probes.benchmark import Call

__all__ = ["dump", "functions", "profiled"]

_Function: TypeAlias = tuple[str, int, str]
_Taken: TypeAlias = tuple[int, int, float, float]
_ORDER = (
    *("cumtime", "tottime", "ncalls", "ncalls_recursion"),
    *("tottime_per", "cumtime_per", "function_name"),
)


def profiled(call: Call[Any], loops: int) -> pstats.Stats:
    """Make calls under cProfile, their setup and teardown outside; one setup serves all."""
    profile = cProfile.Profile()
    args, kwargs = call.prepared()
    for _ in range(loops):
        profile.runcall(call.function, *args, **kwargs)
        if call.teardown is not None:
            call.teardown(*args, **kwargs)
    return pstats.Stats(profile)


def functions(
    stats: pstats.Stats, column: ProfileColumn, top: int, *, project: Path
) -> list[dict[str, Any]]:
    """Give the ``top`` functions by a column, then those by the other columns, each one once.

    Without a column they are by cumulative time alone. Files below the project's parent are
    written relative to it. Times in seconds.
    """
    rows = [_row(*one, project=project) for one in _entries(stats)]
    chosen = column.value if column is not ProfileColumn.NONE else ""
    order = (chosen, *(name for name in _ORDER if name != chosen)) if chosen else _ORDER[:1]
    found: list[dict[str, Any]] = []
    for name in order:
        rows.sort(key=lambda row: row[name], reverse=True)
        found += [row for row in rows[:top] if row not in found]
    return found


def dump(stats: pstats.Stats, prefix: str, name: str, *, folder: Path) -> Path:
    """Write a profile for other tools to read, and give its file."""
    start = automatic_prefix() if prefix == AUTOMATIC else prefix
    file = folder / f"{start}-{file_name(name)}.prof"
    file.parent.mkdir(parents=True, exist_ok=True)
    stats.dump_stats(file)
    return file


def _entries(stats: pstats.Stats) -> list[tuple[_Function, _Taken]]:
    """Give each function and its primitive calls, calls, own seconds and seconds in all."""
    found: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]  # no public name gives them
    return [(function, taken[:4]) for function, taken in found.items()]


def _row(function: _Function, taken: _Taken, *, project: Path) -> dict[str, Any]:
    file, line, name = function
    primitive, calls, own, cumulative = taken
    near = str(project.parent)
    if file.startswith(near):
        file = file.removeprefix(near).lstrip("/")
    return {
        "ncalls_recursion": str(calls) if calls == primitive else f"{calls}/{primitive}",
        "ncalls": calls,
        "tottime": own,
        "tottime_per": own / primitive if primitive else 0,
        "cumtime": cumulative,
        "cumtime_per": cumulative / primitive if primitive else 0,
        "function_name": f"{file}:{line}({name})",
    }
