"""The benchmark table: one per group, as its users know it, plus an interval on every centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.report.conditions import condition_lines, timing_lines
from paceline.report.grouping import grouped, scaled, shown_name, side_by_side
from paceline.report.options import Column, Detail, TableOptions, TimeUnit
from paceline.report.paint import Paint, bare
from paceline.report.scaling import scaling_lines
from paceline.report.table import Align, Heading, decimals, lay_out, number, rule, safe
from paceline.report.words import (
    PROCESS_ONLY,
    count,
    estimated,
    interval,
    ratio_words,
    throughput_words,
)
from paceline.units import Scale, scale_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.report.document import Document, Row
    from paceline.report.grouping import Group

__all__ = ["render"]

_SCALES = {
    TimeUnit.NS: Scale(1e-9, "ns"),
    TimeUnit.US: Scale(1e-6, "µs"),
    TimeUnit.MS: Scale(1e-3, "ms"),
    TimeUnit.S: Scale(1.0, "s"),
}
_TITLES = {Column.STDDEV: "StdDev", Column.IQR: "IQR", Column.OPS: "OPS"}
_PLAIN = frozenset({Column.OUTLIERS, Column.ROUNDS, Column.ITERATIONS, Column.THROUGHPUT})
_FAR = 1000.0


def render(
    document: Document,
    options: TableOptions,
    *,
    paint: Paint = bare,
    pure_ascii: bool = False,
) -> str:
    """Write every table, the ratios inside the groups, the conditions and the legend.

    Quiet detail and a run without benchmarks give "".
    """
    if options.detail is Detail.QUIET or not document.rows:
        return ""
    plain, sizes = scaled(document.timed)
    lines: list[str] = []
    for group in grouped(plain, options.group_by, sort=options.sort):
        lines += _table(group, options, trial=document.run.id, paint=paint, pure_ascii=pure_ascii)
        lines += _sides(group, paint=paint, pure_ascii=pure_ascii)
        lines.append("")
    for group in sizes:
        lines += [*scaling_lines(group, paint=paint, pure_ascii=pure_ascii), ""]
    if options.detail is Detail.VERBOSE:
        lines += timing_lines(document, pure_ascii=pure_ascii)
    lines += _others(document, pure_ascii=pure_ascii)
    lines += condition_lines(document, pure_ascii=pure_ascii)
    lines += _legend(document, options, pure_ascii=pure_ascii)
    return "\n".join(lines) + "\n"


def _table(
    group: Group,
    options: TableOptions,
    *,
    trial: str,
    paint: Paint,
    pure_ascii: bool,
) -> list[str]:
    rows = group.rows
    scale = _SCALES.get(options.time_unit) or scale_for(tuple(row.summary.min for row in rows), "s")
    names = [
        safe(shown_name(row.measurement.case, options.name, trial=trial), pure_ascii=pure_ascii)
        for row in rows
    ]
    headings = [Heading(f"Name (time in {scale.symbol})", Align.LEFT)]
    cells = [[name] for name in names]
    for column in options.columns:
        more, figures = _column(column, rows, scale)
        headings += more
        cells = [[*line, *figure] for line, figure in zip(cells, figures, strict=True)]
    head, *body = lay_out(headings, cells, pure_ascii=pure_ascii)
    named = f" '{safe(group.name, pure_ascii=pure_ascii)}'" if group.name else ""
    title = rule((head, *body), f" benchmark{named}: {count(len(rows), 'test')} ")
    line = paint(rule((head, *body)), "dim")
    painted = (
        paint(line, "warn") if row.measurement.unsure else line
        for line, row in zip(body, rows, strict=True)
    )
    return [paint(title, "strong"), head, line, *painted, line]


def _column(
    column: Column, rows: Sequence[Row], scale: Scale
) -> tuple[list[Heading], list[list[str]]]:
    """Give one column's headings and, row by row, its cells."""
    if column in _PLAIN:
        return [Heading(_title(column))], [[_plain(column, row)] for row in rows]
    values = tuple(float(getattr(row.summary, column.value)) for row in rows)
    title = _title(column)
    if column is Column.OPS:
        scale = scale_for(values, "1/s")
        title = f"{title} ({scale.symbol})"
    places = decimals(values, scale)
    cells = [[number(value, scale, places)] for value in values]
    headings = [Heading(title)]
    if column in {Column.MEAN, Column.MEDIAN}:
        headings.append(Heading("", Align.LEFT, 1))
        for cell, row in zip(cells, rows, strict=True):
            cell.append(interval(row.mean if column is Column.MEAN else row.median, scale))
    if len(rows) > 1:
        headings.append(Heading("", Align.LEFT, 1))
        best = max(values) if column is Column.OPS else min(values)
        for cell, value in zip(cells, values, strict=True):
            cell.append(_beside(value, best))
    return headings, cells


