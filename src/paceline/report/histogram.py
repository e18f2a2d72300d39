"""One group of benchmarks as a box and strip chart: a self-contained SVG text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.report.escape import elide, xml
from paceline.report.words import PROCESS_ONLY
from paceline.units import Scale, format_number, format_quantity, scale_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.report.document import Row
    from paceline.report.grouping import Group

__all__ = ["to_svg"]

_WIDTH = 760
_LEFT = 260
_PLOT = 480
_ROW = 28
_TOP = 36
_DOTS = 200
_STYLE = (
    "text{font:12px sans-serif;fill:CanvasText}.t{fill:none;stroke:CanvasText;opacity:.5}"
    ".b{fill:#4c78a8;fill-opacity:.35;stroke:#4c78a8}.m{stroke:#4c78a8;stroke-width:2}"
    ".d{fill:#4c78a8;fill-opacity:.35}"
)


def to_svg(group: Group) -> str:
    """Draw quartile boxes, medians, 1.5 IQR whiskers and at most 200 rounds per benchmark.

    The horizontal axis starts at 0, so that lengths compare; "" for a group without rows.
    """
    rows = group.rows
    if not rows:
        return ""
    unit = rows[0].measurement.metric.unit
    right = max(row.summary.max for row in rows) or 1.0
    scale = scale_for((right,), unit)
    height = _TOP + _ROW * len(rows) + 34
    named = xml(elide(group.name)) or "benchmarks"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{named}: {_sentence(rows, unit)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text x="8" y="20">{named} ({scale.symbol}, {PROCESS_ONLY})</text>',
    ]
    for place, row in enumerate(rows):
        parts += _drawn(row, _TOP + _ROW * place + _ROW // 2, _PLOT / right)
    parts += _axis(right, scale, height - 26)
    return "\n".join([*parts, "</svg>", ""])


def _drawn(row: Row, middle: int, factor: float) -> Iterable[str]:
    summary = row.summary

    def across(value: float) -> str:
        return f"{_LEFT + value * factor:.1f}"

    name = xml(elide(row.measurement.case.name, 36))
    yield f'<text x="8" y="{middle + 4}">{name}</text>'
    values = row.measurement.values
    step = max(1, -(-len(values) // _DOTS))
    for place, value in enumerate(values[::step]):
        # A fixed zigzag keeps rounds of equal length apart.
        yield f'<circle class="d" cx="{across(value)}" cy="{middle - 7 + place * 5 % 15}" r="1.5"/>'
    low, high = across(summary.ld15iqr), across(summary.hd15iqr)
    yield f'<path class="t" d="M{low} {middle}H{high}"/>'
    box = f"{max(1.0, (summary.q3 - summary.q1) * factor):.1f}"
    yield f'<rect class="b" x="{across(summary.q1)}" y="{middle - 9}" width="{box}" height="18"/>'
    yield f'<path class="m" d="M{across(summary.median)} {middle - 9}v18"/>'


def _axis(right: float, scale: Scale, top: int) -> Iterable[str]:
    yield f'<path class="t" d="M{_LEFT} {top}h{_PLOT}"/>'
    for quarter in range(5):
        place = _LEFT + _PLOT * quarter // 4
        figure = format_number(right * quarter / 4 / scale.factor)
        yield f'<text x="{place}" y="{top + 18}" text-anchor="middle">{figure}</text>'


def _sentence(rows: tuple[Row, ...], unit: str) -> str:
    """Say in words what the chart draws, for who can't see it."""
    said = (
        f"{elide(row.measurement.case.name, 36)} median {format_quantity(row.summary.median, unit)}"
        for row in rows
    )
    return xml("; ".join(said))
