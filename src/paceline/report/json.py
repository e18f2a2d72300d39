"""The stable JSON document, the same data that every other report says.

History of the format "paceline-report":
    1  run, baseline, notes, duration, counts, measurements, verdicts, gone, side by side, scaling
    2  resources, processes; a measurement has sites
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import math
from typing import TYPE_CHECKING, Any

from paceline.model import Kind
from paceline.model.codec import encode_measurement
from paceline.report.grouping import grouped, scaled, side_by_side
from paceline.report.options import Sort
from paceline.report.resources import to_data
from paceline.report.scaling import complexity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paceline.model import Run, Verdict
    from paceline.report.document import Document, Row

__all__ = ["FORMAT", "VERSION", "dumps", "run_as_builtins", "to_json", "verdict_as_builtins"]

FORMAT = "paceline-report"
VERSION = 2


def to_json(document: Document, *, raw: bool = False) -> str:
    """Write a document as JSON: one measurement or verdict a line, raw values on request.

    Figures are in base units; what is no number (an open interval) is null. The text holds no
    ``<``, ``>`` or ``&``, so it may stand inside a page.
    """
    return dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "run": run_as_builtins(document.run),
            "baseline": document.baseline,
            "duration": document.duration,
            "notes": list(document.notes),
            "counts": {kind.value: len(document.of_kind(kind)) for kind in Kind},
            "measurements": [_row(row, raw=raw) for row in document.rows],
            "verdicts": [verdict_as_builtins(verdict) for verdict in document.verdicts],
            "gone": [str(case.id) for case in document.gone],
            "side_by_side": list(_sides(document)),
            "scaling": list(_scaling(document)),
            **to_data(document.resources, document.processes),
        }
    )


def dumps(data: dict[str, Any]) -> str:
    """Write one line per key, and one per entry of a list, so that versions differ by lines."""
    lines = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            entries = ",\n  ".join(map(_compact, value))
            lines.append(f" {_compact(key)}: [\n  {entries}\n ]")
        else:
            lines.append(f" {_compact(key)}: {_compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def run_as_builtins(run: Run) -> dict[str, Any]:
    """Give a run as builtins; ``started_utc`` repeats ``started`` for readers."""
    started = dt.datetime.fromtimestamp(run.started, tz=dt.UTC)
    return {
        **_builtins(run),
        "started_utc": started.isoformat(timespec="seconds"),
        "settings": dict(run.settings),
    }


def verdict_as_builtins(verdict: Verdict) -> dict[str, Any]:
    """Give a verdict as builtins; case and metric by name, as the measurements spell them out."""
    return {
        **{
            field.name: _builtins(getattr(verdict, field.name))
            for field in dataclasses.fields(verdict)
        },
        "case": str(verdict.case.id),
        "metric": verdict.metric.name,
        "place": verdict.place._asdict() if verdict.place else None,
    }


def _row(row: Row, *, raw: bool) -> dict[str, Any]:
    measurement = encode_measurement(row.measurement)
    values = measurement.pop("values")
    case = row.measurement.case
    measurement["case"] = {"id": str(case.id), "name": case.name, **measurement["case"]}
    return {
        **measurement,
        "status": row.status.value,
        "summary": _builtins(row.summary),
        "mean": _builtins(row.mean),
        "median": _builtins(row.median),
        "throughput": _builtins(row.throughput),
        **({"values": _builtins(values)} if raw else {}),
    }


def _sides(document: Document) -> Iterator[dict[str, Any]]:
    """Give each named group with the ratios to its fastest by median, as the table shows them."""
    for group in grouped(scaled(document.timed)[0], ("group",), sort=Sort.MEDIAN):
        sides = side_by_side(group.rows) if group.name else ()
        ratios = [
            {"case": str(side.row.measurement.case.id), "ratio": _builtins(side.ratio)}
            for side in sides
        ]
        if ratios:
            yield {"group": group.name, "statistic": "median", "cases": ratios}


def _scaling(document: Document) -> Iterator[dict[str, Any]]:
    """Give each scaling benchmark with its fit, null where figures allow none."""
    for group in scaled(document.timed)[1]:
        yield {"case": group.name, "complexity": _builtins(complexity_of(group))}


def _builtins(value: Any) -> Any:
    """Turn nouns into builtins; JSON has no word for what is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: _builtins(getattr(value, field.name)) for field in fields}
    if isinstance(value, list | tuple):
        return [_builtins(one) for one in value]
    return value


def _compact(value: object) -> str:
    text = json.dumps(value, allow_nan=False, separators=(", ", ": "))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
