"""Terminal: the table and the end block, written through pytest's own reporter."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from paceline.report import benchmark, summary
from paceline.report.options import Detail, Style
from paceline.report.paint import Paint, bare
from paceline.report.sections import sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from paceline.report.document import Document
    from paceline.report.options import TableOptions

__all__ = ["paint_of", "say"]

_MARKUP = {
    "good": {"green": True},
    "bad": {"red": True},
    "warn": {"yellow": True},
    "dim": {"light": True},
    "strong": {"bold": True},
}


def say(  # noqa: PLR0913  (keyword-only, each is one choice of what is said)
    document: Document,
    reporter: pytest.TerminalReporter,
    options: TableOptions,
    *,
    whole: bool,
    asked: bool,
    written: Sequence[str],
) -> None:
    """Write the benchmark table, and the end block where runs are judged or something is wrong.

    ``asked`` shows what tests took even where nothing in it is notable.
    """
    paint = paint_of(reporter.config)
    pure_ascii = not _can_show(reporter)
    ours = options.style is Style.PACELINE
    tabled = bool(document.timed) and ours and options.detail is not Detail.QUIET
    if tabled:
        reporter.section("benchmarks", "-")
        table = benchmark.render(document, options, paint=paint, pure_ascii=pure_ascii)
        reporter.write_line(table.rstrip("\n"))
    for title, text in sections(document, asked=asked, paint=paint, pure_ascii=pure_ascii):
        reporter.section(title, "-")
        reporter.write_line(text.rstrip("\n"))
    if whole or document.verdicts or (document.notes and ours):
        reporter.section("paceline", "-")
        for note in () if tabled else document.notes:  # the table says them already
            reporter.write_line(f"Note: {note}")
        reporter.write_line(
            summary.render(document, paint=paint, pure_ascii=pure_ascii).rstrip("\n")
        )
    for line in written:
        reporter.write_line(line)


def paint_of(config: pytest.Config) -> Paint:
    """Colour as pytest would; NO_COLOR and terminals that can't stay bare."""
    writer = config.get_terminal_writer()
    if not writer.hasmarkup or os.environ.get("NO_COLOR"):
        return bare

    def paint(text: str, role: str) -> str:
        return writer.markup(text, **_MARKUP[role])

    return paint


def _can_show(reporter: pytest.TerminalReporter) -> bool:
    encoding = getattr(reporter, "encoding", None) or "utf-8"
    try:
        "×µ±…".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
