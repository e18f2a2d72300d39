"""Shared: the mark by which a fixture is run once per run, before workers are forked."""

from __future__ import annotations

import inspect
from typing import TypeVar

__all__ = ["MARK", "shared"]

MARK = "__paceline_shared__"
"""The attribute that a shared fixture's function carries."""

T = TypeVar("T")


def shared(fixture: T) -> T:
    """Let a session fixture run once per run: in the process that workers are forked from.

    Write it above or below ``@pytest.fixture(scope="session")``. Without forked workers it changes
    nothing. A value that no two processes can hold (a socket, a thread, an event loop, a database
    connection, an open file) is refused before the first test.
    """
    setattr(inspect.unwrap(fixture), MARK, True)  # type: ignore[arg-type]
    return fixture
