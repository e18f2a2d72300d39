"""What an idle Paceline adds to each test, in instructions.

    make cost                          (or: python benchmarks/idle_cost.py)

Wall time can't show it: the same command twice differs by more. Instructions can: pytest runs 200
and 1 200 trivial tests under valgrind, with Paceline installed and idle and with
``-p no:paceline``; the slope between the two sizes is the cost of one test, start and end of the
session taken out. Valgrind's cachegrind counts the same instructions as callgrind, caches
unsimulated, in a third of the time. Hash seed and environment are fixed. Exits 1 where the slopes
differ by more than 1 %.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SIZES = (200, 1200)
BOUND = 0.01
WITHOUT = ("-p", "no:paceline")
SUITE = """
import pytest

@pytest.mark.parametrize("number", range({size}))
def test_nothing(number):
    pass
"""
VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")


def instructions(folder: Path, *arguments: str) -> int:
    """Count the instructions of one pytest run."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment["PYTHONHASHSEED"] = "0"
    for command in (pytest, [*VALGRIND, *pytest]):  # the first compiles what it imports
        done = subprocess.run(
            command, cwd=folder, env=environment, text=True, capture_output=True, check=True
        )
    found = COUNTED.search(done.stderr)
    if found is None:
        sys.exit(f"valgrind said no count:\n{done.stderr}")
    return int(found[1].replace(",", ""))


def slope(arguments: tuple[str, ...]) -> float:
    """Give the instructions of one more test."""
    counts = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            suite = Path(name) / "test_nothing.py"
            suite.write_text(SUITE.format(size=size), encoding="utf-8")
            counts.append(instructions(Path(name), *arguments))
    return (counts[1] - counts[0]) / (SIZES[1] - SIZES[0])


def main() -> int:
    """Print both slopes and their difference."""
    if not shutil.which("valgrind"):
        print("valgrind is not installed: nothing counted")
        return 0
    without, idle = slope(WITHOUT), slope(())
    share = idle / without - 1
    verdict = "within" if abs(share) <= BOUND else "MISSED"
    print("instructions per test, from 200 to 1 200 trivial tests")
    print(f"  without paceline  {without:12,.0f}")
    print(f"  paceline idle     {idle:12,.0f}  {share:+.2%}, claim ±{BOUND:.0%}: {verdict}")
    return 0 if verdict == "within" else 1


if __name__ == "__main__":
    sys.exit(main())
