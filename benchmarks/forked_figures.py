"""Whether a benchmark says in a forked worker what it says in one process, and beside xdist.

    make forked-figures     (or: python benchmarks/forked_figures.py [--rounds 12])

Each round runs the same small suite in one process, on two forked workers and on two processes of
pytest-xdist, which has to be installed, in random order. Printed is the median of each benchmark
over that of one process in the same round, with its 95 % interval. Rounds in which others took
more than 5 % of the machine are discarded and counted. Exits 1 where a body on forked workers is
further than 5 % from one process with its whole interval.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from rounds import FOREIGN, Share, Watch, over_blocks

SUITE = """
import copy, hashlib, json, logging, re

ROWS = [{number: [number, str(number)]} for number in range(100)]
TEXT = json.dumps(ROWS, default=str)

def test_other(): pass
def test_deepcopy(benchmark): benchmark(copy.deepcopy, ROWS)
def test_identity(benchmark): benchmark(lambda: [id(one) for one in ROWS])
def test_logging(benchmark): benchmark(logging.getLogger("here").warning, "one of %d", 2)
def test_json(benchmark): benchmark(json.loads, TEXT)
def test_pattern(benchmark): benchmark(re.compile(r"(\\d+)").sub, "x", TEXT)
def test_hash(benchmark): benchmark(hashlib.sha256, TEXT.encode() * 10)
"""
WAYS = {
    "one process": ("-p", "no:xdist"),
    "forked": ("-p", "no:xdist", "--paceline-workers=2"),
    "xdist": ("-n", "2"),
}
FAR = 0.05


def medians(folder: Path, way: tuple[str, ...]) -> dict[str, float]:
    """Run the suite one way; give each benchmark's median in seconds."""
    report = folder / "report.json"
    quick = ("-q", "-p", "no:cacheprovider", "--benchmark-max-time=0.2", "--benchmark-serial")
    command = [sys.executable, "-m", "pytest", *quick, f"--paceline-write={report}", *way]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return {
        one["case"]["node_id"].partition("::")[2]: one["summary"]["median"]
        for one in json.loads(report.read_text(encoding="utf-8"))["measurements"]
        if one["metric"]["name"] == "wall_time" and one["summary"]
    }


def collected(folder: Path, rounds: int) -> tuple[dict[tuple[str, str], list[float]], int]:
    """Give the ratios to one process by way and benchmark, and how many rounds were discarded."""
    ratios: dict[tuple[str, str], list[float]] = {}
    kept = discarded = 0
    while kept < rounds and discarded < rounds:
        watch, found = Watch(), {}
        for name in random.sample(list(WAYS), len(WAYS)):
            found[name] = medians(folder, WAYS[name])
        if watch.foreign() > FOREIGN:
            discarded += 1
            continue
        kept += 1
        plain = found.pop("one process")
        for name, seen in found.items():
            for test, median in seen.items():
                ratios.setdefault((name, test), []).append(median / plain[test])
    return ratios, discarded


def main() -> int:
    """Measure and print; give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12, help="calm rounds (default: 12)")
    wanted = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_bodies.py").write_text(SUITE, encoding="utf-8")
        ratios, discarded = collected(folder, wanted)
    print(f"median over that of one process; {discarded} rounds discarded")
    far = False
    for (way, test), seen in sorted(ratios.items()):
        if len(seen) < 2:
            print(f"{way:8} {test:16} too few calm rounds")
            continue
        share: Share = over_blocks(seen)
        far |= way == "forked" and (share.low > 1 + FAR or share.high < 1 - FAR)
        print(f"{way:8} {test:16} {share} ({share.blocks} rounds)")
    return int(far or not ratios)


if __name__ == "__main__":
    sys.exit(main())