def _plain(column: Column, row: Row) -> str:
    if column is Column.THROUGHPUT:
        return throughput_words(row)
    if column is Column.ITERATIONS:
        return f"{row.measurement.iterations:,}"
    return row.summary.outliers if column is Column.OUTLIERS else f"{row.summary.rounds:,}"


def _beside(value: float, best: float) -> str:
    """Write a figure relative to its column's best, as in ``(2.31)``."""
    if value == best:
        return "(1.00)"
    share = value / best if best else float("inf")
    return f"({share:.2f})" if share <= _FAR else "(>1000)"


def _title(column: Column) -> str:
    return _TITLES.get(column, column.value.capitalize())


def _sides(group: Group, *, paint: Paint, pure_ascii: bool) -> list[str]:
    sides = side_by_side(group.rows) if group.name else ()
    if not sides:
        return []
    metric = sides[0].row.measurement.metric
    cells = [
        [
            safe(side.row.measurement.case.name, pure_ascii=pure_ascii),
            ratio_words(side.ratio, metric) if side.ratio else "fastest",
        ]
        for side in sides
    ]
    headings = [Heading("", Align.LEFT, 0), Heading("", Align.LEFT)]
    title = f"Medians side by side, {PROCESS_ONLY}:"
    _empty, *body = lay_out(headings, cells, pure_ascii=pure_ascii)
    return [paint(title, "dim"), *(f"  {line}" for line in body)]


def _others(document: Document, *, pure_ascii: bool) -> list[str]:
    """Tabulate what was measured besides the time of a call, in the unit of each figure."""
    rows = document.others
    if not rows:
        return []
    headings = [Heading("Name", Align.LEFT), Heading("Metric", Align.LEFT)]
    headings += [Heading("Median", Align.LEFT), Heading("Rounds")]
    cells = [
        [
            safe(row.measurement.case.name, pure_ascii=pure_ascii),
            safe(row.measurement.metric.name, pure_ascii=pure_ascii),
            estimated(row.median, row.measurement.metric),
            f"{row.summary.rounds:,}",
        ]
        for row in rows
    ]
    head, *body = lay_out(headings, cells, pure_ascii=pure_ascii)
    return [head, rule((head, *body)), *body, ""]


def _legend(document: Document, options: TableOptions, *, pure_ascii: bool) -> list[str]:
    """Say what the columns mean: estimators, outliers, operations per second."""
    rows = document.timed
    if not rows:
        return []
    chosen = set(options.columns)
    means = ", ".join(dict.fromkeys(row.mean.method.partition(",")[0] for row in rows))
    medians = ", ".join(dict.fromkeys(row.median.method.partition(",")[0] for row in rows))
    lines = [
        f"  ±: 95 % interval of mean ({means}) and median ({medians})",
        f"     {PROCESS_ONLY}: how processes differ is not in it",
    ]
    if Column.OUTLIERS in chosen:
        lines.append(
            "  Outliers: rounds beyond 1 standard deviation from the mean;"
            " rounds beyond 1.5 IQR from the quartiles"
        )
    if Column.OPS in chosen:
        lines.append("  OPS: operations per second, 1 / mean")
    return ["Legend:", *(safe(line, pure_ascii=pure_ascii, longest=1000) for line in lines)]
