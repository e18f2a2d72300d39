"""Run pytest-benchmark's own behavioural tests against us, and say what fails and why.

    python benchmarks/peer_suite.py [--folder .paceline/peer-suite] [--least 0.95]

The tests come with that plugin's source package, whose hash is pinned, and are run from a folder
outside of this repository's files, in the environment that runs this script: ours, its stand-in by
name, and not that plugin. Each failure needs a reason in ``peer_suite_reasons.toml``; one without,
or a share below ``--least``, ends with 1.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "requirements" / "peer-source.txt"
REASONS = Path(__file__).with_name("peer_suite_reasons.toml")
FILES = (
    *("test_benchmark", "test_cli", "test_pedantic", "test_calibration", "test_normal"),
    *("test_sample", "test_skip", "test_precision", "test_fixture", "test_with_testcase"),
    *("test_with_weaver", "test_stats"),
)
DATA = ("test_storage",)
STARTING = ("test_benchmark", "test_cli")
"""Files whose tests start runs of their own, and so can share workers of pytest-xdist."""

LIMIT = 900.0  # seconds for a file
CONFIGURATION = "[pytest]\naddopts = --strict-markers --doctest-modules -p pytester\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test of that suite: ``file::name``, and whether it did what its author wanted."""

    name: str
    passed: bool
    message: str


def main() -> None:
    """Fetch, run, say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".paceline" / "peer-suite")
    parser.add_argument("--least", type=float, default=0.95)
    parser.add_argument("--workers", default="2")
    asked = parser.parse_args()
    if any(one.name == "pytest-benchmark" for one in importlib.metadata.distributions()):
        sys.exit("pytest-benchmark is installed here: its tests would be run against itself")
    tests = prepare(asked.folder.resolve())
    found = [one for name in FILES for one in run(tests, name, asked.workers)]
    sys.exit(say(found, tomllib.loads(REASONS.read_text("utf-8")), asked.least))


def prepare(folder: Path) -> Path:
    """Fetch the source package once, and lay its behavioural tests out anew."""
    folder.mkdir(parents=True, exist_ok=True)
    package = next(folder.glob("*.tar.gz"), None) or fetched(folder)
    sources, tests = folder / "source", folder / "tests"
    for old in (sources, tests):
        shutil.rmtree(old, ignore_errors=True)
    with tarfile.open(package) as archive:
        archive.extractall(sources, filter="data")
    (theirs,) = sources.glob("*/tests")
    tests.mkdir()
    for name in FILES:
        shutil.copy(theirs / f"{name}.py", tests)
    for name in DATA:
        shutil.copytree(theirs / name, tests / name)
    (tests / "pytest.ini").write_text(CONFIGURATION, "utf-8")
    return tests


def fetched(folder: Path) -> Path:
    """Download the package that the requirement file pins by its hash."""
    options = ("--no-deps", "--no-binary=:all:", "--require-hashes", "--quiet")
    command = (sys.executable, "-m", "pip", "download", *options, "-r", str(SOURCE))
    subprocess.run(command, cwd=folder, check=True)
    return next(folder.glob("*.tar.gz"))


def run(tests: Path, name: str, workers: str) -> list[Outcome]:
    """Run one file, and read its outcomes from the JUnit report."""
    report = tests / f"{name}.xml"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = (
        *(sys.executable, "-m", "pytest", f"{name}.py", "-q", "-p", "no:cacheprovider"),
        *(("-n", workers) if name in STARTING else ()),
        f"--junitxml={report}",
    )
    done = subprocess.run(
        command,
        cwd=tests,
        env={**os.environ, "PATH": path, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if not report.exists():
        sys.exit(f"{name} did not run:\n{done.stdout}\n{done.stderr}")
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314  (our own pytest wrote it)
    return [outcome(f"{name}.py", case) for case in cases]


def outcome(file: str, case: ET.Element) -> Outcome:
    """Read one test; a skip is what its author wanted."""
    broken = case.find("failure") if case.find("failure") is not None else case.find("error")
    message = "" if broken is None else broken.get("message", "").split("\n")[0]
    return Outcome(f"{file}::{case.get('name')}", broken is None, message)


def say(found: list[Outcome], reasons: dict[str, str], least: float) -> int:
    """Print passed and failed by file, the share, and each failure with its reason."""
    for file in dict.fromkeys(one.name.partition("::")[0] for one in found):
        of_file = [one for one in found if one.name.startswith(f"{file}::")]
        passed = sum(one.passed for one in of_file)
        print(f"{file:24} {passed:4} passed {len(of_file) - passed:4} failed")
    failed = [one for one in found if not one.passed]
    share = 1 - len(failed) / len(found)
    print(f"{'all':24} {len(found) - len(failed):4} passed {len(failed):4} failed  {share:.1%}")
    for one in failed:
        print(f"\n{one.name}\n  {reasons.get(one.name) or 'NO REASON: ' + one.message}")
    for name in sorted({*reasons} - {one.name for one in failed}):
        print(f"\n{name}\n  passes now: take its reason out")
    unexplained = [one for one in failed if one.name not in reasons]
    if unexplained or share < least:
        print(
            f"\n{len(unexplained)} failures without a reason; wanted {least:.0%}, got {share:.1%}"
        )
        return 1
    return 0


if __name__ == "__main__":
    main()
