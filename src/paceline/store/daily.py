"""Daily: the roll-up that a trend over days adds up, kept right by whoever ends a run.

A row is what one whole run adds to a day, so a writer touches no row but its own run's, and
whatever ends, is sent again or goes by age leaves what a recomputation from scratch gives.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from paceline.suite.category import category_of

if TYPE_CHECKING:
    from paceline.store.transactions import Connection

__all__ = ["DAY", "FAILED", "ROLLED_UP", "SUMMABLE", "rebuild", "roll_up"]

DAY = 86_400.0
"""Seconds of a day."""
ROLLED_UP = 6
"""The schema version that brought the roll-up."""
FAILED = "('failed', 'error', 'crashed')"
"""The outcomes that count as failures, as SQL."""
SUMMABLE = "abs({}) < 1e300"
"""What can be added up: PostgreSQL refuses a sum that no float holds."""
_FIGURES = (
    "INSERT INTO daily_figures"  # noqa: S608  (constants)
    " (category, metric_number, day, run_number, figures, total, least, most)"
    " SELECT category, metric_number, ?, run_number,"
    " count(median), sum(median), min(median), max(median)"
    " FROM measurements JOIN cases ON cases.number = case_number"
    f" WHERE run_number = ? AND {SUMMABLE.format('median')}"
    " GROUP BY category, metric_number, run_number"
)
_TESTS = (
    "INSERT INTO daily_tests (day, category, run_number, tests, failed, seconds)"  # noqa: S608  (constants)
    " SELECT ?, category, run_number, count(*),"
    f" sum(CASE WHEN outcome IN {FAILED} THEN 1 ELSE 0 END),"
    f" coalesce(sum(CASE WHEN {SUMMABLE.format('test_time')} THEN test_time END), 0)"
    " FROM resources JOIN cases ON cases.number = case_number"
    " WHERE run_number = ? AND outcome <> '' GROUP BY category, run_number"
)


def roll_up(connection: Connection, run: int, *, started: float) -> None:
    """Make a whole run's part of the roll-up anew; ``started`` in seconds since the epoch."""
    _sort_new_cases(connection)
    connection.execute("DELETE FROM daily_figures WHERE run_number = ?", (run,))
    connection.execute("DELETE FROM daily_tests WHERE run_number = ?", (run,))
    day = int(started // DAY)
    connection.execute(_FIGURES, (day, run))
    connection.execute(_TESTS, (day, run))


def rebuild(connection: Connection) -> None:
    """Make the whole roll-up from the runs."""
    connection.execute("DELETE FROM daily_figures")
    connection.execute("DELETE FROM daily_tests")
    whole = "SELECT number, started FROM runs WHERE complete = 1 ORDER BY number"
    for run, started in connection.execute(whole).fetchall():
        roll_up(connection, run, started=started)


def _sort_new_cases(connection: Connection) -> None:
    """Work out the category of cases that no whole run had, in one order: none waits crosswise."""
    rows = connection.execute(
        "SELECT number, node_id, markers FROM cases WHERE category IS NULL ORDER BY number"
    ).fetchall()
    connection.executemany(
        "UPDATE cases SET category = ? WHERE number = ?",
        [
            (category_of(tuple(json.loads(markers)), node_id), number)
            for number, node_id, markers in rows
        ],
    )
