"""Hooks: what other plugins may tell Paceline."""

from __future__ import annotations

import pytest

__all__ = ["pytest_paceline_why_not_fork"]


@pytest.hookspec(firstresult=True)
def pytest_paceline_why_not_fork(config: pytest.Config) -> str | None:
    """Say in one short sentence why this process must not be forked after collection.

    None leaves it to Paceline; the first reason counts, and is told to the user.
    """
