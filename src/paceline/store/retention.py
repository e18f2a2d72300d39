"""Retention: which runs are kept, and which of them with their raw values."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.model import RunId
from paceline.store.references import MEASURED

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Retention", "prune"]

_DAY = 86_400.0
_HELD = "number IN (SELECT run_number FROM baselines)"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many of the newest runs stay, for how many days, and how many keep raw values.

    0 sets no limit. Runs that measured and runs that only hold what their tests took are counted
    apart, so that plain test runs don't push benchmarks out. Neither a baseline's run nor one that
    may still be going on (incomplete, started in the last day) is ever touched.
    """

    keep_runs: int = 0
    keep_days: float = 0.0
    raw_runs: int = 0


def prune(
    connection: sqlite3.Connection, policy: Retention, *, now: float, dry_run: bool
) -> tuple[RunId, ...]:
    """Remove what the policy does not keep and give the removed runs, newest first."""
    rows = connection.execute(
        f"SELECT number, id, started, complete, {_HELD}, {MEASURED} FROM runs"  # noqa: S608  (constants)
        " ORDER BY started DESC, number DESC"
    ).fetchall()
    removed, thinned = [], []
    measuring, plain = itertools.count(), itertools.count()
    for number, name, started, complete, held, measured in rows:
        position = next(measuring if measured or not complete else plain)
        if held or (not complete and now - started < _DAY):
            continue
        if _beyond(position, policy.keep_runs) or (
            policy.keep_days > 0 and now - started > policy.keep_days * _DAY
        ):
            removed.append((number, name))
        elif _beyond(position, policy.raw_runs):
            thinned.append(number)
    if not dry_run:
        _remove(connection, [(number,) for number, _name in removed])
        _drop_raw_values(connection, thinned)
    return tuple(RunId(name) for _number, name in removed)


def _beyond(position: int, limit: int) -> bool:
    return 0 < limit <= position


def _remove(connection: sqlite3.Connection, numbers: list[tuple[int]]) -> None:
    """Remove runs, then those of their cases and hosts that nothing refers to any more."""
    cases = _cases(connection, numbers)
    connection.executemany("DELETE FROM measurements WHERE run_number = ?", numbers)
    connection.executemany("DELETE FROM resources WHERE run_number = ?", numbers)
    connection.executemany("DELETE FROM runs WHERE number = ?", numbers)
    if numbers:
        # Records have no index by case. The runs are tried from the oldest on, and a case that
        # stays is nearly always in the first one tried.
        connection.executemany(
            "DELETE FROM cases WHERE number = ?"
            " AND NOT EXISTS (SELECT 1 FROM measurements WHERE case_number = cases.number)"
            " AND NOT EXISTS (SELECT 1 FROM runs NOT INDEXED CROSS JOIN resources"
            " ON run_number = runs.number AND case_number = cases.number)",
            cases,
        )
        connection.execute("DELETE FROM hosts WHERE number NOT IN (SELECT host_number FROM runs)")


def _cases(connection: sqlite3.Connection, numbers: list[tuple[int]]) -> list[tuple[int]]:
    """Find the cases of runs that are about to go."""
    found: set[tuple[int]] = set()
    for (number,) in numbers:
        found.update(
            connection.execute(
                "SELECT case_number FROM measurements WHERE run_number = ?1"
                " UNION SELECT case_number FROM resources WHERE run_number = ?1",
                (number,),
            )
        )
    return sorted(found)


def _drop_raw_values(connection: sqlite3.Connection, numbers: list[int]) -> None:
    """Drop raw values and sites of whole runs; a run's first row tells if it was done before."""
    for number in numbers:
        row = connection.execute(
            "SELECT raw_values IS NULL FROM measurements WHERE run_number = ? LIMIT 1", (number,)
        ).fetchone()
        if row == (0,):
            connection.execute(
                "UPDATE measurements SET raw_values = NULL, sites = '[]' WHERE run_number = ?",
                (number,),
            )
