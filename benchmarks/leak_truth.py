"""Leak checking held against the truth: leaks found, false alarms, seconds, peers beside us.

    python benchmarks/leak_truth.py --set building --seeds 3
    python benchmarks/leak_truth.py --calibrate

The cases are in ``benchmarks/leaks``: leaks, harmless look-alikes and wide caches that fill, each
with its truth beside it. They were split at random, pairs of like kind by a coin: one half is there
to build with, the other to be looked at once. ``--calibrate`` proves each truth by the case's own
count. Otherwise each case runs through ``paceline leaks FILE::NAME --json``, a fresh process for
each case, seed and interpreter, in random order. The verdict LEAK is right for a leak and wrong for
any other; FILLING and CLEAN are both right for what fills. UNSURE never finds a leak and never is a
false alarm. Seconds are the whole command's. The 95 % bounds are one-sided (Clopper and Pearson)
and count cases, not runs: a case is found when all its runs find it, and false when any run is.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from leaks.cases import HERE, SETS, Case, listed, missing, sampled
from leaks.compiled import BUILD
from leaks.peers import MEMRAY, PEERS, THEMES, surroundings
from leaks.table import Run, show, wrong

TIMEOUT = 60.0  # seconds that a command has
MOST_FALSE, LEAST_FOUND = 0.01, 0.95


@dataclass(frozen=True, slots=True)
class Job:
    """One process to start: a tool, the interpreter that it runs on, a case, a seed."""

    tool: str
    python: Path
    case: Case
    seed: int

    @property
    def command(self) -> list[str]:
        """What to run."""
        if self.tool == "paceline":
            target = f"{self.case.file}::{self.case.name}"
            return [str(self.python), "-m", "paceline", "leaks", target, "--json"]
        script = "prove.py" if self.tool == "proof" else "peers.py"
        peer = [] if self.tool == "proof" else [self.tool]
        return [str(self.python), str(HERE / script), *peer, str(self.case.file), self.case.name]


def done(job: Job, folder: Path) -> Run:
    """Run one job to its end and read its verdict; what breaks is a verdict of its own."""
    more = {"PACELINE_SEED": str(job.seed), BUILD: str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {**os.environ, **more, **surroundings(job.tool)}
    begun = time.perf_counter()
    try:
        ended = subprocess.run(
            job.command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        verdict, because = "BROKEN", f"not done after {TIMEOUT:g} s"
    else:
        verdict, because = read(job.tool, ended)
    seconds = time.perf_counter() - begun
    where = job.python.parent.parent.name
    case = job.case
    return Run(job.tool, where, case.identifier, case.kind, job.seed, verdict, because, seconds)


def read(tool: str, ended: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """Read a verdict and its reason from what a command printed."""
    try:
        document = json.loads(ended.stdout[ended.stdout.index("{") :])
        if tool == "proof":
            return ("DISPROVED" if document["against"] else "PROVED"), document["against"]
        if tool != "paceline":
            return ("LEAK" if document["leak"] else "CLEAN"), document["because"]
        (result,) = document["results"]
        verdict, because = result["verdict"], str(result["because"])
    except (ValueError, KeyError) as error:
        return "BROKEN", f"{error!r}: {ended.stderr[-300:].strip()}"
    if ended.returncode != (10 if verdict == "LEAK" else 0):
        return "BROKEN", f"{verdict} with exit {ended.returncode}"
    return verdict, because


def planned(options: argparse.Namespace, cases: list[Case]) -> tuple[list[Job], list[str]]:
    """Give all jobs in random order, and what is left out and why."""
    jobs, left_out = [], []
    tools = "proof" if options.calibrate else "paceline"
    runners = [(tools, python, options.seeds) for python in options.python]
    if options.peers:
        runners += [(peer, options.peers, 1) for peer in (*PEERS, MEMRAY)]
    for tool, python, seeds in runners:
        absent = missing(python, {case.needs for case in cases})
        for case in cases:
            if case.needs in absent:
                left_out.append(f"{tool} {python}: {case.identifier}: {absent[case.needs]}")
            elif case.theme in THEMES.get(tool, {case.theme}):
                jobs += [Job(tool, python, case, seed) for seed in range(seeds)]
    random.Random(0).shuffle(jobs)
    return jobs, left_out


def chosen(options: argparse.Namespace) -> list[Case]:
    """Give the cases that the options ask for."""
    sets = SETS if options.calibrate and not options.set else (options.set or "building",)
    cases = [case for name in sets for case in listed(name)]
    if options.only:
        cases = [case for case in cases if fnmatch.fnmatch(case.identifier, f"*{options.only}*")]
    return sampled(cases) if options.bounded else cases


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    here = Path(sys.executable)
    parser.add_argument("--calibrate", action="store_true", help="prove the truths by their counts")
    parser.add_argument("--set", choices=SETS, help="building, or unseen (look once)")
    parser.add_argument(
        "--python", type=Path, action="append", help="that has paceline; repeatable"
    )
    parser.add_argument("--seeds", type=int, default=3, help="of each case; peers have one")
    parser.add_argument("--only", help="cases whose FILE::NAME has this pattern")
    parser.add_argument(
        "--bounded", action="store_true", help="a few cases of each theme, one seed"
    )
    parser.add_argument(
        "--peers", type=Path, nargs="?", const=here, help="interpreter with the peers"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    parser.add_argument("--json", type=Path, help="file to write all verdicts to")
    options = parser.parse_args()
    options.python = [path.absolute() for path in options.python or [here]]
    options.peers = options.peers and options.peers.absolute()
    if options.bounded:
        options.seeds = 1
    return options


def main() -> int:
    """Run, print the tables, and give 1 where we missed too many or cried wolf."""
    options = arguments()
    jobs, left_out = planned(options, chosen(options))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        runs = []
        for run in pool.map(partial(done, folder=Path(folder)), jobs):
            runs.append(run)
            if len(runs) % 100 == 0:
                print(f"{len(runs)} of {len(jobs)}", file=sys.stderr)
    if options.json:
        document = {"runs": [asdict(run) for run in runs], "left_out": left_out}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for reason in left_out:
        print(f"left out: {reason}")
    if options.calibrate:
        refuted = [run for run in runs if run.verdict != "PROVED"]
        for run in refuted:
            print(f"{run.verdict} {run.case} seed {run.seed} {run.python}: {run.because}")
        print(f"{len(runs) - len(refuted)} of {len(runs)} proofs of truth hold")
        return int(bool(refuted))
    show(runs)
    ours = [run for run in runs if run.tool == "paceline"]
    missed = [run for run in wrong(ours) if run.kind == "leak"]
    leaks = sum(run.kind == "leak" for run in ours)
    false = len(wrong(ours)) - len(missed)
    too_few = len(missed) > (1 - LEAST_FOUND) * leaks
    return int(too_few or false > MOST_FALSE * (len(ours) - leaks))


if __name__ == "__main__":
    sys.exit(main())
