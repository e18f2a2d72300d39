"""Find the run that a person means: a baseline, ``latest~2``, a branch, a run id or a commit."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from paceline.errors import StoreError
from paceline.store.rows import plain

if TYPE_CHECKING:
    from paceline.store.transactions import Connection

__all__ = ["MEASURED", "PERMALINK", "NoSingleRunError", "UnknownRunError", "check_name", "find_run"]

_LATEST = re.compile(r"latest(?:~(\d{1,9}))?")
_NAME = re.compile(r"[^\s~](?:[^\n~]{0,198}[^\s~])?")
_BACK = re.compile(r"(.+?)(?:~(\d{1,9}))?")
_MEANING = re.compile(r"latest(?:~\d{1,9})?|nearest(?::.*)?|run:.*")
_SHORTEST = 4  # characters of a commit or of a content, as git
PERMALINK = "run:"
"""What a reference to a run by its content begins with."""
MEASURED = "EXISTS (SELECT 1 FROM measurements WHERE run_number = runs.number)"
"""A run that measured something besides what its tests took: there is something to compare."""
_NEWEST = f"ORDER BY complete DESC, {MEASURED} DESC, dirty, started DESC, number DESC LIMIT 1"


class UnknownRunError(StoreError):
    """A reference that no run of the store fits."""


class NoSingleRunError(UnknownRunError):
    """A reference that counts further back than there are runs, or that several fit."""


def find_run(connection: Connection, reference: str, *, besides: str = "") -> int:
    """Find a run's number; of several runs of one commit, the newest complete one without changes.

    ``besides`` is the id of a run that the newest of a branch is looked for beside.

    Raises:
        UnknownRunError: nothing fits, or several runs or commits do; the remedy names near ones.
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
    columns: tuple[tuple[str, int], ...] = (("id", 1), ("commit_id", _SHORTEST))
    if reference.startswith(PERMALINK):
        columns = (("content", _SHORTEST),)
    elif (number := _of_branch(connection, reference, besides)) is not None:
        return number
    for column, least in columns:
        start = reference.removeprefix(PERMALINK)
        number = _by_start(connection, start, column, least=least)
        if number is not None:
            return number
    raise UnknownRunError(f"no run fits {reference!r}", remedy=_near(connection, reference))


def check_name(name: str) -> str:
    """Accept a baseline's name.

    Raises:
        StoreError: the name is empty or too long, holds a line break or ``~``, or means something.
    """
    if _NAME.fullmatch(name) is None or _MEANING.fullmatch(name):
        raise StoreError(
            f"{name!r} can't name a baseline",
            remedy="use 1 to 200 characters without line breaks or '~', not 'latest' or 'nearest'",
        )
    return plain(name)


def _latest(connection: Connection, back: int) -> int:
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
        raise NoSingleRunError(
            f"no run {back} before the latest: the store holds {count} complete runs",
            remedy="see `paceline history`",
        )
    return int(row[0])


def _of_branch(connection: Connection, reference: str, besides: str) -> int | None:
    """Find the newest complete run of a branch that measured, or one so many before it.

    A run whose whole id this is goes before the branch.
    """
    named = _BACK.fullmatch(reference)
    if named is None or _is_id(connection, reference):
        return None
    rows = connection.execute(
        f"SELECT number FROM runs WHERE branch = ? AND id <> ? AND complete = 1 AND {MEASURED}"  # noqa: S608  (constants)
        " ORDER BY started DESC, number DESC",
        (named[1], plain(besides)),
    ).fetchall()
    back = int(named[2] or 0)
    if rows and back >= len(rows):
        raise NoSingleRunError(
            f"no run {back} before the newest of {named[1]}: it has {len(rows)} complete runs",
            remedy=f"see `paceline history --branch {named[1]}`",
        )
    return int(rows[back][0]) if rows else None


def _is_id(connection: Connection, reference: str) -> bool:
    return (
        connection.execute("SELECT 1 FROM runs WHERE id = ?", (reference,)).fetchone() is not None
    )


def _by_start(connection: Connection, reference: str, column: str, *, least: int) -> int | None:
    """Find by the whole text first, then by its unique start of ``least`` characters or more."""
    wholes = (f"{column} = ?", f"substr({column}, 1, {len(reference)}) = ?")
    for condition in wholes if len(reference) >= least else ():
        rows = connection.execute(
            f"SELECT DISTINCT {column} FROM runs WHERE {condition} LIMIT 5",  # noqa: S608  (constants)
            (reference,),
        ).fetchall()
        if len(rows) > 1:
            raise NoSingleRunError(
                f"{reference!r} is the start of several",
                remedy=f"write more of one: {', '.join(name for (name,) in rows)}",
            )
        if rows:
            query = f"SELECT number FROM runs WHERE {column} = ? {_NEWEST}"  # noqa: S608  (constants)
            return int(connection.execute(query, rows[0]).fetchone()[0])
    return None


def _near(connection: Connection, reference: str) -> str:
    rows = connection.execute(
        "SELECT name FROM baselines UNION SELECT branch FROM runs"
        " UNION SELECT id FROM runs UNION SELECT commit_id FROM runs"
    )
    known = ["latest", *(name for (name,) in rows if name)]
    near = difflib.get_close_matches(reference, known, n=3, cutoff=0.5)
    start = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"{start}name a baseline, a branch, a run, a commit, 'latest', 'latest~1' or 'nearest'"
