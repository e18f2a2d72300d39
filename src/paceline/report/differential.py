"""The functions that account for a change, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.report.paint import Paint, bare
from paceline.report.table import Align, Heading, lay_out, rule, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.stats.differential import FunctionChange
    from paceline.stats.profile import Function

__all__ = ["differential_table", "place_words"]

_HEADINGS = (
    Heading("Change", gap=0),
    Heading("Base"),
    Heading("Head"),
    Heading("Function", Align.LEFT),
    Heading("Where", Align.LEFT),
)


def differential_table(
    changes: Sequence[FunctionChange],
    *,
    unit: str = "instructions",
    blind_to: str = "",
    paint: Paint = bare,
    pure_ascii: bool = False,
) -> str:
    """Tabulate each function's part of the change, in percent of base's whole; "" without changes.

    ``unit`` is what was counted; what the counter does not see is said below the table.
    """
    if not changes:
        return ""
    cells = [
        [
            f"{100 * change.share:+.2f} %",
            f"{change.base:,.0f}",
            f"{change.head:,.0f}",
            safe(change.function.name, pure_ascii=pure_ascii, longest=60),
            safe(place_words(change.function), pure_ascii=pure_ascii, longest=60),
        ]
        for change in changes
    ]
    roles = ["bad" if change.difference > 0 else "good" for change in changes]
    head, *body = lay_out(_HEADINGS, cells, pure_ascii=pure_ascii, roles=roles, paint=paint)
    plain = lay_out(_HEADINGS, cells, pure_ascii=pure_ascii)
    title = paint(rule(plain, f" own {unit} by function "), "strong")
    line = paint(rule(plain), "dim")
    blind = [paint(f"not seen: {blind_to}", "dim")] if blind_to else []
    return "\n".join([title, head, line, *body, line, *blind, ""])


def place_words(function: Function) -> str:
    """Say where a function stands: file and line, as far as they are known."""
    return f"{function.file}:{function.line}" if function.line else function.file
