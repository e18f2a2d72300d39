"""Refuse to work beside the distribution whose names these are."""

from __future__ import annotations

from importlib import metadata

from paceline.errors import UsageError

__all__ = ["refuse_both"]


def refuse_both(name: str = "pytest-benchmark") -> None:
    """Say what to do where both distributions are installed: their files mix in one folder.

    Raises:
        UsageError: the other one is installed.
    """
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return
    raise UsageError(
        f"{name} {found} is installed beside paceline-compat, and both own pytest_benchmark",
        remedy=f"pip uninstall {name} paceline-compat, then install paceline-compat again",
    )
