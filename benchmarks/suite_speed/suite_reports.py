"""A plugin for pytest that writes down every report of the controlling process.

It goes with ``-p suite_reports``, this folder on PYTHONPATH, and ``SUITE_REPORTS`` naming a file.
Each line is a JSON list: node id, phase, outcome.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class _Written:
    """Writes reports to a file, in the process that it was made in and in no other."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("w", encoding="utf-8")
        self._process = os.getpid()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write a module that failed or was skipped."""
        if not report.passed:
            self._write(report.nodeid, "collect", report.outcome)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a phase of a test; one that was expected to fail says so."""
        expected = "x" if hasattr(report, "wasxfail") else ""
        self._write(report.nodeid, str(report.when), expected + report.outcome)

    def pytest_unconfigure(self) -> None:
        """End the file."""
        if os.getpid() == self._process:
            self._stream.close()

    def _write(self, *what: str) -> None:
        if os.getpid() == self._process:
            self._stream.write(f"{json.dumps(what)}\n")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to write, unless this is a worker."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Written(Path(os.environ["SUITE_REPORTS"])))
