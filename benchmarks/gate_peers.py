"""The peers' gates, each by its own tool's code: pytest-benchmark's, asv's and pyperf's.

Both sides run in full, one after the other in random order, as two jobs of a pipeline would.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from gate_records import named

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["by_pyperf", "by_pytest_benchmark", "run_quietly"]

GATES = ("mean:10%", "mean:5%", "median:10%", "median:5%", "min:10%", "min:5%")
ASV_FACTORS = (1.1, 1.05)  # asv's own, and one that could see +5 %
MOST_ROUNDS = 2000  # that asv's rank test is given: it is no faster than the square of them


def run_quietly(command: Sequence[str], folder: Path, **environment: str) -> str:
    """Run a command in a folder to its end and give its output.

    Raises:
        RuntimeError: it could not do its work.
    """
    surroundings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    ended = subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )
    if ended.returncode not in {0, 11, 12}:
        raise RuntimeError(f"{command} ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return ended.stdout


def by_pytest_benchmark(sides: Sequence[Path], source: random.Random) -> dict[str, dict[str, str]]:
    """Run both sides with pytest-benchmark's defaults; judge by its gates and by asv's rule."""
    found: dict[Path, dict[str, Any]] = {}
    for side in source.sample(sides, len(sides)):
        file = side / "peer.json"
        flags = ["-p", "no:paceline", "-p", "no:codspeed", "-p", "no:cacheprovider", "-q"]
        command = [sys.executable, "-m", "pytest", *flags, f"--benchmark-json={file}"]
        run_quietly([*command, "--benchmark-save-data"], side)
        document = json.loads(file.read_text(encoding="utf-8"))
        found[side] = {named(one["fullname"]): one["stats"] for one in document["benchmarks"]}
    base, head = (found[side] for side in sides)
    return {**_gates(base, head), **_asv(base, head)}


def by_pyperf(sides: Sequence[Path], source: random.Random) -> dict[str, dict[str, str]]:
    """Run both sides with ``pyperf --fast`` and judge by pyperf's test of significance."""
    import pyperf  # noqa: PLC0415  (only where peers are asked for)
    from pyperf._compare import is_significant_benchs  # noqa: PLC0415  (its rule itself)

    found = {}
    for side in source.sample(sides, len(sides)):
        file = side / "pyperf.json"
        file.unlink(missing_ok=True)
        command = [sys.executable, "pyperf_work.py", "--fast", "-q", "-o", str(file)]
        run_quietly([*command, "--inherit-environ=PYTHONPATH"], side, PYTHONPATH=str(side))
        found[side] = {one.get_name(): one for one in pyperf.BenchmarkSuite.load(str(file))}
    base, head = (found[side] for side in sides)
    said = {}
    for name, one in head.items():
        significant, _ = is_significant_benchs(base[name], one)
        slower = one.mean() > base[name].mean()
        said[name] = "same" if not significant else "regressed" if slower else "improved"
    return {"pyperf --fast, significant": said}


def _gates(base: dict[str, Any], head: dict[str, Any]) -> dict[str, dict[str, str]]:
    from pytest_benchmark.utils import parse_compare_fail  # noqa: PLC0415  (as above)

    said = {}
    for gate in GATES:
        check = parse_compare_fail(gate)
        field = check.field
        said[f"pytest-benchmark {gate}"] = {
            name: "regressed" if check.fails(one, base[name]) else "same"
            for name, one in head.items()
            if field in one
        }
    return said


def _asv(base: dict[str, Any], head: dict[str, Any]) -> dict[str, dict[str, str]]:
    from asv.commands.compare import _is_result_better  # noqa: PLC0415  (as above)
    from asv_runner.statistics import compute_stats  # noqa: PLC0415  (as above)

    def of(side: dict[str, Any]) -> dict[str, Any]:
        rounds = {name: _thinned(one["data"]) for name, one in side.items()}
        return {name: (values, *compute_stats(values, 1)) for name, values in rounds.items()}

    before, after = of(base), of(head)
    said: dict[str, dict[str, str]] = {}
    for factor in ASV_FACTORS:
        row = said[f"asv, factor {factor:g}"] = {}
        for name, (values, figure, stats) in after.items():
            old_values, old, old_stats = before[name]
            sides = ((old_stats, old_values), (stats, values))
            worse = _is_result_better(old, figure, *sides, factor)
            better = _is_result_better(figure, old, *reversed(sides), factor)
            row[name] = "regressed" if worse else "improved" if better else "same"
    return said


def _thinned(rounds: Sequence[float]) -> list[float]:
    """Keep evenly spaced rounds, all of them when they are few."""
    step = max(len(rounds) // MOST_ROUNDS, 1)
    return list(rounds[::step])
