"""Write reports about orders: plain text, HTML, CSV."""

from __future__ import annotations

import html
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Sale", "as_html", "as_text", "by_category", "money"]


@dataclass(frozen=True, slots=True)
class Sale:
    """A line of an order that was paid."""

    order: int
    name: str
    category: str
    quantity: int
    cents: int


def money(cents: int) -> str:
    """Write an amount, like ``1,234.50``."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{rest:02}"


def by_category(sales: Iterable[Sale]) -> dict[str, tuple[int, int]]:
    """Add up pieces and cents by category, what sold best first."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for sale in sales:
        found[sale.category][0] += sale.quantity
        found[sale.category][1] += sale.cents
    ordered = sorted(found.items(), key=lambda row: (-row[1][1], row[0]))
    return {category: (pieces, cents) for category, (pieces, cents) in ordered}


def as_text(sales: Sequence[Sale]) -> str:
    """Write a table whose columns are as wide as they must be."""
    rows = [("order", "name", "pieces", "amount")]
    rows += [(str(s.order), s.name, str(s.quantity), money(s.cents)) for s in sales]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column != 1 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def as_html(sales: Sequence[Sale], title: str) -> str:
    """Write a page with a table; whatever a name holds is escaped."""
    cells = ((str(s.order), s.name, s.category, str(s.quantity), money(s.cents)) for s in sales)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in cells
    )
    return f"<!doctype html><title>{html.escape(title)}</title>\n<table>\n{rows}\n</table>\n"
