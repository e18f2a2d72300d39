"""Find the run that a person means: a baseline, ``latest~2``, a run id or a commit."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from paceline.errors import StoreError
from paceline.store.rows import plain

if TYPE_CHECKING:
    import sqlite3

__all__ = ["MEASURED", "check_name", "find_run"]

_LATEST = re.compile(r"latest(?:~(\d{1,9}))?")
_NAME = re.compile(r"[^\s~](?:[^\n~]{0,198}[^\s~])?")
_SHORTEST_COMMIT = 4  # as git
MEASURED = "EXISTS (SELECT 1 FROM measurements WHERE run_number = runs.number)"
"""A run that measured something besides what its tests took: there is something to compare."""
_NEWEST = f"ORDER BY complete DESC, {MEASURED} DESC, started DESC, number DESC LIMIT 1"


def find_run(connection: sqlite3.Connection, reference: str) -> int:
    """Find a run's number; of several runs of one commit, the newest complete one.

    Raises:
        StoreError: nothing fits, or several runs or commits do; the remedy names near ones.
    """
    reference = plain(reference)
    row = connection.execute(
        "SELECT run_number FROM baselines WHERE name = ?", (reference,)
    ).fetchone()
    if row is not None:
        return int(row[0])
    latest = _LATEST.fullmatch(reference)
    if latest:
        return _latest(connection, int(latest[1] or 0))
    for column, least in (("id", 1), ("commit_id", _SHORTEST_COMMIT)):
        number = _by_start(connection, reference, column, least=least)
        if number is not None:
            return number
    raise StoreError(f"no run fits {reference!r}", remedy=_near(connection, reference))


def check_name(name: str) -> str:
    """Accept a baseline's name.

    Raises:
        StoreError: the name is empty or too long, holds a line break or ``~``, or means something.
    """
    if _NAME.fullmatch(name) is None or _LATEST.fullmatch(name):
        raise StoreError(
            f"{name!r} can't name a baseline",
            remedy="use 1 to 200 characters without line breaks or '~', and not 'latest'",
        )
    return plain(name)


def _latest(connection: sqlite3.Connection, back: int) -> int:
    """Count complete runs that measured: others are nothing to compare with."""
    row = connection.execute(
        f"SELECT number FROM runs WHERE complete = 1 AND {MEASURED}"  # noqa: S608  (constants)
        " ORDER BY started DESC, number DESC LIMIT 1 OFFSET ?",
        (back,),
    ).fetchone()
    if row is None:
        (count,) = connection.execute(
            f"SELECT count(*) FROM runs WHERE complete = 1 AND {MEASURED}"  # noqa: S608  (constants)
        ).fetchone()
        raise StoreError(
            f"no run {back} before the latest: the store holds {count} complete runs",
            remedy="see `paceline history`",
        )
    return int(row[0])


def _by_start(
    connection: sqlite3.Connection, reference: str, column: str, *, least: int
) -> int | None:
    """Find by the whole text first, then by its unique start of ``least`` characters or more."""
    wholes = (f"{column} = ?", f"substr({column}, 1, {len(reference)}) = ?")
    for condition in wholes if len(reference) >= least else ():
        rows = connection.execute(
            f"SELECT DISTINCT {column} FROM runs WHERE {condition} LIMIT 5",  # noqa: S608  (constants)
            (reference,),
        ).fetchall()
        if len(rows) > 1:
            raise StoreError(
                f"{reference!r} is the start of several",
                remedy=f"write more of one: {', '.join(name for (name,) in rows)}",
            )
        if rows:
            query = f"SELECT number FROM runs WHERE {column} = ? {_NEWEST}"  # noqa: S608  (constants)
            return int(connection.execute(query, rows[0]).fetchone()[0])
    return None


def _near(connection: sqlite3.Connection, reference: str) -> str:
    rows = connection.execute(
        "SELECT name FROM baselines UNION SELECT id FROM runs UNION SELECT commit_id FROM runs"
    )
    known = ["latest", *(name for (name,) in rows if name)]
    near = difflib.get_close_matches(reference, known, n=3, cutoff=0.5)
    start = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"{start}name a baseline, a run, a commit, 'latest' or 'latest~1'"
