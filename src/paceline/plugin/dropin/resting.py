"""Resting: says once that benchmarks are not timed, as tests run beside them under pytest-xdist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.plugin.selecting import has_benchmark

if TYPE_CHECKING:
    import pytest

    from paceline.plugin.dropin.logger import Logger

__all__ = ["Resting"]

_SAID = (
    "Benchmarks are automatically disabled because xdist plugin is active. "
    "Benchmarks cannot be performed reliably in a parallelized environment."
)
"""The text by which users filter this warning."""


class Resting:
    """Hooks of the one worker that speaks for all of them."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._found = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Look whether there is any benchmark at all."""
        self._found = any(map(has_benchmark, session.items))

    def pytest_unconfigure(self) -> None:
        """Warn when nothing captures any more."""
        if self._found:
            self._logger.warning(_SAID)
