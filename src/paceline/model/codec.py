"""Encode nouns into builtins and decode them again: the only dicts on the road.

History of the format:
    1  measurements with case, metric, values, iterations, warm-up, items, conditions, unsure,
       extra; runs with host and settings; a value that is not finite travels as text ("nan",
       "inf", "-inf"), because JSON has no word for it
    2  measurements gain sites; a record of resources is one list, in the order of RECORD_COLUMNS
    3  a record gains its turn: worker, position, started, outcome, attempt, shared
    4  measurements gain summary, which stands in for values that are not at hand; runs gain tree
"""

from __future__ import annotations

import math
from typing import Any

from paceline.errors import Place
from paceline.model.case import Case
from paceline.model.host import Host
from paceline.model.measurement import Measurement, StoredSummary
from paceline.model.metric import METRICS, Better, Metric
from paceline.model.resources import RESOURCES, Resources
from paceline.model.run import Run, RunId
from paceline.model.site import Site
from paceline.model.turn import Turn

__all__ = [
    "FORMAT",
    "FORMATS",
    "OLD_RECORD_COLUMNS",
    "RECORD_COLUMNS",
    "decode_host",
    "decode_measurement",
    "decode_resources",
    "decode_run",
    "decode_sites",
    "decode_summary",
    "encode_host",
    "encode_measurement",
    "encode_resources",
    "encode_run",
    "encode_sites",
    "encode_summary",
]

FORMAT = 4
FORMATS = (1, 2, 3, FORMAT)
OLD_RECORD_COLUMNS: tuple[str, ...] = (
    *("format", "node_id", "label", "group"),
    *RESOURCES,
    *("parameters", "markers", "unsure"),
)
"""What stood where in an encoded record of the second format."""
RECORD_COLUMNS: tuple[str, ...] = (
    *OLD_RECORD_COLUMNS,
    *("worker", "position", "started", "outcome", "attempt", "shared"),
)
"""What stands where in an encoded record of resources."""

_WITHOUT_SITES = 1
_WITHOUT_TURN = 2
_WITHOUT_SUMMARY = 3
_COLUMNS = {
    _WITHOUT_TURN: OLD_RECORD_COLUMNS,
    _WITHOUT_SUMMARY: RECORD_COLUMNS,
    FORMAT: RECORD_COLUMNS,
}


def encode_measurement(measurement: Measurement) -> dict[str, Any]:
    """Give a measurement as builtins, ready for a report attribute or JSON."""
    case, metric = measurement.case, measurement.metric
    return {
        "format": FORMAT,
        "case": {
            "node_id": case.node_id,
            "label": case.label,
            "parameters": [list(pair) for pair in case.parameters],
            "group": case.group,
            "markers": list(case.markers),
        },
        "metric": {
            "name": metric.name,
            "unit": metric.unit,
            "better": metric.better.value,
            "help": metric.help,
        },
        "values": _figures(measurement.values),
        "iterations": measurement.iterations,
        "warmup": measurement.warmup,
        "items": measurement.items,
        "item_unit": measurement.item_unit,
        "conditions": [list(pair) for pair in measurement.conditions],
        "unsure": measurement.unsure,
        "extra": [list(pair) for pair in measurement.extra],
        "sites": encode_sites(measurement.sites),
        "stored_summary": encode_summary(measurement.summary),
    }


def decode_measurement(data: dict[str, Any]) -> Measurement:
    """Read a measurement back.

    Raises:
        ValueError: a format that this version does not know.
        KeyError: a field is missing.
    """
    _check_format(data["format"], "measurement")
    case = data["case"]
    return Measurement(
        case=Case(
            node_id=case["node_id"],
            label=case["label"],
            parameters=_pairs(case["parameters"]),
            group=case["group"],
            markers=tuple(case["markers"]),
        ),
        metric=_metric(data["metric"]),
        values=tuple(map(float, data["values"])),
        iterations=int(data["iterations"]),
        warmup=int(data["warmup"]),
        items=float(data["items"]),
        item_unit=data["item_unit"],
        conditions=_pairs(data["conditions"]),
        unsure=data["unsure"],
        extra=_pairs(data["extra"]),
        sites=() if data["format"] == _WITHOUT_SITES else decode_sites(data["sites"]),
        summary=None
        if data["format"] <= _WITHOUT_SUMMARY
        else decode_summary(data["stored_summary"]),
    )


def encode_summary(summary: StoredSummary | None) -> list[float | None] | None:
    """Give a summary as a list: rounds, mean, median, min, stddev."""
    if summary is None:
        return None
    return [summary.rounds, summary.mean, summary.median, summary.min, summary.stddev]


def decode_summary(row: list[Any] | None) -> StoredSummary | None:
    """Read a summary back.

    Raises:
        ValueError: not five entries.
    """
    if row is None:
        return None
    rounds, *figures = row
    mean, median, least, stddev = (None if one is None else float(one) for one in figures)
    return StoredSummary(int(rounds), mean, median, least, stddev)


def encode_sites(sites: tuple[Site, ...]) -> list[dict[str, Any]]:
    """Give sites as builtins, in their order; a place is a pair of file and line."""
    return [
        {
            "name": site.name,
            "place": list(site.place) if site.place else None,
            "size": site.size,
            "count": site.count,
            "size_growth": site.size_growth,
            "count_growth": site.count_growth,
        }
        for site in sites
    ]


