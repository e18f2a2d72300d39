"""Logger: notices of saved runs and comparisons, where users of pytest-benchmark look for them."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Logger", "PytestBenchmarkWarning"]

_WIDTH = 79


class PytestBenchmarkWarning(pytest.PytestWarning):
    """Something about a benchmark, a saved run or a comparison that its author should know."""


class Logger:
    """Writes to the standard error that stood when it was made, so before anything is captured."""

    QUIET, NORMAL, VERBOSE = range(3)

    def __init__(self, level: int = NORMAL, config: pytest.Config | None = None) -> None:
        self.level = level
        self._stream = sys.stderr
        self._manager: Any = config and config.pluginmanager.get_plugin("capturemanager")

    def warning(
        self, text: str, warner: Callable[[Warning], object] | None = None, **_: object
    ) -> None:
        """Warn as Python does; with more detail asked for, write it as well."""
        if self.level >= self.VERBOSE:
            rule = "-" * _WIDTH
            self._write(f"\n{rule}\n WARNING: {text}\n{rule}")
        if warner is None:
            warnings.warn(PytestBenchmarkWarning(text), stacklevel=2)
        else:
            warner(PytestBenchmarkWarning(text))

    def error(self, text: str) -> None:
        """Write what is wrong, whatever detail was asked for."""
        rule = "-" * _WIDTH
        self._write(f"\n{rule}\n{text}\n{rule}")

    def info(self, text: str, **_: object) -> None:
        """Write what was done, unless quiet was asked for; dots may stand on the line before."""
        if self.level >= self.NORMAL:
            self._write(f"\n{text}")

    def debug(self, text: str, **_: object) -> None:
        """Write what only those want to know who asked for more detail."""
        if self.level >= self.VERBOSE:
            self._write(text)

    def _write(self, text: str) -> None:
        if self._manager:
            with self._manager.global_and_fixture_disabled():
                print(text, file=self._stream, flush=True)
        else:
            print(text, file=self._stream, flush=True)
