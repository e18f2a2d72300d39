"""One group as box plots, upright and self-contained: an SVG text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.report.dropin.units import TITLES
from paceline.report.escape import elide, xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.report.dropin.table import Entry

__all__ = ["MOST", "file_name", "to_svg"]

MOST = 75
"""Benchmarks that one chart shows; more would be too narrow to read."""

_POINTS = ("min", "ld15iqr", "q1", "median", "q3", "hd15iqr", "max")
_SIGNS = r"\/:*?<>| "
_LEFT, _TOP, _HEIGHT, _STEP = 80, 40, 320, 26
_LETTER, _LONGEST = 7, 50
_STYLE = (
    "text{font:11px monospace;fill:CanvasText}.a{stroke:CanvasText;stroke-opacity:.25}"
    ".s{fill:#777;fill-opacity:.5;stroke:#777}.n{fill:#4c78a8;fill-opacity:.5;stroke:#4c78a8}"
)


def file_name(prefix: str, group: str | None) -> str:
    """Name a group's file: ``PREFIX-GROUP.svg``, ``PREFIX.svg`` for what belongs to none."""
    if not group:
        return f"{prefix}.svg"
    name = group
    for sign in _SIGNS:
        name = name.replace(sign, "_").replace("__", "_")
    return f"{prefix}-{name}.svg"


def to_svg(rows: Sequence[Entry], *, group: str | None, prefix: str, factor: float) -> str:
    """Draw quartile boxes, medians and 1.5 IQR whiskers; saved runs grey, this one blue.

    Seconds taken times ``factor`` are in the unit that ``prefix`` names. At most 75 rows are drawn.
    """
    rows = rows[:MOST]
    boxes = [_box(row) for row in rows]
    low = min(box["min"] for box in boxes)
    high = max(min(box["max"], box["hd15iqr"]) for box in boxes)
    if high <= low:
        high = low + (abs(low) or 1.0)
    titled = f"Speed in {TITLES.get(prefix, f'{prefix}s')}" + (
        f" of {elide(group)}" if group else ""
    )
    width = _LEFT + _STEP * len(rows) + 20
    labels = 24 + _LETTER * min(_LONGEST, max(len(row["name"]) for row in rows))
    size = f"{max(width, 420)} {_TOP + _HEIGHT + labels}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">',
        f"<title>{xml(titled)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text x="8" y="20">{xml(titled)}</text>',
        *_axis(low, high, factor, width),
    ]
    for place, (row, box) in enumerate(zip(rows, boxes, strict=True)):
        parts += _drawn(row, box, _LEFT + _STEP * place + _STEP // 2, (low, high), factor)
    return "\n".join([*parts, "</svg>", ""])


def _box(row: Mapping[str, Any]) -> dict[str, float]:
    """Read the seven points of a box; what was not saved falls on the median, or the mean."""
    centre = float(row.get("median", row.get("mean", 0.0)))
    return {point: float(row.get(point, centre)) for point in _POINTS}


def _axis(low: float, high: float, factor: float, width: int) -> Iterable[str]:
    for quarter in range(5):
        height = _TOP + _HEIGHT - _HEIGHT * quarter // 4
        value = (low + (high - low) * quarter / 4) * factor
        yield f'<path class="a" d="M{_LEFT} {height}H{width}"/>'
        yield f'<text x="{_LEFT - 6}" y="{height + 4}" text-anchor="end">{value:,.4g}</text>'


def _drawn(
    row: Entry, box: Mapping[str, float], middle: int, ends: tuple[float, float], factor: float
) -> Iterable[str]:
    low, high = ends

    def at(point: str) -> float:
        value = min(max(box[point], low), high)
        return round(_TOP + _HEIGHT * (high - value) / (high - low), 1)

    said = "\n".join(f"{point}: {box[point] * factor:.4f}" for point in _POINTS)
    name = f"{row['fullname']} - {row.get('rounds', 0)} rounds"
    tall = max(1.0, round(at("q1") - at("q3"), 1))
    yield f'<g class="{"s" if row.get("path") else "n"}"><title>{xml(name)}'
    yield f"{said}</title>"
    yield f'<path d="M{middle} {at("ld15iqr")}V{at("hd15iqr")}"/>'
    yield f'<rect x="{middle - 8}" y="{at("q3")}" width="16" height="{tall}"/>'
    yield f'<path d="M{middle - 8} {at("median")}h16"/></g>'
    label = xml(elide(row["name"], _LONGEST))
    bottom = _TOP + _HEIGHT + 12
    yield (
        f'<text transform="translate({middle + 4} {bottom}) rotate(-90)" text-anchor="end">'
        f"{label}</text>"
    )
