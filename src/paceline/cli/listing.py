"""Listing: recorded runs as a table, a run a line."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from paceline.report.json import run_as_builtins
from paceline.report.table import Align, Heading, lay_out, safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.model import Baseline, Run, RunId

__all__ = ["SHORT", "commit_of", "named", "runs_as_builtins", "runs_table", "when"]

SHORT = 8
"""Characters of a run's id that are shown: enough to name it again."""
_COMMIT = 7


def runs_table(
    runs: Sequence[Run], names: Mapping[RunId, tuple[str, ...]], *, pure_ascii: bool = False
) -> tuple[str, ...]:
    """Write the heading and a line for each run; a torn one is called incomplete."""
    titles = ("Run", "Started (UTC)", "Commit", "Branch", "Baseline", "State")
    cells = [
        [
            run.id[:SHORT],
            when(run),
            commit_of(run),
            safe(run.branch, pure_ascii=pure_ascii, longest=40),
            safe(", ".join(names.get(run.id, ())), pure_ascii=pure_ascii, longest=40),
            "complete" if run.complete else "incomplete",
        ]
        for run in runs
    ]
    headings = [Heading(title, Align.LEFT) for title in titles]
    return lay_out(headings, cells, pure_ascii=pure_ascii)


def runs_as_builtins(
    runs: Iterable[Run], names: Mapping[RunId, tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Give runs as builtins, each with its baselines' names."""
    return [{**run_as_builtins(run), "baselines": list(names.get(run.id, ()))} for run in runs]


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


def commit_of(run: Run) -> str:
    """Write the short commit, with a plus where the work tree differed; "" outside git."""
    return run.commit[:_COMMIT] + ("+" if run.dirty else "") if run.commit else ""
