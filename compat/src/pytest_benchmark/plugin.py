"""The plugin called ``benchmark``: that plugin's habits and table become the default, no more."""

from __future__ import annotations

from typing import Any

import pytest

from paceline.errors import UsageError
from pytest_benchmark import __version__
from pytest_benchmark.presence import refuse_both

__all__ = [
    "PACELINE_STYLE",
    "pytest_collection_finish",
    "pytest_configure",
    "pytest_report_header",
]

PACELINE_STYLE = "dropin"
"""Read by Paceline: the lowest layer of its settings for ``table.style``."""

_CLASSES = ("BenchmarkSession", "PerformanceRegression")
_SHOWN = ("timer", "disable_gc", "min_rounds", "min_time", "max_time", "warmup")


def pytest_configure() -> None:
    """Refuse to start beside the distribution whose names these are."""
    try:
        refuse_both()
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let tracebacks show the fixture's class by the name it has here, where it will be used."""
    if any("benchmark" in getattr(item, "fixturenames", ()) for item in session.items):
        import pytest_benchmark.fixture  # noqa: PLC0415, F401


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say the defaults in the line that logs are searched for."""
    options = getattr(getattr(config, "_benchmarksession", None), "options", None)
    if not options:
        return None
    shown = " ".join(f"{name}={options[name]}" for name in _SHOWN if name in options)
    return f"benchmark: {__version__} (defaults: {shown})"


def __getattr__(name: str) -> Any:
    """Give the session's class and what the hooks do, which conftests import from here."""
    if not name.startswith("pytest_benchmark_") and name not in _CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from paceline.plugin.dropin import defaults, session  # noqa: PLC0415  (heavy, rarely asked for)

    return getattr(session if name in _CLASSES else defaults, name)
