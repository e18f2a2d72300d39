"""Sections: what a run has to say besides its benchmarks, each with its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.report import leaked, memory, resources
from paceline.report.paint import Paint, bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paceline.report.document import Document

__all__ = ["sections"]


def sections(
    document: Document, *, asked: bool = False, paint: Paint = bare, pure_ascii: bool = False
) -> Iterator[tuple[str, str]]:
    """Give title and text of broken memory limits, leaks, and what tests took.

    ``asked`` shows what tests took even where nothing in it is notable.
    """
    measured = [row.measurement for row in document.rows]
    unsure = [one for one in document.unvalued if one.metric.name.endswith("leaked_objects")]
    took = resources.facts(document.resources, document.processes)
    said = {
        "memory": memory.render(document.verdicts, measured, paint=paint, pure_ascii=pure_ascii),
        "leaks": leaked.render((*measured, *unsure), paint=paint, pure_ascii=pure_ascii),
        "resources": resources.render(took, asked=asked, paint=paint, pure_ascii=pure_ascii),
    }
    return ((title, text) for title, text in said.items() if text)
