"""Instruction counts repeat over processes, and one percent more work is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from paceline.probes.valgrind import valgrind

ROOT = Path(__file__).parents[2]
COMMAND = [
    sys.executable,
    str(ROOT / "benchmarks" / "instructions.py"),
    *("--processes", "2", "--bodies", "calls", "dict", "regex"),
]


@pytest.mark.slow
@pytest.mark.skipif(not valgrind(), reason="valgrind counts the instructions")
def test_counts_repeat_within_a_thousandth_and_one_percent_is_found() -> None:
    done = subprocess.run(COMMAND, text=True, capture_output=True, check=False)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "claims: within" in done.stdout
