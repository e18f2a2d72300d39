from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "scoring"
SINGLE = ("performance", "-k", "single_item or yardstick", "-p", "no:cacheprovider")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    wanted = shutil.ignore_patterns("__pycache__", ".paceline", ".pytest_cache")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "scoring", ignore=wanted))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_examples_single_item_keeps_its_budgets(example: Path) -> None:
    done = run(example, *SINGLE)
    assert done.returncode == 0, done.stdout
    assert "0 budgets broken" in done.stdout


@pytest.mark.slow
def test_a_score_that_takes_twice_the_work_breaks_its_budget_by_name(example: Path) -> None:
    code = example / "scoring" / "score.py"
    text = code.read_text(encoding="utf-8")
    assert "\nROUNDS = 100\n" in text
    code.write_text(text.replace("\nROUNDS = 100\n", "\nROUNDS = 200\n"), encoding="utf-8")
    done = run(example, *SINGLE)
    assert done.returncode == 10, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("BUDGET")]
    assert "test_single_item" in line
    assert "pyproject.toml:" in line
