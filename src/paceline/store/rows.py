"""Turn nouns into rows and rows into nouns."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from paceline.errors import StoreError
from paceline.model import Better, Case, Host, Measurement, Metric, Run, RunId, StoredSummary
from paceline.model.codec import decode_sites, encode_sites
from paceline.stats.summary import statistic
from paceline.store.values import decode_values, encode_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paceline.store.transactions import Connection

__all__ = [
    "CASE",
    "MEASUREMENT_COLUMNS",
    "MEASUREMENT_TABLES",
    "RUN_COLUMNS",
    "RUN_TABLES",
    "WHERE_CASE",
    "as_measurement",
    "as_run",
    "insert_cases",
    "insert_measurements",
    "insert_run",
    "pairs",
    "plain",
    "run_number",
    "update_run",
]

Pairs = tuple[tuple[str, str], ...]

RUN_TABLES = "runs JOIN hosts ON hosts.number = runs.host_number"
RUN_COLUMNS = (
    "runs.id, runs.started, runs.commit_id, runs.branch, runs.dirty, runs.settings, runs.complete,"
    " runs.tree,"
    " hosts.cpu, hosts.cores, hosts.memory, hosts.system, hosts.python, hosts.runner"
)
MEASUREMENT_TABLES = (
    "measurements JOIN cases ON cases.number = measurements.case_number"
    " JOIN metrics ON metrics.number = measurements.metric_number"
)
MEASUREMENT_COLUMNS = (
    "cases.node_id, cases.label, cases.parameters, cases.group_name, cases.markers,"
    " metrics.name, metrics.unit, metrics.better, metrics.help,"
    " measurements.raw_values, measurements.rounds, measurements.mean, measurements.median,"
    " measurements.min, measurements.stddev, measurements.iterations,"
    " measurements.warmup, measurements.items, measurements.item_unit,"
    " measurements.conditions, measurements.unsure, measurements.extra, measurements.sites"
)
_SUMMARY = ("mean", "median", "min", "stddev")
CASE = ("id", "node_id", "label", "parameters", "group_name", "markers")
"""The columns that tell cases apart."""
WHERE_CASE = " AND ".join(f"{name} = ?" for name in CASE)
_INSERT = (  # each row finds its case's number by itself
    "INSERT INTO measurements (run_number, metric_number, mean, median, min, stddev, rounds,"  # noqa: S608  (constants)
    " iterations, warmup, unsure, raw_values, items, item_unit, conditions, extra, sites,"
    " case_number) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, number"
    f" FROM cases WHERE {WHERE_CASE} ON CONFLICT DO NOTHING"
)
_DELETE = (
    "DELETE FROM measurements WHERE run_number = ? AND metric_number = ?"
    " AND case_number IN (SELECT number FROM cases WHERE id = ?)"
)


def insert_run(connection: Connection, run: Run) -> None:
    """Add a run.

    Raises:
        StoreError: a run of this id is there already.
    """
    values = _run_values(connection, run)
    taken = connection.execute(
        "SELECT started, host_number, commit_id, branch, dirty, settings, tree FROM runs"
        " WHERE id = ? AND complete = 0",
        (plain(run.id),),
    ).fetchone()
    if taken == values:
        return  # said twice: the answer to the first time was lost on the way
    done = connection.execute(
        "INSERT INTO runs"
        " (id, started, host_number, commit_id, branch, dirty, settings, tree, complete)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
        (plain(run.id), *values),
    )
    if not done.rowcount:
        raise StoreError(f"run {run.id!r} is in the store already")


def update_run(connection: Connection, run: Run) -> None:
    """Write a run's final facts and mark it complete."""
    connection.execute(
        "UPDATE runs SET started = ?, host_number = ?, commit_id = ?, branch = ?, dirty = ?,"
        " settings = ?, tree = ?, complete = 1 WHERE number = ?",
        (*_run_values(connection, run), run_number(connection, run.id)),
    )


def run_number(connection: Connection, run_id: str) -> int:
    """Find a run's number.

    Raises:
        StoreError: no run has this id.
    """
    row = connection.execute("SELECT number FROM runs WHERE id = ?", (plain(run_id),)).fetchone()
    if row is None:
        raise StoreError(f"no run {run_id!r} in the store", remedy="see `paceline history`")
    return int(row[0])


def insert_measurements(
    connection: Connection, run: int, measurements: Iterable[Measurement]
) -> None:
    """Add measurements to a run; of the same case and metric, the last one stands."""
    numbers: dict[Metric, int] = {}
    rows = {}
    for one in measurements:
        if one.metric not in numbers:
            numbers[one.metric] = _metric_number(connection, one.metric)
        metric = numbers[one.metric]
        rows[plain(one.case.id), metric] = _measurement_row(run, metric, one)
    some = "SELECT 1 FROM measurements WHERE run_number = ? LIMIT 1"
    if connection.execute(some, (run,)).fetchone():
        connection.executemany(_DELETE, [(run, metric, name) for name, metric in rows])
    if connection.executemany(_INSERT, rows.values()).rowcount < len(rows):
        insert_cases(connection, dict.fromkeys(row[-len(CASE) :] for row in rows.values()))
        connection.executemany(_INSERT, rows.values())  # what is there already stays


