"""Run a suite serially and on forked workers, and keep what the reporters were told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 120  # seconds until a run counts as hanging
RECORDER = """
import json, pytest
ROWS = []

def pytest_runtest_logreport(report):
    ROWS.append([report.nodeid, report.when, report.outcome, report.sections, report.longreprtext])

@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        with open("rows.json", "w") as file:
            json.dump(ROWS, file)
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A run's exit status, its text, and the reports that the controller's hooks saw."""

    status: int
    text: str
    rows: tuple[tuple[str, str, str, Any, str], ...]

    @property
    def outcomes(self) -> list[tuple[str, str, str]]:
        return sorted(row[:3] for row in self.rows)

    @property
    def sections(self) -> list[Any]:
        return sorted(row[:4] for row in self.rows)

    def of(self, name: str, when: str = "call") -> list[str]:
        """Give the outcomes that were reported of a test's phase."""
        return [row[2] for row in self.rows if row[0].endswith(f"::{name}") and row[1] == when]

    def said(self, *parts: str) -> bool:
        return all(part in self.text for part in parts)


class Suite:
    """A suite in a folder of its own, run in a process of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.write({"recorder.py": RECORDER, "pytest.ini": "[pytest]\n"})

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.path / name).write_text(text)

    def run(self, *arguments: str, workers: str = "2") -> Seen:
        """Run the suite; "" workers is pytest without us."""
        rows = self.path / "rows.json"
        rows.unlink(missing_ok=True)
        asked = (f"--paceline-workers={workers}",) if workers else ()
        plain = [f"-pno:{name}" for name in ("xdist", "hypothesispytest")]
        done = self.pytester.runpytest_subprocess(
            *("-p", "recorder", *plain, *asked, *arguments), timeout=PATIENCE
        )
        found = json.loads(rows.read_text()) if rows.exists() else ()
        text = "\n".join((*done.outlines, *done.errlines))
        return Seen(int(done.ret), text, tuple(tuple(row) for row in found))

    def both(self, files: Mapping[str, str], *arguments: str) -> tuple[Seen, Seen]:
        """Run a suite serially, then on two workers."""
        self.write(files)
        return self.run(*arguments, workers=""), self.run(*arguments)


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    return Suite(pytester)
