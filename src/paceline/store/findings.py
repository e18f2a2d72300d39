"""Findings: what is wrong with a store, besides what its database finds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from paceline.store.values import decode_values

if TYPE_CHECKING:
    from paceline.store.transactions import Connection

__all__ = ["findings"]


def findings(connection: Connection) -> tuple[str, ...]:
    """Check every record's case and every blob, and list torn runs."""
    lost = "SELECT 1 FROM resources WHERE case_number NOT IN (SELECT number FROM cases)"
    found = ["a row of resources refers to a row of cases that is not there"] * len(
        connection.execute(lost).fetchall()
    )
    blobs = connection.execute(
        "SELECT runs.id, cases.id, raw_values FROM measurements"
        " JOIN runs ON runs.number = run_number JOIN cases ON cases.number = case_number"
        " WHERE raw_values IS NOT NULL ORDER BY run_number, case_number, metric_number"
    )
    for run, case, blob in blobs:
        try:
            decode_values(blob)
        except ValueError as error:
            found.append(f"run {run}, {case}: {error}")
    torn = "SELECT id, started FROM runs WHERE complete = 0 ORDER BY number"
    for run, started in connection.execute(torn):
        day = dt.datetime.fromtimestamp(started, dt.UTC).isoformat(" ", "seconds")
        found.append(f"run {run} of {day} is incomplete: it was cut off or still goes on")
    return tuple(found)
