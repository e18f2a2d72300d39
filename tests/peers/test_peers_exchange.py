"""Files that other tools write here and now come in; what goes out is read by its own tool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from paceline.cli import main
from paceline.model import Case, StoredSummary
from paceline.store.exchange.kinds import Kind
from paceline.store.exchange.reading import read_file

if TYPE_CHECKING:
    from pathlib import Path

results = pytest.importorskip("asv.results", reason="not installed here: make test-peers")
pytest.importorskip("pytest_benchmark", reason="not installed here: make test-peers")
SUITE = """
import pytest

@pytest.mark.parametrize("n", [1, 2])
def test_sum(benchmark, n):
    benchmark.pedantic(sum, args=(range(n),), rounds=5, iterations=3)
"""
SAMPLES = [[0.25, 0.5, 0.375], [1.0, 1.5, 1.25], None, None]
PARAMETERS = [["10", "20"], ["'a'", "'b'"]]


@pytest.fixture
def asv_results(tmp_path: Path) -> Path:
    """Let asv write two benchmarks, one with samples; a combination failed, another was skipped."""
    where = {"machine": "box", "cpu": "Example 9000", "num_cpu": "2", "os": "Linux", "arch": "x"}
    found = results.Results(where, {}, "c0ffee" * 6, 1_700_000_000_000, "3.11", "py3.11", {})
    for name, record in (("bench.time_it", True), ("bench.time_brief", False)):
        about = {"name": name, "version": "1", "params": PARAMETERS}
        result = SimpleNamespace(
            result=[0.0, 0.0, None, float("nan")],
            samples=SAMPLES,
            number=[7, 7, None, None],
            stderr="",
            errcode=0,
            profile=None,
        )
        found.add_result(about, result, record_samples=record)
    folder = tmp_path / "results"
    found.save(str(folder))
    return folder


def test_what_asv_writes_comes_in(asv_results: Path) -> None:
    (file,) = (asv_results / "box").iterdir()
    kind, (document,) = read_file(file)
    assert (kind, document.run.commit) == (Kind.ASV, "c0ffee" * 6)
    by_case = {one.case.id: one for one in document.measurements}
    full = by_case[Case("bench.time_it(10, 'b')").id]
    assert (full.values, full.iterations) == ((1.0, 1.5, 1.25), 7)
    brief = by_case[Case("bench.time_brief(10, 'b')").id]
    assert (brief.values, brief.summary) == ((), StoredSummary(3, median=1.25))
    unsure = [one.case.id for one in document.measurements if one.unsure]
    assert len(unsure) == 4


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=os.environ | {"PYTEST_ADDOPTS": "-p no:randomly -p no:paceline"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def imported(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["import", "--json", *words]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["runs"]
    return found


def test_a_folder_of_saved_runs_comes_in_and_goes_out_to_its_own_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_sum.py").write_text(SUITE)
    (tmp_path / "pyproject.toml").write_text("[tool.paceline]\n")
    for flags in (("--benchmark-save=brief",), ("--benchmark-save=full", "--benchmark-save-data")):
        run(tmp_path, "pytest", "-q", *flags)
    monkeypatch.chdir(tmp_path)
    found = imported(capsys, ".benchmarks")
    assert [(one["state"], one["measurements"]) for one in found] == [("added", 2)] * 2
    saved = next((tmp_path / ".benchmarks").glob("*/*_full.json"))
    back = saved.with_name("0003_back.json")
    full = found[1]["run"]
    assert main(["export", full, "--format", "pytest-benchmark", "--output", str(back)]) == 0
    said = run(tmp_path, "pytest_benchmark", "compare", "0002", "0003")
    assert "test_sum[1] (0002_full)" in said
    assert "test_sum[1] (0003_back)" in said
    for ours, theirs in zip(stats(back), stats(saved), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9)


def stats(file: Path) -> list[dict[str, float]]:
    """Give the statistics that are numbers; sums of squares depend on the order of their terms."""
    found = json.loads(file.read_text())["benchmarks"]
    return [
        {name: one for name, one in entry["stats"].items() if isinstance(one, int | float)}
        for entry in found
    ]
