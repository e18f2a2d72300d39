"""Run public projects' benchmark suites under pytest-benchmark and under us, unchanged, in turns.

    python benchmarks/drop_in_projects.py [--folder .paceline/drop-in] [--runs 5] [--only cattrs]

A suite comes with the project's source distribution, at the release that the requirement file pins.
Two environments differ in one thing: which of the two plugins is installed. Both must pass the same
node ids. Then the ratio of medians and that of minima, ours over theirs, are geometric means over
benchmarks; their 95 % intervals are Student's over the runs, which took turns. Minima hold where
the machine is busy. Ours leaves the loop's own cost out, so code of less than a microsecond is
shown apart. Nothing of the projects is part of this repository.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import t

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements" / "drop-in-projects.txt"
BUILD = ROOT / "requirements" / "build.txt"
SIDES = ("theirs", "ours")
SHORT = 1e-6  # seconds; below it the loop's cost is a large part of what the other plugin shows
LEVEL = 0.95
LIMIT = 600.0  # seconds for a suite
OPTIONS = (
    *("-p", "no:cacheprovider", "-q", "--benchmark-enable", "--benchmark-only"),
    "--benchmark-max-time=0.1",
)


@dataclass(frozen=True, slots=True)
class Project:
    """A project: where its benchmarks stand, and what pytest needs on top of its own settings."""

    name: str
    benchmarks: str
    arguments: tuple[str, ...] = ()


PROJECTS = (
    Project("cattrs", "bench"),
    # its settings and conftest are older than the pytest that both sides run
    Project(
        "fields",
        "tests/test_perf.py",
        ("-c", "/dev/null", "--rootdir=.", "--noconftest"),
    ),
    Project("lazy-object-proxy", "tests/test_perf.py"),
    Project("python-statemachine", "tests/test_profiling.py"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a suite: what each node id came to, and each benchmark's figures in seconds."""

    outcomes: dict[str, str]
    median: dict[str, float]
    min: dict[str, float]


def main() -> None:
    """Fetch, run in turns, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".paceline" / "drop-in")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    pythons = {side: environment(folder, side) for side in SIDES}
    print("ours over theirs, with 95 % intervals; then what takes less than 1 us")
    print(f"{'project':21}{'tests':>6} {'medians':27}{'minima':27}{'medians':27}minima")
    agreed = True
    for project in PROJECTS:
        if asked.only in project.name:
            source = fetched(project, folder, pythons["theirs"])
            agreed &= compare(project, source, pythons, asked.runs)
    sys.exit(0 if agreed else 1)


def environment(folder: Path, side: str) -> Path:
    """Make a side's environment once; gives its Python."""
    home = folder / side
    python, ready = home / "bin" / "python", home / ".ready"
    if ready.exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    pip = (str(python), "-m", "pip", "--disable-pip-version-check")
    for file in (BUILD, REQUIREMENTS):
        subprocess.run((*pip, "install", "-qq", "--require-hashes", "-r", str(file)), check=True)
    if side == "ours":
        subprocess.run((*pip, "uninstall", "-qq", "--yes", "pytest-benchmark"), check=True)
        ours = ("--editable", str(ROOT), "--editable", str(ROOT / "compat"))
        options = ("-qq", "--no-deps", "--no-build-isolation")
        subprocess.run((*pip, "install", *options, *ours), check=True)
    ready.touch()
    return python


def fetched(project: Project, folder: Path, python: Path) -> Path:
    """Unpack the project's source distribution, at the release that is pinned."""
    home = folder / "sources" / project.name
    if not home.exists():
        pinned = re.search(
            rf"^{project.name}==(\S+)", REQUIREMENTS.read_text("utf-8"), re.MULTILINE
        )
        assert pinned is not None, project.name
        wanted = f"{project.name}=={pinned[1]}"
        pip = (str(python), "-m", "pip", "download", "--quiet", "--no-deps")
        packed = folder / "packed" / project.name
        options = ("--no-binary", project.name, "--dest", str(packed), wanted)
        subprocess.run((*pip, *options), check=True)
        (archive,) = packed.glob("*.tar.gz")
        with tarfile.open(archive) as held:
            held.extractall(home, filter="data")
    (inner,) = (one for one in home.iterdir() if one.is_dir())
    return inner


def compare(project: Project, source: Path, pythons: dict[str, Path], runs: int) -> bool:
    """Run a suite under both plugins in turns; tell whether they pass the same tests."""
    found: dict[str, list[Run]] = {side: [] for side in SIDES}
    for number in range(runs):
        for side in SIDES if number % 2 else SIDES[::-1]:
            found[side].append(run(project, source, pythons[side], side))
    theirs, ours = found["theirs"][0].outcomes, found["ours"][0].outcomes
    agreed = theirs == ours and "passed" in theirs.values()
    passed = sum(outcome == "passed" for outcome in ours.values())
    names = [name for name in found["ours"][0].median if name in found["theirs"][0].median]
    short = [name for name in names if is_short(found, name)]
    ratios = [
        ratio(found, of, figure)
        for of in ([name for name in names if name not in short], short)
        for figure in ("median", "min")
    ]
    print(f"{project.name:21}{passed:6} {''.join(f'{one:27}' for one in ratios)}".rstrip())
    for name in sorted({*theirs, *ours}):
        if theirs.get(name) != ours.get(name):
            print(f"  {name}: {theirs.get(name)} there, {ours.get(name)} here")
    return agreed


def run(project: Project, source: Path, python: Path, side: str) -> Run:
    """Run a suite once, and read node ids, outcomes and medians."""
    figures, record = (source.parent / f"{side}.{kind}" for kind in ("json", "txt"))
    for old in (figures, record):
        old.unlink(missing_ok=True)
    command = (
        *(str(python), "-m", "pytest", project.benchmarks, *project.arguments, *OPTIONS, "-vv"),
        f"--benchmark-json={figures}",
    )
    done = subprocess.run(
        command, cwd=source, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    if not figures.exists():
        sys.exit(f"{project.name} under {side} did not run:\n{done.stdout}\n{done.stderr}")
    lines = re.finditer(r"^(\S.*?::.*?) (PASSED|FAILED|SKIPPED|ERROR)\b", done.stdout, re.MULTILINE)
    outcomes = {line[1]: line[2].lower() for line in lines}
    entries = json.loads(figures.read_text("utf-8"))["benchmarks"]
    median, least = (
        {one["fullname"]: float(one["stats"][figure]) for one in entries}
        for figure in ("median", "min")
    )
    return Run(outcomes, median, least)


def is_short(found: dict[str, list[Run]], name: str) -> bool:
    """Tell whether a benchmark's code takes less than a microsecond by both plugins' figures."""
    return min(one.median[name] for side in SIDES for one in found[side]) < SHORT


def ratio(found: dict[str, list[Run]], names: list[str], figure: str) -> str:
    """Give the geometric mean ratio over benchmarks, with Student's interval over pairs of runs."""
    if not names:
        return "none"
    logs = [
        statistics.mean(
            math.log(getattr(ours, figure)[name] / getattr(theirs, figure)[name]) for name in names
        )
        for ours, theirs in zip(found["ours"], found["theirs"], strict=True)
    ]
    centre = statistics.mean(logs)
    said = f"{math.exp(centre):.3f}"
    if len(logs) > 1:
        error = statistics.stdev(logs) / math.sqrt(len(logs))
        half = float(t.ppf(0.5 + LEVEL / 2, len(logs) - 1)) * error
        said += f" [{math.exp(centre - half):.3f}, {math.exp(centre + half):.3f}]"
    return f"{said} ({len(names)})"


if __name__ == "__main__":
    main()
