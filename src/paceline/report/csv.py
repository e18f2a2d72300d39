"""Comma-separated figures, one row per measurement, in base units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.report.escape import csv_cell

if TYPE_CHECKING:
    from paceline.report.document import Document, Row

__all__ = ["COLUMNS", "to_csv"]

_TEXTS = ("case", "group", "metric", "unit", "status")
_SUMMARY = ("min", "max", "mean", "stddev", "median", "iqr", "q1", "q3", "p90", "p95", "p99", "ops")
_COUNTS = ("rounds", "iterations", "warmup", "iqr_outliers", "stddev_outliers")
_INTERVALS = ("mean_low", "mean_high", "median_low", "median_high", "level", "throughput")
COLUMNS = (*_TEXTS, *_SUMMARY, *_COUNTS, *_INTERVALS, "unsure")
"""The header, in its order; columns are only ever added at the end."""


def to_csv(document: Document) -> str:
    """Write the table after RFC 4180, lines ended by CRLF; what is no number is empty."""
    lines = [",".join(COLUMNS), *(",".join(_cells(row)) for row in document.rows)]
    return "".join(f"{line}\r\n" for line in lines)


def _cells(row: Row) -> list[str]:
    measurement, summary = row.measurement, row.summary
    case, metric = measurement.case, measurement.metric
    texts = (case.id, case.group, metric.name, metric.unit, row.status.value)
    numbers = [float(getattr(summary, name)) for name in _SUMMARY]
    numbers += [summary.rounds, measurement.iterations, measurement.warmup]
    numbers += [summary.iqr_outliers, summary.stddev_outliers]
    numbers += [row.mean.low, row.mean.high, row.median.low, row.median.high, row.mean.level]
    numbers.append(row.throughput.point if row.throughput else math.nan)
    return [*map(csv_cell, texts), *map(_number, numbers), csv_cell(measurement.unsure)]


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else ""
