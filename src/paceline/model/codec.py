"""Encode nouns into builtins and decode them again: the only dicts on the road.

History of the format:
    1  measurements with case, metric, values, iterations, warm-up, items, conditions, unsure, extra
"""

from __future__ import annotations

from typing import Any

from paceline.model.case import Case
from paceline.model.measurement import Measurement
from paceline.model.metric import METRICS, Better, Metric

__all__ = ["FORMAT", "decode_measurement", "encode_measurement"]

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
        "metric": {"name": metric.name, "unit": metric.unit, "better": metric.better.value},
        "values": list(measurement.values),
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


def _metric(data: dict[str, str]) -> Metric:
    known = METRICS.get(data["name"])
    if known is not None and known.unit == data["unit"]:
        return known
    return Metric(data["name"], data["unit"], Better(data["better"]))


def _pairs(rows: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in rows)
