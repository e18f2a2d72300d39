"""Encode nouns into builtins and decode them again: the only dicts on the road.

History of the format:
    1  measurements with case, metric, values, iterations, warm-up, items, conditions, unsure,
       extra; runs with host and settings; a value that is not finite travels as text ("nan",
       "inf", "-inf"), because JSON has no word for it
"""

from __future__ import annotations

import math
from typing import Any

from paceline.model.case import Case
from paceline.model.host import Host
from paceline.model.measurement import Measurement
from paceline.model.metric import METRICS, Better, Metric
from paceline.model.run import Run, RunId

__all__ = [
    "FORMAT",
    "decode_host",
    "decode_measurement",
    "decode_run",
    "encode_host",
    "encode_measurement",
    "encode_run",
]

FORMAT = 1


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
    }


def decode_measurement(data: dict[str, Any]) -> Measurement:
    """Read a measurement back.

    Raises:
        ValueError: a format that this version does not know.
        KeyError: a field is missing.
    """
    if data["format"] != FORMAT:
        raise ValueError(f"measurement format {data['format']!r} is not {FORMAT}")
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
    )


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
    }


def decode_run(data: dict[str, Any]) -> Run:
    """Read a run back.

    Raises:
        ValueError: a format that this version does not know.
        KeyError: a field is missing.
    """
    if data["format"] != FORMAT:
        raise ValueError(f"run format {data['format']!r} is not {FORMAT}")
    return Run(
        id=RunId(data["id"]),
        started=float(data["started"]),
        host=decode_host(data["host"]),
        commit=data["commit"],
        branch=data["branch"],
        dirty=bool(data["dirty"]),
        settings=_pairs(data["settings"]),
        complete=bool(data["complete"]),
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
    return tuple((str(name), str(value)) for name, value in rows)