def insert_cases(connection: Connection, cases: Iterable[tuple[str, ...]]) -> None:
    """Add cases, each as its texts in the order of `CASE`; those that are there stay."""
    connection.executemany(
        f"INSERT INTO cases ({', '.join(CASE)}) VALUES ({', '.join('?' * len(CASE))})"  # noqa: S608  (constants)
        " ON CONFLICT DO NOTHING",
        cases,
    )


def as_run(row: tuple[Any, ...]) -> Run:
    """Read a row of `RUN_COLUMNS`."""
    name, started, commit, branch, dirty, settings, complete, tree, *host = row
    return Run(
        id=RunId(name),
        started=started,
        host=Host(*host),
        commit=commit,
        branch=branch,
        dirty=bool(dirty),
        settings=pairs(settings),
        complete=bool(complete),
        tree=tree,
    )


def as_measurement(row: tuple[Any, ...]) -> Measurement:
    """Read a row of `MEASUREMENT_COLUMNS`; without its raw values a measurement is unsure."""
    node_id, label, parameters, group, markers = row[:5]
    name, unit, better, about, blob = row[5:10]
    summary = StoredSummary(*row[10:15])
    iterations, warmup, items, item_unit, conditions, unsure, extra, sites = row[15:]
    values, problem = _values(blob, summary.rounds)
    return Measurement(
        case=Case(node_id, label, pairs(parameters), group, tuple(json.loads(markers))),
        metric=Metric(name, unit, Better(better), about),
        values=values,
        iterations=iterations,
        warmup=warmup,
        items=items,
        item_unit=item_unit,
        conditions=pairs(conditions),
        unsure="; ".join(reason for reason in (unsure, problem) if reason),
        extra=pairs(extra),
        sites=decode_sites(json.loads(sites)),
        summary=summary if summary.rounds and not values else None,
    )


def plain(text: str) -> str:
    """Escape what UTF-8 can't hold: an undecodable byte in a file name is a lone surrogate."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def _values(blob: bytes | None, rounds: int) -> tuple[tuple[float, ...], str]:
    """Unpack raw values, or say why there are none."""
    if blob is None:
        return (), f"the raw values of its {rounds} rounds were dropped by age (store.raw_runs)"
    try:
        return decode_values(blob), ""
    except ValueError as error:
        return (), f"the store holds {error}"


def _run_values(connection: Connection, run: Run) -> tuple[object, ...]:
    return (
        run.started,
        _host_number(connection, run.host),
        plain(run.commit),
        plain(run.branch),
        int(run.dirty),
        json.dumps(run.settings),
        plain(run.tree),
    )


def _host_number(connection: Connection, host: Host) -> int:
    facts = {
        "cpu": plain(host.cpu),
        "cores": host.cores,
        "memory": host.memory,
        "system": plain(host.system),
        "python": plain(host.python),
        "runner": plain(host.runner),
    }
    return _number(connection, "hosts", facts)


def _measurement_row(run: int, metric: int, measurement: Measurement) -> tuple[Any, ...]:
    """Give the values of `_INSERT`; what names the case comes last."""
    case = measurement.case
    return (
        run,
        metric,
        *_summary(measurement),
        measurement.rounds,
        measurement.iterations,
        measurement.warmup,
        plain(measurement.unsure),
        encode_values(measurement.values),
        measurement.items,
        plain(measurement.item_unit),
        json.dumps(measurement.conditions),
        json.dumps(measurement.extra),
        json.dumps(encode_sites(measurement.sites)),
        *(plain(case.id), plain(case.node_id), plain(case.label), json.dumps(case.parameters)),
        *(plain(case.group), json.dumps(case.markers)),
    )


def _metric_number(connection: Connection, metric: Metric) -> int:
    facts = {
        "name": plain(metric.name),
        "unit": plain(metric.unit),
        "better": metric.better.value,
    }
    number = _number(connection, "metrics", facts, help=plain(metric.help))
    connection.execute(
        "UPDATE metrics SET help = ? WHERE number = ? AND help <> ?",
        (plain(metric.help), number, plain(metric.help)),
    )
    return number


def _number(connection: Connection, table: str, facts: Mapping[str, object], **more: object) -> int:
    """Find the row that holds these facts, or add it. Names come from this module alone."""
    wanted = " AND ".join(f"{name} = ?" for name in facts)
    query = f"SELECT number FROM {table} WHERE {wanted}"  # noqa: S608  (see the docstring)
    row = connection.execute(query, tuple(facts.values())).fetchone()
    if row is not None:
        return int(row[0])
    fresh = {**facts, **more}
    marks = ", ".join("?" * len(fresh))
    insert = f"INSERT INTO {table} ({', '.join(fresh)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608  (as above)
    connection.execute(insert, tuple(fresh.values()))  # another writer may have been faster
    return int(connection.execute(query, tuple(facts.values())).fetchone()[0])


def _summary(measurement: Measurement) -> tuple[float | None, ...]:
    """Give the summary columns, in the base unit; None where the values have none."""
    values, known = measurement.values, measurement.summary
    if known and not values:
        return known.mean, known.median, known.min, known.stddev
    if not values or not all(map(math.isfinite, values)):
        return (None,) * len(_SUMMARY)
    try:
        return tuple(statistic(values, name) for name in _SUMMARY)
    except OverflowError:  # the sum of figures near 1e308 has no float
        return (None,) * len(_SUMMARY)


def pairs(text: str) -> Pairs:
    """Read a JSON list of pairs of texts."""
    return tuple((name, value) for name, value in json.loads(text))
