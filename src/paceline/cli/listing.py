"""Listing: recorded runs as a table, a run a line."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from paceline.report.json import run_as_builtins
from paceline.report.table import Align, Heading, lay_out, safe

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from paceline.model import Baseline, Run, RunId

__all__ = ["GONE", "SHORT", "commit_of", "named", "runs_as_builtins", "runs_table", "when"]

GONE = "* nothing leads to this commit any more: rebased, or its branch was deleted"

SHORT = 8
"""Characters of a run's id that are shown: enough to name it again."""
_COMMIT = 7
_NONE: Mapping[Any, Any] = MappingProxyType({})


def runs_table(
    runs: Sequence[Run],
    names: Mapping[RunId, tuple[str, ...]],
    *,
    gone: Container[str] = (),
    more: Mapping[str, Sequence[str]] = _NONE,
    pure_ascii: bool = False,
) -> tuple[str, ...]:
    """Write the heading and a line for each run; a torn one is called incomplete.

    ``more`` are further columns by title, a text for each run.
    """
    titles = ("Run", "Started (UTC)", "Commit", "Branch", "Baseline", "State", *more)
    cells = [
        [
            run.id[:SHORT],
            when(run),
            commit_of(run, gone),
            safe(run.branch, pure_ascii=pure_ascii, longest=40),
            safe(", ".join(names.get(run.id, ())), pure_ascii=pure_ascii, longest=40),
            "complete" if run.complete else "incomplete",
            *(column[place] for column in more.values()),
        ]
        for place, run in enumerate(runs)
    ]
    headings = [Heading(title, Align.LEFT) for title in titles]
    told = ("", GONE) if any(run.commit in gone for run in runs) else ()
    return (*lay_out(headings, cells, pure_ascii=pure_ascii), *told)


def runs_as_builtins(
    runs: Iterable[Run],
    names: Mapping[RunId, tuple[str, ...]],
    *,
    gone: Container[str] = (),
    permalinks: Mapping[RunId, str] = _NONE,
) -> list[dict[str, Any]]:
    """Give runs as builtins, each with its baselines' names and its permalink ("" for none)."""
    return [
        {
            **run_as_builtins(run),
            "baselines": list(names.get(run.id, ())),
            "gone": run.commit in gone,
            "permalink": permalinks.get(run.id, ""),
        }
        for run in runs
    ]


def named(baselines: Iterable[Baseline]) -> dict[RunId, tuple[str, ...]]:
    """Group the baselines' names by run."""
    found: dict[RunId, tuple[str, ...]] = {}
    for baseline in baselines:
        found[baseline.run] = (*found.get(baseline.run, ()), baseline.name)
    return found


def when(run: Run) -> str:
    """Write when a run started, in UTC, to the minute."""
    started = dt.datetime.fromtimestamp(run.started, tz=dt.UTC)
    return started.strftime("%Y-%m-%d %H:%M")


def commit_of(run: Run, gone: Container[str] = ()) -> str:
    """Write the short commit; a plus says that the work tree differed, a star that it is gone."""
    marks = ("+" if run.dirty else "") + ("*" if run.commit in gone else "")
    return run.commit[:_COMMIT] + marks if run.commit else ""
