"""Record separate runs of the same code, for the gate on stored runs to be replayed on.

python benchmarks/run_pairs.py recording.json --runs 20 --pause 30

Each run is a `pytest --paceline` process of its own over a folder of benchmarks. A recording is
appended to and written after every run, so it can be stopped and taken up again over days. It holds
the median and the least round for each benchmark and run, in seconds, and the medians of up to 64
batches of consecutive rounds, each as ten-thousandths above or below that median.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA = "paceline-runs"
BATCHES = 64
FINE = 10_000
SUITE = Path(__file__).parent / "gate_suite"


def batches(values: Sequence[float]) -> list[float]:
    """Give the medians of up to 64 batches of consecutive rounds."""
    count = min(BATCHES, len(values))
    ends = [round(place * len(values) / count) for place in range(count + 1)]
    return [median(values[a:b]) for a, b in itertools.pairwise(ends)]


def measured(suite: Path, *, seconds: float) -> dict[str, tuple[float, ...]]:
    """Run a copy of the suite once and give the rounds of each benchmark, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "suite"
        left_out = shutil.ignore_patterns("__pycache__", ".paceline", ".pytest_cache")
        shutil.copytree(suite, copy, ignore=left_out)
        command = [sys.executable, "-m", "pytest", "-q", "--paceline", "-p", "no:cacheprovider"]
        ended = subprocess.run(
            [*command, f"--benchmark-max-time={seconds}"],
            cwd=copy,
            env={**os.environ, "PACELINE_STORE_PATH": str(copy / "runs.sqlite")},
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            sys.exit(f"the suite failed:\n{ended.stdout}{ended.stderr}")
        store = Store(copy / "runs.sqlite", clock=time.time)
        (run,) = store.runs()
        found = store.measurements(run.id, metric="wall_time")
    return {one.case.name: one.values for one in found}


def opened(file: Path) -> dict[str, Any]:
    """Read a recording to append to, or begin one."""
    if not file.exists():
        return {"schema": SCHEMA, "version": 1, "fine": FINE, "cases": [], "runs": []}
    recording: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if (recording.get("schema"), recording.get("version")) != (SCHEMA, 1):
        sys.exit(f"{file} is no recording of runs")
    return recording


def taken(recording: dict[str, Any], found: dict[str, tuple[float, ...]], now: float) -> None:
    """Append one run; the cases of a recording are those of its first run."""
    recording["cases"] = recording["cases"] or sorted(found)
    middles = [median(found[case]) for case in recording["cases"]]
    rounds = [batches(found[case]) for case in recording["cases"]]
    recording.setdefault("began", int(now))
    recording["runs"].append(
        {
            "after": int(now) - recording["began"],
            "medians": [float(f"{middle:.5g}") for middle in middles],
            "least": [float(f"{min(found[case]):.5g}") for case in recording["cases"]],
            "batches": [
                [round(FINE * (one / middle - 1)) for one in own]
                for own, middle in zip(rounds, middles, strict=True)
            ],
        }
    )


def write(file: Path, recording: dict[str, Any]) -> None:
    """Write a recording whole, a line for each run, so that a stop can't tear it."""
    head = {key: value for key, value in recording.items() if key != "runs"}
    lines = ",\n".join(json.dumps(run, separators=(",", ":")) for run in recording["runs"])
    fresh = file.with_suffix(".new")
    fresh.write_text(f'{json.dumps(head)[:-1]}, "runs": [\n{lines}\n]}}\n', encoding="utf-8")
    fresh.replace(file)


def main() -> None:
    """Record, or say what a recording holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="the recording, appended to")
    parser.add_argument("--runs", type=int, default=20, help="how many more runs")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two runs")
    parser.add_argument("--seconds", type=float, default=0.1, help="for each benchmark")
    parser.add_argument("--suite", type=Path, default=SUITE, help="a folder of benchmarks")
    asked = parser.parse_args()
    recording = opened(asked.file)
    for number in range(asked.runs):
        if number:
            time.sleep(asked.pause)
        now = time.time()
        taken(recording, measured(asked.suite, seconds=asked.seconds), now)
        write(asked.file, recording)
    size = asked.file.stat().st_size if asked.file.exists() else 0
    print(f"{len(recording['runs'])} runs of {len(recording['cases'])} cases, {size:,} bytes")


if __name__ == "__main__":
    main()
