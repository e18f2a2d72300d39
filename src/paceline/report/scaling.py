"""The table of a scaling benchmark: its cost over input sizes and the class that fits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.report.grouping import size_of
from paceline.report.paint import Paint, bare
from paceline.report.table import Align, Heading, decimals, lay_out, number, rule, safe
from paceline.report.words import interval
from paceline.stats.complexity import Complexity, fit
from paceline.units import format_number, format_quantity, scale_for

if TYPE_CHECKING:
    from paceline.report.document import Row
    from paceline.report.grouping import Group

__all__ = ["complexity_of", "complexity_words", "scaling_lines"]

_FEWEST = 3
"""Distinct sizes that a fit needs."""


def complexity_of(group: Group) -> Complexity | None:
    """Fit the medians of a scaling benchmark over its sizes, None where figures allow no fit."""
    points = _points(group)
    sizes = [size for size, _row in points]
    costs = [row.median.point for _size, row in points]
    fits = len(set(sizes)) >= _FEWEST and min(sizes) >= 1 and min(costs) > 0
    return fit(sizes, costs) if fits else None


def complexity_words(found: Complexity) -> str:
    """Say a fitted class, as in ``grows as O(n), goodness 0.998, exponent 1.01 [0.98…1.04]``."""
    exponent = found.exponent
    return (
        f"grows as {found.name}, goodness {found.goodness:.3f}, "
        f"exponent {exponent.point:.2f} [{exponent.low:.2f}…{exponent.high:.2f}], "
        f"per item ×{found.per_item_ratio:.2f} from the smallest size to the largest"
    )


def scaling_lines(
    group: Group,
    *,
    paint: Paint = bare,
    pure_ascii: bool = False,
) -> list[str]:
    """Tabulate size, median with interval and cost per item; the fit stands below."""
    points = _points(group)
    medians = tuple(row.median.point for _size, row in points)
    scale = scale_for(medians, "s")
    places = decimals(medians, scale)
    headings = [
        Heading("n", gap=0),
        Heading(f"Median ({scale.symbol})"),
        Heading("", Align.LEFT, 1),
        Heading("Per item"),
        Heading("Rounds"),
    ]
    cells = [
        [
            format_number(size).removesuffix(".000").removesuffix(".00").removesuffix(".0"),
            number(row.median.point, scale, places),
            interval(row.median, scale),
            format_quantity(row.median.point / size, "s") if size else "",
            f"{row.summary.rounds:,}",
        ]
        for size, row in points
    ]
    head, *body = lay_out(headings, cells, pure_ascii=pure_ascii)
    name = safe(group.name.rpartition("::")[2], pure_ascii=pure_ascii)
    title = paint(rule((head, *body), f" scaling '{name}' "), "strong")
    line = paint(rule((head, *body)), "dim")
    found = complexity_of(group)
    said = [safe(complexity_words(found), pure_ascii=pure_ascii, longest=300)] if found else []
    return [title, head, line, *body, line, *said]


def _points(group: Group) -> list[tuple[float, Row]]:
    sized = ((size_of(row), row) for row in group.rows)
    return [(size, row) for size, row in sized if size is not None]
