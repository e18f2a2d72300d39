"""Written: choose the format of a report by the name of its file."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from paceline.errors import UsageError
from paceline.report import csv, json, junit, markdown

if TYPE_CHECKING:
    from paceline.report.document import Document

__all__ = ["FORMATS", "rendered"]

FORMATS = {
    ".md": markdown.render,
    ".json": json.to_json,
    ".csv": csv.to_csv,
    ".xml": junit.to_junit,
}


def rendered(document: Document, file: str) -> str:
    """Render a document as the file's ending says.

    Raises:
        UsageError: an ending that names no format.
    """
    ending = PurePath(file).suffix.lower()
    render = FORMATS.get(ending)
    if render is None:
        raise UsageError(
            f"{file!r}: no report format ends in {ending!r}",
            remedy=f"use one of {', '.join(FORMATS)}",
        )
    return render(document)
