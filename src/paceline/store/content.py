"""Content: the name of a run by what it holds, the same in every store that holds the same run.

History of the form that is hashed (its first line):
    1  a line for the run with its host, then one for each measurement and each record, sorted
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import math
import sys
from array import array
from typing import TYPE_CHECKING, Any

from paceline.model import RESOURCES
from paceline.model.codec import encode_host, encode_sites
from paceline.store import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from paceline.model import Case, Measurement, Resources, Run
    from paceline.store.transactions import Connection

__all__ = ["content_of", "seal"]

_FORM = "paceline content 1"
_TEXTS, _TURN = 8, 4  # columns of texts, and of the turn, before the figures
_RECORDS = (
    "SELECT cases.node_id, cases.label, cases.parameters, cases.group_name, cases.markers,"  # noqa: S608  (constants)
    " resources.unsure, resources.worker, resources.outcome,"
    " resources.position, resources.started, resources.attempt, resources.shared,"
    f" {', '.join(RESOURCES)} FROM resources JOIN cases ON cases.number = case_number"
    " WHERE run_number = ?"
)
_line = json.JSONEncoder(separators=(",", ":")).encode


def content_of(
    run: Run, measurements: Iterable[Measurement], resources: Iterable[Resources] = ()
) -> str:
    """Hash a run with all that it holds: SHA-256 in 64 hexadecimal digits.

    Left out is what a store or a version of Paceline makes of it: the order, help texts, whether
    the run was marked complete.
    """
    return _hashed(run, measurements, map(_record, resources))


def seal(connection: Connection, number: int) -> None:
    """Keep the hash of a run's content, made from what the store gives back."""
    found = connection.execute(
        f"SELECT {rows.RUN_COLUMNS} FROM {rows.RUN_TABLES} WHERE runs.number = ?",  # noqa: S608  (constants)
        (number,),
    ).fetchone()
    records = connection.execute(_RECORDS, (number,))
    content = _hashed(rows.as_run(found), _measurements(connection, number), records)
    connection.execute("UPDATE runs SET content = ? WHERE number = ?", (content, number))


def _hashed(run: Run, measurements: Iterable[Measurement], records: Iterable[Sequence[Any]]) -> str:
    digest = hashlib.sha256(f"{_FORM}\n{_line(_run(run))}\n".encode())
    for lines in (map(_measurement, measurements), map(_record_line, records)):
        digest.update("".join(sorted(lines)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def _measurements(connection: Connection, number: int) -> Iterator[Measurement]:
    query = (
        f"SELECT {rows.MEASUREMENT_COLUMNS} FROM {rows.MEASUREMENT_TABLES}"  # noqa: S608  (constants)
        " WHERE run_number = ?"
    )
    return map(rows.as_measurement, connection.execute(query, (number,)))


def _run(run: Run) -> list[Any]:
    facts = [run.id, run.started, run.commit, run.branch, bool(run.dirty), run.tree]
    return [*facts, run.settings, encode_host(run.host)]


def _measurement(one: Measurement) -> str:
    """Write a measurement on one line: its values by the hash of their bytes."""
    metric, summary = one.metric, one.summary
    kept = None
    if summary is not None and not one.values:
        kept = [summary.rounds, summary.mean, summary.median, summary.min, summary.stddev]
    facts = [
        *(_case(one.case), metric.name, metric.unit, metric.better.value, _values(one.values)),
        *(one.iterations, one.warmup, one.items, one.item_unit, one.conditions, one.unsure),
        *(one.extra, encode_sites(one.sites), kept),
    ]
    return f"{_line(facts)}\n"


def _record(record: Resources) -> tuple[Any, ...]:
    """Give the columns of `_RECORDS` as the store writes them."""
    case, turn = record.case, record.turn
    return (
        *(case.node_id, case.label, json.dumps(case.parameters), case.group),
        *(json.dumps(case.markers), json.dumps(record.unsure), turn.worker, turn.outcome),
        *(turn.position, turn.started, turn.attempt, turn.shared, *record.figures),
    )


def _record_line(row: Sequence[Any]) -> str:
    """Write a record on one line: only the figures that are known, so that others may come."""
    figures = row[_TEXTS + _TURN :]
    numbers = [*row[_TEXTS : _TEXTS + _TURN], *(one for one in figures if one is not None)]
    names = _known(tuple([one is not None for one in figures]))
    return "\x1f".join((*row[:_TEXTS], names, _bytes(numbers).hex(), "\n"))


@functools.lru_cache(maxsize=256)
def _known(there: tuple[bool, ...]) -> str:
    return ",".join(itertools.compress(RESOURCES, there))


def _case(case: Case) -> list[Any]:
    return [case.node_id, case.label, case.parameters, case.group, case.markers]


def _values(values: tuple[float, ...]) -> str:
    """Hash values by their bytes; every nan is the same one."""
    if not all(map(math.isfinite, values)):
        values = tuple(math.nan if math.isnan(one) else one for one in values)
    return hashlib.sha256(_bytes(values)).hexdigest()


def _bytes(values: Iterable[float]) -> bytes:
    floats = array("d", values)
    if sys.byteorder == "big":
        floats.byteswap()
    return floats.tobytes()
