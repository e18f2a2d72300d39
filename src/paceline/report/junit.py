"""JUnit XML: every figure as a property, broken budgets and regressions as failures.

The shape is the one that pytest itself writes and that common readers accept: ``properties``
before ``failure`` inside ``testcase``, counts and UTC timestamp on ``testsuite``.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from paceline.model import Kind
from paceline.report.document import row_of
from paceline.report.escape import elide, xml
from paceline.report.words import change_words, spent_words

if TYPE_CHECKING:
    from paceline.model import CaseId, Measurement, Verdict
    from paceline.report.document import Document, Row

__all__ = ["properties", "to_junit"]

_STATISTICS = (
    "min",
    "max",
    "mean",
    "stddev",
    "median",
    "iqr",
    "q1",
    "q3",
    "p90",
    "p95",
    "p99",
    "rounds",
)
_FAILURES = {Kind.OVER_BUDGET: "budget", Kind.REGRESSED: "regression"}
_NAME = 1000


def properties(measurement: Measurement) -> tuple[tuple[str, str], ...]:
    """Give ``paceline.<metric>.<statistic>`` pairs, figures in base units, for one measurement.

    A measurement without values has none.
    """
    return _properties(row_of(measurement)) if measurement.values else ()


def to_junit(document: Document) -> str:
    """Write the document as one suite with one case per benchmarked case."""
    cases: dict[CaseId, list[Row]] = {}
    for row in document.rows:
        cases.setdefault(row.measurement.case.id, []).append(row)
    failing = {case: _failures(rows) for case, rows in cases.items()}
    failures = sum(map(bool, failing.values()))
    started = dt.datetime.fromtimestamp(document.run.started, tz=dt.UTC)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    time = f'time="{_seconds(document.duration)}"'
    stamp = started.replace(tzinfo=None).isoformat(timespec="seconds")
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites name="paceline" {counts} {time}>',
        f'<testsuite name="paceline" {counts} skipped="0" {time} timestamp="{stamp}">',
    ]
    for case, rows in cases.items():
        lines += _case(case, rows, failing[case])
    return "\n".join([*lines, "</testsuite>", "</testsuites>", ""])


def _case(case: CaseId, rows: list[Row], failures: list[Verdict]) -> list[str]:
    path, _separator, name = str(case).partition("::")
    function, bracket, parameters = name.partition("[")
    owner, _separator, function = function.rpartition("::")
    name = function + bracket + parameters
    module = path.removesuffix(".py").replace("/", ".")
    classname = f"{module}.{owner.replace('::', '.')}" if owner else module
    spent = sum(row.summary.total * row.measurement.iterations for row in rows if row.timed)
    named = f'classname="{_attribute(classname)}" name="{_attribute(name or module)}"'
    lines = [
        f'<testcase {named} time="{_seconds(spent)}">',
        "<properties>",
        *(
            f'<property name="{_attribute(key)}" value="{_attribute(value)}"/>'
            for row in rows
            for key, value in _properties(row)
        ),
        "</properties>",
    ]
    for verdict in failures:
        said = _message(verdict)
        lines.append(
            f'<failure type="{_FAILURES[verdict.kind]}" message="{_attribute(said)}">'
            f"{xml(elide(verdict.because, _NAME))}</failure>"
        )
    return [*lines, "</testcase>"]


def _failures(rows: list[Row]) -> list[Verdict]:
    return [verdict for row in rows for verdict in row.verdicts if verdict.kind in _FAILURES]


def _message(verdict: Verdict) -> str:
    where = f" ({verdict.place})" if verdict.place else ""
    said = change_words(verdict) if verdict.change else spent_words(verdict)
    return f"{verdict.subject}: {said}{where}"


def _properties(row: Row) -> tuple[tuple[str, str], ...]:
    measurement = row.measurement
    start = f"paceline.{measurement.metric.name}"
    figures = {name: getattr(row.summary, name) for name in _STATISTICS}
    if measurement.metric.unit == "s":
        figures["ops"] = row.summary.ops
    figures |= {"mean_low": row.mean.low, "mean_high": row.mean.high}
    figures |= {"median_low": row.median.low, "median_high": row.median.high}
    figures |= {"iterations": measurement.iterations, "warmup": measurement.warmup}
    if row.throughput is not None:
        figures["throughput"] = row.throughput.point
    found = [
        (f"{start}.{name}", repr(value)) for name, value in figures.items() if math.isfinite(value)
    ]
    said = [(f"{start}.unit", measurement.metric.unit), (f"{start}.status", row.status.value)]
    return (*found, *said)


def _attribute(text: str) -> str:
    return xml(elide(text, _NAME))


def _seconds(value: float) -> str:
    """Write seconds to the nanosecond: a reader's decimal type knows no exponent."""
    return f"{value:.9f}"
