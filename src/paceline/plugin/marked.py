"""Marked: which of our markers the collected tests carry, found once a session and cheaply."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

__all__ = ["LIMITED", "REPEATED", "TIMED", "marks_among"]

LIMITED = "memory_limit"
REPEATED = "no_leaks"
TIMED = "timeout"
_OURS = frozenset({LIMITED, REPEATED, TIMED})


def marks_among(items: Iterable[pytest.Item]) -> frozenset[str]:
    """Name those of our markers that act on a test by themselves and stand on any of the items.

    Classes and modules are asked once each: their tests share them.
    """
    found: set[str] = set()
    asked: set[object] = set()
    for item in items:
        node: pytest.Item | pytest.Collector | None = item
        while node is not None and node not in asked:
            for marker in node.own_markers:
                if marker.name in _OURS:
                    found.add(marker.name)
            if node is not item:
                asked.add(node)
            node = node.parent
    return frozenset(found)
