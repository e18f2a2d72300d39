"""Trend: the summaries of one metric of one case over runs, read off the covering index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.model import RunId
from paceline.store.rows import plain

if TYPE_CHECKING:
    from paceline.store.transactions import Connection

__all__ = ["Point", "trend"]


@dataclass(frozen=True, slots=True)
class Point:
    """One run's summary in the metric's base unit; ``started`` in seconds since the epoch.

    It outlives the raw values; the figures are None where a measurement had no finite values.
    """

    run: RunId
    started: float
    commit: str
    branch: str
    rounds: int
    mean: float | None
    median: float | None
    min: float | None
    stddev: float | None


def trend(connection: Connection, case_id: str, metric: str, *, limit: int) -> tuple[Point, ...]:
    """Read the newest points of complete runs, newest first."""
    rows = connection.execute(
        "SELECT runs.id, runs.started, runs.commit_id, runs.branch,"
        " m.rounds, m.mean, m.median, m.min, m.stddev"
        " FROM measurements AS m INDEXED BY measurements_by_case"
        " JOIN runs ON runs.number = m.run_number"
        " WHERE m.case_number IN (SELECT number FROM cases WHERE id = ?)"
        " AND m.metric_number IN (SELECT number FROM metrics WHERE name = ?)"
        " AND runs.complete = 1 ORDER BY runs.started DESC, runs.number DESC LIMIT ?",
        (plain(case_id), plain(metric), limit),
    )
    return tuple(Point(RunId(name), *rest) for name, *rest in rows)
