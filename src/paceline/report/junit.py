"""JUnit XML: every figure as a property, broken budgets and regressions as failures.

``paceline.case`` names the case, ``paceline.METRIC.STATISTIC`` tells of a benchmark's values and
``paceline.METRIC`` of what the test took, where its record is at hand. The shape is the one that
pytest itself writes and that common readers accept: ``properties`` before ``failure`` inside
``testcase``, counts and UTC timestamp on ``testsuite``.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paceline.model import RESOURCES, Kind
from paceline.report.document import row_of
from paceline.report.escape import elide, xml
from paceline.report.words import change_words, spent_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.model import CaseId, Measurement, Resources, Verdict
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
_KINDS = ("failure", "error", "skipped")
_ENDED = {
    "failed": '<failure type="test" message="the test failed"/>',
    "error": '<error type="test" message="a set-up or teardown failed"/>',
    "crashed": '<error type="test" message="the process that ran the test died"/>',
    "skipped": '<skipped type="pytest.skip" message=""/>',
    "xfailed": '<skipped type="pytest.xfail" message=""/>',
}
_NAME = 1000


@dataclass(slots=True)
class _Told:
    """What is said of one case; of ``summed`` no values are at hand."""

    rows: list[Row] = field(default_factory=list)
    summed: list[Measurement] = field(default_factory=list)
    record: Resources | None = None


def properties(measurement: Measurement) -> tuple[tuple[str, str], ...]:
    """Give ``paceline.<metric>.<statistic>`` pairs, figures in base units, for one measurement.

    A measurement without values has none.
    """
    return _properties(row_of(measurement)) if measurement.values else ()


def to_junit(document: Document, records: Iterable[Resources] = ()) -> str:
    """Write the document as one suite with one case per benchmarked case and per record of a test.

    With its record a test says what it took and how it ended; without, how long its rounds ran.
    """
    cases = _cases(document, records)
    told = [_case(case, one) for case, one in cases.items()]
    started = dt.datetime.fromtimestamp(document.run.started, tz=dt.UTC)
    tally = {
        kind: sum(any(line.startswith(f"<{kind} ") for line in one) for one in told)
        for kind in _KINDS
    }
    counts = f'tests="{len(told)}" failures="{tally["failure"]}" errors="{tally["error"]}"'
    time = f'time="{_seconds(document.duration)}"'
    stamp = started.replace(tzinfo=None).isoformat(timespec="seconds")
    skipped = f'skipped="{tally["skipped"]}"'
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            f'<testsuites name="paceline" {counts} {time}>',
            f'<testsuite name="paceline" {counts} {skipped} {time} timestamp="{stamp}">',
            *(line for lines in told for line in lines),
            "</testsuite>",
            "</testsuites>",
            "",
        ]
    )


def _cases(document: Document, records: Iterable[Resources]) -> dict[CaseId, _Told]:
    """Put rows and record of each case together; the set-up of a fixture is no case."""
    found: dict[CaseId, _Told] = {}
    for row in document.rows:
        found.setdefault(row.measurement.case.id, _Told()).rows.append(row)
    for measurement in document.unvalued:
        if measurement.summary:
            found.setdefault(measurement.case.id, _Told()).summed.append(measurement)
    for record in records:
        if not record.case.label:
            found.setdefault(record.case.id, _Told()).record = record
    return found


def _case(case: CaseId, told: _Told) -> list[str]:
    path, _separator, name = str(case).partition("::")
    function, bracket, parameters = name.partition("[")
    owner, _separator, function = function.rpartition("::")
    name = function + bracket + parameters
    module = path.removesuffix(".py").replace("/", ".")
    classname = f"{module}.{owner.replace('::', '.')}" if owner else module
    named = f'classname="{_attribute(classname)}" name="{_attribute(name or module)}"'
    pairs = [("paceline.case", str(case)), *_record(told.record)]
    pairs += [pair for row in told.rows for pair in _properties(row)]
    pairs += [pair for one in told.summed for pair in _of_summary(one)]
    return [
        f'<testcase {named} time="{_seconds(_time(told))}">',
        "<properties>",
        *(
            f'<property name="{_attribute(key)}" value="{_attribute(value)}"/>'
            for key, value in pairs
        ),
        "</properties>",
        *_endings(told),
        "</testcase>",
    ]


def _time(told: _Told) -> float:
    """Give what the test took, or how long its rounds ran, in seconds."""
    taken = told.record.figure("test_time") if told.record else None
    if taken is not None:
        return taken
    return sum(row.summary.total * row.measurement.iterations for row in told.rows if row.timed)


def _endings(told: _Told) -> list[str]:
    """Write broken verdicts as failures, and how the test itself ended; one element a line."""
    lines = [
        f'<failure type="{_FAILURES[verdict.kind]}" message="{_attribute(_message(verdict))}">'
        f"{xml(elide(verdict.because, _NAME))}</failure>"
        for verdict in _failures(told.rows)
    ]
    ended = _ENDED.get(told.record.turn.outcome, "") if told.record else ""
    return [*lines, *([ended] if ended else [])]


def _record(record: Resources | None) -> list[tuple[str, str]]:
    """Give a record's figures in base units, and how its test ended."""
    if record is None:
        return []
    known = [
        (f"paceline.{name}", repr(figure))
        for name, figure in zip(RESOURCES, record.figures, strict=True)
        if figure is not None
    ]
    outcome = record.turn.outcome
    return [*known, *([("paceline.outcome", outcome)] if outcome else [])]


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


def _of_summary(measurement: Measurement) -> list[tuple[str, str]]:
    """Give what is left of values that are not at hand, which is unsure."""
    start, summary = f"paceline.{measurement.metric.name}", measurement.summary
    figures = {name: getattr(summary, name) for name in ("mean", "median", "min", "stddev")}
    counts = {"rounds": measurement.rounds, "iterations": measurement.iterations}
    figures |= {**counts, "warmup": measurement.warmup}
    known = {
        name: repr(one) for name, one in figures.items() if one is not None and math.isfinite(one)
    }
    known |= {"unit": measurement.metric.unit, "status": Kind.UNSURE.value}
    return [(f"{start}.{name}", said) for name, said in known.items()]


def _attribute(text: str) -> str:
    return xml(elide(text, _NAME))


def _seconds(value: float) -> str:
    """Write seconds to the nanosecond: a reader's decimal type knows no exponent."""
    return f"{value:.9f}"
