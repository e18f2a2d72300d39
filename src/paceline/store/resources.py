"""Records of resources as rows: a run's are written in bulk, as every test of a suite has one."""

from __future__ import annotations

import functools
import json
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any

from paceline.model import RESOURCES, Case, Resources, Turn
from paceline.store.rows import CASE, WHERE_CASE, insert_cases, pairs, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.store.rows import Pairs
    from paceline.store.transactions import Connection

__all__ = ["insert_resources", "read_resources", "read_times"]

_FIGURES = ", ".join(RESOURCES)
_TURN = "worker, position, started, outcome, attempt, shared"
_TURN_WIDTH = _TURN.count(",") + 1
_INSERT = (
    f"INSERT INTO resources (run_number, case_number, unsure, {_FIGURES}, {_TURN})"  # noqa: S608  (constants)
    f" SELECT ?, number, ?, {', '.join('?' * (len(RESOURCES) + _TURN_WIDTH))}"
    f" FROM cases WHERE {WHERE_CASE}"
)
_DELETE = (  # of one id there is at most one record in a run, whatever its description
    "DELETE FROM resources WHERE run_number = ?1 AND case_number ="
    " (SELECT kept.case_number FROM cases CROSS JOIN resources AS kept"
    " ON kept.run_number = ?1 AND kept.case_number = cases.number WHERE cases.id = ?2)"
)
_KEPT = "SELECT id FROM resources JOIN cases ON number = case_number WHERE run_number = ?"


def insert_resources(connection: Connection, run: int, records: Iterable[Resources]) -> None:
    """Add records to a run; of the same case, the last one stands.

    Each row finds its case's number by itself; cases are only added when some were not found.
    """
    rows = {row[-len(CASE)]: row for row in (_row(run, record) for record in records)}
    if _has_some(connection, run):
        connection.executemany(_DELETE, [(run, name) for name in rows])
    if connection.executemany(_INSERT, rows.values()).rowcount < len(rows):
        kept = {name for (name,) in connection.execute(_KEPT, (run,))}
        added = [row for name, row in rows.items() if name not in kept]
        insert_cases(connection, [row[-len(CASE) :] for row in added])
        connection.executemany(_INSERT, added)


def read_resources(connection: Connection, run: int) -> tuple[Resources, ...]:
    """Read a run's records, in the order in which the store first met their cases."""
    found = connection.execute(
        "SELECT node_id, label, parameters, group_name, markers,"  # noqa: S608  (constants)
        f" unsure, {_TURN}, {_FIGURES}"
        " FROM resources JOIN cases ON cases.number = case_number"
        " WHERE run_number = ? ORDER BY case_number",
        (run,),
    )
    return tuple(map(_record, found))


def read_times(connection: Connection, case_id: str, *, limit: int) -> tuple[float | None, ...]:
    """Read what a test took in the newest runs that hold its record, in seconds, newest first."""
    found = connection.execute(
        "SELECT test_time FROM runs CROSS JOIN resources ON run_number = runs.number"
        " AND case_number IN (SELECT number FROM cases WHERE id = ?)"
        " ORDER BY runs.started DESC, runs.number DESC LIMIT ?",
        (plain(case_id), limit),
    )
    return tuple(seconds for (seconds,) in found)


def _row(run: int, record: Resources) -> tuple[Any, ...]:
    """Give the values of `_INSERT`; what names the case comes last, its id first of that."""
    case, turn = record.case, record.turn
    name = plain(case.node_id)
    return (
        run,
        _text(record.unsure),
        *record.figures,
        *(plain(turn.worker), turn.position, turn.started, turn.outcome),
        *(turn.attempt, turn.shared),
        plain(case.id) if case.label else name,
        name,
        plain(case.label),
        _parameters(case.parameters),
        plain(case.group),
        _text(case.markers),
    )


def _record(row: tuple[Any, ...]) -> Resources:
    node_id, label, parameters, group, markers, unsure, *rest = row
    turn, figures = Turn(*rest[:_TURN_WIDTH]), tuple(rest[_TURN_WIDTH:])
    case = Case(node_id, label, pairs(parameters), group, tuple(json.loads(markers)))
    return Resources(case, figures, pairs(unsure), turn)


def _has_some(connection: Connection, run: int) -> bool:
    query = "SELECT 1 FROM resources WHERE run_number = ? LIMIT 1"
    return connection.execute(query, (run,)).fetchone() is not None


def _parameters(rows: Pairs) -> str:
    """Write the JSON of `json.dumps` in a quarter of its time: few tests share their parameters."""
    return "[" + ", ".join([f"[{quoted(name)}, {quoted(value)}]" for name, value in rows]) + "]"


@functools.lru_cache(maxsize=1024)
def _text(rows: tuple[object, ...]) -> str:
    """Write JSON; many tests of a suite share their markers and their reasons."""
    return json.dumps(rows)
