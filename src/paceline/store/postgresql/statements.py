"""Say a statement that is written for SQLite in the words of PostgreSQL and its driver."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

from paceline.store.rows import plain

__all__ = ["fitting", "statement"]

# A text in quotes, a mark for a parameter, SQLite's hints to its planner, a per cent sign.
_PARTS = re.compile(r"'(?:[^']|'')*'|\?(\d*)|\b(?:NOT INDEXED|INDEXED BY \w+) ?|\bCROSS JOIN\b|%")


@functools.lru_cache(maxsize=256)
def statement(sql: str) -> tuple[str, tuple[int, ...]]:
    """Translate a statement; of each mark the place of its parameter, from 0.

    ``CROSS JOIN … ON`` is how SQLite is told the order of tables: PostgreSQL finds its own.
    """
    places: list[int] = []

    def said(found: re.Match[str]) -> str:
        part = found[0]
        if part.startswith("?"):
            places.append(int(found[1]) - 1 if found[1] else len(places))
            return "%s"
        if part.startswith(("NOT INDEXED", "INDEXED BY")):
            return ""
        return "JOIN" if part == "CROSS JOIN" else part.replace("%", "%%")

    return _PARTS.sub(said, sql), tuple(places)


def fitting(values: tuple[Any, ...], places: tuple[int, ...]) -> tuple[Any, ...]:
    """Order parameters by their marks, each as SQLite keeps it.

    Truth is 1, no number is null, and zero has no sign. A text holds no NUL there: it is escaped,
    as bytes are that have no UTF-8.
    """
    return tuple(_fitting(values[place]) for place in places)


def _fitting(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value.replace("\0", "\\x00"))
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return None if math.isnan(value) else value + 0.0
    return value
