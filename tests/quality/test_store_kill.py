from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "store_kill.py"


@pytest.mark.slow
def test_killed_writers_lose_nothing_that_was_acknowledged() -> None:
    command = [sys.executable, str(SCRIPT), "--kills", "10"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
