"""Lay out cells in columns of equal width, whatever scripts and characters they hold."""

from __future__ import annotations

import enum
import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.report.escape import LONGEST, ascii_only, elide, plain
from paceline.report.paint import Paint, bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.units import Scale

__all__ = ["Align", "Heading", "decimals", "lay_out", "number", "pad", "rule", "safe", "width"]

_WIDE = frozenset({"W", "F"})
_NO_WIDTH = frozenset({"Mn", "Me", "Cf"})
_SIGNIFICANT = 4
_MOST_DECIMALS = 4


class Align(enum.Enum):
    """At which side of its column a cell stands."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its title, its side and the spaces before it.

    A cell that belongs to the one before it (an interval, a ratio) is a column of its own with a
    gap of 1 and no title, so that the figures above each other stay aligned.
    """

    title: str
    align: Align = Align.RIGHT
    gap: int = 2


def width(text: str) -> int:
    """Count the terminal columns of a text: wide characters take 2, combining ones 0.

    After Unicode Standard Annex #11, East Asian Width (https://unicode.org/reports/tr11/).
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def pad(text: str, columns: int, align: Align) -> str:
    """Fill a text with spaces up to a width in terminal columns."""
    spaces = " " * (columns - width(text))
    return text + spaces if align is Align.LEFT else spaces + text


def safe(text: str, *, pure_ascii: bool = False, longest: int = LONGEST) -> str:
    """Make foreign text fit to be printed on a terminal: spelled out, then elided."""
    shown = elide(plain(elide(text, 4 * longest)), longest)
    return ascii_only(shown) if pure_ascii else shown


def lay_out(
    headings: Sequence[Heading],
    rows: Iterable[Sequence[str]],
    *,
    pure_ascii: bool = False,
    roles: Sequence[str] = (),
    paint: Paint = bare,
) -> tuple[str, ...]:
    """Align cells under their headings: the heading line first, then one line a row.

    Cells are the renderer's own text or went through ``safe``; ``roles`` colours whole rows.
    A column whose every cell is empty is left out.
    """
    lines = [[heading.title for heading in headings], *map(list, rows)]
    if pure_ascii:
        lines = [[ascii_only(cell) for cell in line] for line in lines]
    widths = [max(width(line[place]) for line in lines) for place in range(len(headings))]
    used = [place for place, columns in enumerate(widths) if columns]
    shown = []
    for line in lines:
        cells = [
            " " * (headings[place].gap if place != used[0] else 0)
            + pad(line[place], widths[place], headings[place].align)
            for place in used
        ]
        shown.append("".join(cells).rstrip())
    painted = zip(shown[1:], [*roles, *([""] * len(shown))], strict=False)
    return (shown[0], *(paint(line, role) if role else line for line, role in painted))


def rule(lines: Iterable[str], title: str = "") -> str:
    """Draw a line as wide as the widest of some lines, with a title in its middle."""
    columns = max(map(width, lines))
    return title.center(columns - width(title) + len(title), "-")


def decimals(values: Iterable[float], scale: Scale) -> int:
    """Choose the decimals of a whole column: four significant digits for its smallest figure."""
    sizes = [abs(value) / scale.factor for value in values if value and math.isfinite(value)]
    if not sizes:
        return 0
    magnitude = math.floor(math.log10(min(sizes)))
    return min(_MOST_DECIMALS, max(0, _SIGNIFICANT - 1 - magnitude))


def number(value: float, scale: Scale, places: int) -> str:
    """Write a column's figure: thousands apart, never in exponents."""
    return f"{value / scale.factor:,.{places}f}" if math.isfinite(value) else "?"


def _columns(char: str) -> int:
    if unicodedata.category(char) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1
