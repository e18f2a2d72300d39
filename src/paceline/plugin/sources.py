"""Sources: what measures inside one test, and hands over what it has when a report is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from paceline.model import Budget, Measurement

__all__ = ["Source", "add_source", "sources_of"]


class Source(Protocol):
    """Something that measured in a test.

    ``budgets`` are the test's own limits on it; ``passed`` is set once the test's call has passed.
    """

    budgets: tuple[Budget, ...]
    passed: bool

    def take(self, *, last: bool) -> tuple[Measurement, ...]:
        """Hand over what was measured since the last time; ``last`` with the teardown's report."""


_SOURCES = pytest.StashKey[list[Source]]()


def add_source(item: pytest.Item, source: Source) -> None:
    """Let a source's measurements ride on the reports of a test."""
    item.stash.setdefault(_SOURCES, []).append(source)


def sources_of(item: pytest.Item) -> tuple[Source, ...]:
    """Give everything that measured in a test."""
    found: list[Source] = item.stash.get(_SOURCES, [])
    return tuple(found)
