"""Flat entries as comma-separated figures in base units, the columns as the reader chose them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from paceline.report.dropin.table import sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.report.dropin.table import Groups

__all__ = ["to_csv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(groups: Groups, *, columns: Sequence[str], sort: str) -> str:
    """Write one row an entry: name, ``param:NAME`` for every parameter there is, the columns."""
    listed = [(group, list(entries)) for group, entries in groups]
    params = sorted({name for _, some in listed for one in some for name in one["params"] or ()})
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["name", *(f"param:{name}" for name in params), *columns])
    for _, entries in listed:
        for entry in sorted(entries, key=lambda entry: sort_key(entry, sort)):
            given = entry["params"] or {}
            cells = [entry["fullname"], *(given.get(name, "") for name in params)]
            writer.writerow([*map(_harmless, cells), *(entry.get(name, "") for name in columns)])
    return stream.getvalue()


def _harmless(value: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
