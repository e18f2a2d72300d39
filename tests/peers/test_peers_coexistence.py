"""Run where pytest-benchmark and pytest-codspeed are installed: ``make test-peers``."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from pathlib import Path

import pytest

import paceline

for name in ("pytest_benchmark", "pytest_codspeed"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed here: make test-peers", allow_module_level=True)

ONE = "def test_it(benchmark):\n    assert benchmark(int, '7') == 7\n"
QUICK = ("-p", "no:cacheprovider", "--benchmark-max-time=0.02")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(ONE)
    return pytester.runpytest_subprocess(*QUICK, *arguments)


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_pytest_starts_and_the_peer_keeps_its_fixture(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    result = run(pytester, "-p", "no:codspeed", *workers)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["paceline: pytest-benchmark is installed*-p no:benchmark*"])
    result.stdout.no_fnmatch_line("*this process only*")


def test_no_benchmark_is_honoured(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-p", "no:benchmark", "-p", "no:codspeed")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*this process only*"])


def test_codspeed_alone_keeps_its_fixture_too(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """See the installed packages less pytest-benchmark, through a folder of links."""
    packages = Path(sysconfig.get_path("purelib"))
    for entry in packages.iterdir():
        if not entry.name.startswith(("pytest_benchmark", "pytest-benchmark")):
            (tmp_path / entry.name).symlink_to(entry)
    source = Path(paceline.__file__).parents[1]
    pytester.makepyfile(ONE)
    result = pytester.run(
        *("env", f"PYTHONPATH={tmp_path}{os.pathsep}{source}", sys.executable, "-S"),
        *("-m", "pytest", "-p", "no:cacheprovider"),
    )
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["paceline: pytest-codspeed is installed*-p no:codspeed*"])


def test_no_paceline_leaves_the_peer_alone(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-p", "no:paceline", "-p", "no:codspeed")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*paceline:*")
