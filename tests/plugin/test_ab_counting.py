from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed"),
]

SUITE = """
from work import burn

def test_work(benchmark):
    benchmark(burn)

def test_same(benchmark):
    benchmark(sorted, list(range(100)))
"""
WORK = """
def helper(units):
    return sum(i * i for i in range(units))

def burn():
    return helper({units})
"""


def test_counts_tell_one_per_cent_and_name_what_changed(tmp_path: Path) -> None:
    for name, units in (("old", 1000), ("new", 1010)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_suite.py").write_text(SUITE)
        (tmp_path / name / "work.py").write_text(WORK.replace("{units}", str(units)))
        (tmp_path / name / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    words = [sys.executable, "-m", "paceline", "ab", "./old", "./new", "--pairs", "2", "--json"]
    done = subprocess.run(
        [*words, "--explain", "graphs"],
        cwd=tmp_path,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    cases = {one["case"].partition("::")[2]: one for one in json.loads(done.stdout)["cases"]}
    assert cases["test_work"]["counted"]["ratio"] == pytest.approx(1.01, abs=0.002)
    assert cases["test_same"]["counted"]["ratio"] == pytest.approx(1, abs=0.002)
    assert cases["test_work"]["functions"]
    assert "caches" in cases["test_work"]["counted"]["blind_to"]
    assert (tmp_path / "graphs" / "test_work.svg").is_file()
