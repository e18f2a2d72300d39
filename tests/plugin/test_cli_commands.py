"""The commands as people call them: in processes of their own, on a tiny project."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

TABLE = "[tool.paceline]\nbenchmark.max_time = 0.02\n"
SUITE = """
def test_sorting(benchmark):
    assert benchmark(sorted, [3, 1, 2]) == [1, 2, 3]
"""
WAITING = """
def test_waiting():
    import signal

    print("waiting", flush=True)
    signal.pause()
"""


@dataclass(slots=True)
class Project:
    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "paceline", *words]

    def paceline(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            cwd=self.root,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"} | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def started(self, *words: str) -> subprocess.Popen[str]:
        """Start a command that no terminal stands behind."""
        pipe = subprocess.PIPE
        command, root = self.command(*words), self.root
        # a runner in the background ignores SIGINT, and what it starts would inherit that
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                command, cwd=root, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
            )
        finally:
            signal.signal(signal.SIGINT, before)

    def status(self, *words: str) -> int:
        return self.paceline(*words).returncode


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "test_sorting.py").write_text(SUITE)
    return Project(tmp_path)


def test_a_new_project_goes_from_nothing_to_a_comparison(tmp_path: Path) -> None:
    project = Project(tmp_path, {"PACELINE_BENCHMARK_MAX_TIME": "0.02"})
    for words in ("init", "run performance", "baseline save main", "run performance"):
        assert project.status(*words.split()) == 0
    compared = project.paceline("compare", "main", "--threshold", "1000%")
    assert (compared.returncode, "test_encoding_orders" in compared.stdout) == (0, True)
    assert len(project.paceline("history").stdout.splitlines()) == 3
    assert "test_encoding_orders" in project.paceline("history", "orders").stdout
    report = project.paceline("report", "--format", "md")
    assert "| ok | `performance/test_performance.py::test_encoding_orders` |" in report.stdout


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("-q",), 0),
        (("-k", "nothing"), 5),
        (("--no-such-flag",), 4),
        (("test_sorting.py", "--collect-only"), 0),
        (("--", "-k", "nothing"), 5),
        (("--json", "out/report.json", "-x"), 0),
    ],
)
def test_run_passes_arguments_on_and_ends_as_pytest_does(
    project: Project, words: tuple[str, ...], status: int
) -> None:
    assert project.status("run", *words) == status
    assert (project.root / "out" / "report.json").exists() is ("--json" in words)


def test_run_ends_with_10_when_a_budget_is_broken(project: Project) -> None:
    budget = '[tool.paceline.budgets.all]\nmax_mean = "1 ns"\n'
    (project.root / "pyproject.toml").write_text(TABLE + budget)
    assert project.status("run") == 10
    assert project.status("report") == 10


def test_run_can_give_json_alone_on_standard_output(project: Project) -> None:
    done = project.paceline("run", "--json", "-")
    assert json.loads(done.stdout)["format"] == "paceline-report"
    assert "1 passed" in done.stderr


def test_run_works_from_elsewhere(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = Project(tmp_path_factory.mktemp("elsewhere"))
    assert elsewhere.status("run", "--project", str(project.root)) == 0
    assert "complete" in elsewhere.paceline("history", "--project", str(project.root)).stdout


def test_a_signal_to_run_alone_interrupts_pytest_and_keeps_what_was_measured(
    project: Project,
) -> None:
    (project.root / "test_sorting.py").write_text(SUITE + WAITING)
    with project.started("run", "-s") as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "waiting" in line)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert (process.returncode, "KeyboardInterrupt" in rest) == (2, True)
    assert "incomplete" in project.paceline("history").stdout


def test_a_reader_that_leaves_early_is_no_error(project: Project) -> None:
    with project.started("explain", "--list") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (141, "")


def test_a_poor_encoding_and_no_colour_suit_every_output(project: Project) -> None:
    project.environment |= {"PYTHONIOENCODING": "ascii"}
    assert project.status("run") == 0
    for words in (
        ("history", "sorting"),
        ("report",),
        ("compare", "latest"),
        ("explain", "--list"),
    ):
        done = project.paceline(*words)
        assert (done.returncode, done.stdout.isascii(), "\x1b" in done.stdout) == (0, True, False)