def decode_sites(rows: list[dict[str, Any]]) -> tuple[Site, ...]:
    """Read sites back.

    Raises:
        KeyError: a field is missing.
    """
    return tuple(
        Site(
            name=row["name"],
            place=Place(*row["place"]) if row["place"] else None,
            size=float(row["size"]),
            count=float(row["count"]),
            size_growth=float(row["size_growth"]),
            count_growth=float(row["count_growth"]),
        )
        for row in rows
    )


def encode_resources(record: Resources) -> list[Any]:
    """Give a record as one list in the order of `RECORD_COLUMNS`: every test of a suite has one."""
    case, turn = record.case, record.turn
    return [
        FORMAT,
        case.node_id,
        case.label,
        case.group,
        *record.figures,
        [list(pair) for pair in case.parameters],
        list(case.markers),
        [list(pair) for pair in record.unsure],
        *(turn.worker, turn.position, turn.started, turn.outcome, turn.attempt, turn.shared),
    ]


def decode_resources(row: list[Any]) -> Resources:
    """Read a record back; one of the second format has no turn.

    Raises:
        ValueError: another format, a missing entry, or one that is no text or no finite figure.
    """
    columns = _COLUMNS.get(row[0]) if row and type(row[0]) is int else None
    if columns is None or len(row) != len(columns):
        wanted = f"{len(RECORD_COLUMNS)} entries of format {FORMAT}"
        raise ValueError(
            f"a record of {len(row)} entries that begins with {row[:1]} is not {wanted}"
        )
    old = len(OLD_RECORD_COLUMNS)
    _format, node_id, label, group, *figures, parameters, markers, unsure = row[:old]
    try:
        case = Case(node_id, label, _pairs(parameters), group, tuple(markers))
        reasons = _pairs(unsure)
        "".join((node_id, label, group, *case.markers))  # refuses what is no text
        finite = all(map(math.isfinite, [figure for figure in figures if figure is not None]))
    except (TypeError, OverflowError) as error:  # a whole number may be too large for a float
        raise ValueError(f"the record of {node_id!r} does not fit: {error}") from error
    if not finite:
        raise ValueError(f"the record of {node_id!r} holds a figure that is not finite")
    return Resources(case, tuple(figures), reasons, _turn(row[old:], node_id))


def encode_run(run: Run) -> dict[str, Any]:
    """Give a run with its host as builtins."""
    return {
        "format": FORMAT,
        "id": run.id,
        "started": run.started,
        "host": encode_host(run.host),
        "commit": run.commit,
        "branch": run.branch,
        "dirty": run.dirty,
        "settings": [list(pair) for pair in run.settings],
        "complete": run.complete,
        "tree": run.tree,
    }


def decode_run(data: dict[str, Any]) -> Run:
    """Read a run back.

    Raises:
        ValueError: a format that this version does not know.
        KeyError: a field is missing.
    """
    _check_format(data["format"], "run")
    return Run(
        id=RunId(data["id"]),
        started=float(data["started"]),
        host=decode_host(data["host"]),
        commit=data["commit"],
        branch=data["branch"],
        dirty=bool(data["dirty"]),
        settings=_pairs(data["settings"]),
        complete=bool(data["complete"]),
        tree="" if data["format"] <= _WITHOUT_SUMMARY else data["tree"],
    )


def encode_host(host: Host) -> dict[str, Any]:
    """Give a host as builtins."""
    return {
        "cpu": host.cpu,
        "cores": host.cores,
        "memory": host.memory,
        "system": host.system,
        "python": host.python,
        "runner": host.runner,
    }


def decode_host(data: dict[str, Any]) -> Host:
    """Read a host back.

    Raises:
        KeyError: a field is missing.
    """
    return Host(
        cpu=data["cpu"],
        cores=int(data["cores"]),
        memory=int(data["memory"]),
        system=data["system"],
        python=data["python"],
        runner=data["runner"],
    )


def _check_format(found: object, noun: str) -> None:
    if found not in FORMATS:
        raise ValueError(f"{noun} format {found!r} is not {' or '.join(map(str, FORMATS))}")


def _turn(row: list[Any], node_id: str) -> Turn:
    if not row:
        return Turn()
    worker, position, started, outcome, attempt, shared = row
    texts = isinstance(worker, str) and isinstance(outcome, str)
    whole = type(position) is int and type(attempt) is int
    times = all(type(one) in (int, float) and math.isfinite(one) for one in (started, shared))
    if not (texts and whole and times):
        raise ValueError(f"the record of {node_id!r} has no turn that fits: {row!r}")
    return Turn(worker, position, started, outcome, attempt, shared)


def _figures(values: tuple[float, ...]) -> list[float | str]:
    if all(map(math.isfinite, values)):
        return list(values)
    return [value if math.isfinite(value) else str(value) for value in values]


def _metric(data: dict[str, str]) -> Metric:
    """Read a metric; one of ours comes back as itself, with today's help."""
    known = METRICS.get(data["name"])
    if known and (known.unit, known.better.value) == (data["unit"], data["better"]):
        return known
    return Metric(data["name"], data["unit"], Better(data["better"]), data["help"])


def _pairs(rows: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple([(str(name), str(value)) for name, value in rows])
