"""Prove the gate: suites of equal code and of code slowed by 3, 5 and 10 %, its peers beside it.

    python benchmarks/gate.py --record gate.jsonl --hours 2       add to the records
    python benchmarks/gate.py --report gate.jsonl                 say what they show
    python benchmarks/gate.py --report gate.jsonl --fixture FILE  keep the recordings for the tests

The truth is counted: each of twelve benchmarks (gate_suite) does 100 equal units of work on the
base and 100, 103, 105 or 110 on the head. Suites of every kind are run in random order:

- ab: `paceline ab`, deciding as it goes; these are the live decisions,
- pairs: `paceline ab --pairs 24`, a recording of process pairs for decisions to be replayed on,
- pytest-benchmark: both sides at its defaults, judged by its gates and by asv's rule,
- pyperf: both sides with --fast, judged by its test of significance.

A suite during which others took more than 5 % of the processors is marked as discarded: it is
counted and shown, and no claim rests on it; `--busy` takes such suites in. Needs Paceline,
pytest-benchmark, asv and pyperf in one environment; `--tools ab,pairs` needs Paceline alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import re
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate_peers import by_pyperf, by_pytest_benchmark, run_quietly
from gate_records import CONDITIONS, UNITS, Record, append, fixture, load, measured, read_ab
from gate_report import report
from rounds import FOREIGN, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUITE = Path(__file__).parent / "gate_suite"
CASES = 12
PAIRS = 24
MOST_FAILURES = 3
TOOLS = ("ab", "pairs", "pytest-benchmark", "pyperf")
WEIGHTS = {
    ("ab", 100): 12, ("ab", 103): 2, ("ab", 105): 2, ("ab", 110): 2,
    ("pairs", 100): 3, ("pairs", 103): 1, ("pairs", 105): 1, ("pairs", 110): 1,
    ("pytest-benchmark", 100): 2, ("pytest-benchmark", 105): 1, ("pytest-benchmark", 110): 1,
    ("pyperf", 100): 0.5, ("pyperf", 105): 0.25, ("pyperf", 110): 0.25,
}  # fmt: skip
"""How often each kind of suite is drawn: false alarms are rare, so most suites look for them."""


@contextmanager
def sides(units: int) -> Iterator[tuple[Path, Path]]:
    """Make two copies of the suite, the head's with so many units of work."""
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        both = Path(folder) / "base", Path(folder) / "head"
        for side, count in zip(both, (UNITS, units), strict=True):
            left_out = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(SUITE, side, ignore=left_out)
            file = side / "work" / "units.py"
            text, changed = re.subn(r"UNITS = \d+", f"UNITS = {count}", file.read_text("utf-8"))
            assert changed == 1
            file.write_text(text, encoding="utf-8")
        yield both


def by_paceline(both: Sequence[Path], *, pairs: int = 0) -> tuple[dict[str, Any], list[Any]]:
    """Run `paceline ab` on both sides; give its document and cases."""
    command = [sys.executable, "-m", "paceline", "ab", *map(str, both), "--json"]
    command += [f"--pairs={pairs}"] if pairs else []
    plain = ["--", "-p", "no:benchmark", "-p", "no:codspeed", "-p", "no:cacheprovider"]
    document, cases = read_ab(run_quietly([*command, *plain], both[0].parent))
    return document, measured(cases, CASES)


def run(tool: str, units: int, source: random.Random) -> Record:
    """Run one suite and say what came of it."""
    with sides(units) as both:
        watch, now, start = Watch(), time.time(), time.perf_counter()
        more: dict[str, Any] = {}
        if tool in {"ab", "pairs"}:
            _, cases = by_paceline(both, pairs=PAIRS if tool == "pairs" else 0)
            verdicts = {"paceline ab": {one["case"]: one["kind"] for one in cases}}
            for key in ("pairs", "confirmation"):
                more[key] = {one["case"]: [round(log, 6) for log in one[key]] for one in cases}
            more["pair_seconds"] = {one["case"]: round(one["seconds"], 4) for one in cases}
        else:
            judge = by_pyperf if tool == "pyperf" else by_pytest_benchmark
            verdicts = judge(both, source)
        seconds, foreign = time.perf_counter() - start, watch.foreign()
    return Record(
        tool=tool,
        units=units,
        started=round(now),
        seconds=round(seconds, 3),
        foreign=round(foreign, 4),
        discarded=foreign > FOREIGN,
        verdicts=verdicts,
        **more,
    )


def record(file: Path, *, suites: int, hours: float, kinds: dict[tuple[str, int], float]) -> None:
    """Run suites in random order and add each to the file as soon as it is done."""
    source = random.Random()
    load(file)  # a line that a stop has torn is taken out before others follow it
    deadline = time.monotonic() + 3600 * hours
    failures = 0
    for number in range(suites):
        if time.monotonic() > deadline or failures >= MOST_FAILURES:
            break
        ((tool, units),) = source.choices(list(kinds), list(kinds.values()))
        try:
            one = run(tool, units, source)
        except (RuntimeError, ValueError) as error:  # hours of records must not end with one suite
            failures += 1
            print(f"{number + 1:4}  {tool} {CONDITIONS[units]} FAILED: {error}", flush=True)
            continue
        append(file, one)
        said = "  ".join(f"{rule}: {_flagged(row)}" for rule, row in one.verdicts.items())
        note = f"  others {one.foreign:.0%}, discarded" if one.discarded else ""
        shown = f"{number + 1:4}  {tool:16} {CONDITIONS[units]:5} {one.seconds:6.1f} s{note}"
        print(f"{shown}  {said}", flush=True)
    if failures >= MOST_FAILURES:
        sys.exit(f"stopped after {failures} suites that could not be run")


def main() -> int:
    """Record, report or both; exit 1 where the records refute a claim."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=Path, metavar="FILE", help="add suites to these records")
    parser.add_argument("--suites", type=int, default=10**9, help="at most so many")
    parser.add_argument("--hours", type=float, default=1.0, help="for about so long")
    parser.add_argument("--tools", default=",".join(TOOLS), help="which, parted by commas")
    parser.add_argument("--units", default=",".join(map(str, CONDITIONS)), help="of the head")
    parser.add_argument("--report", type=Path, metavar="FILE", help="say what the records show")
    parser.add_argument("--fixture", type=Path, metavar="FILE", help="write the recordings")
    parser.add_argument("--busy", action="store_true", help="take discarded suites in")
    asked = parser.parse_args()
    if not (asked.record or asked.report):
        parser.error("--record FILE or --report FILE is needed")
    kinds = {
        kind: weight
        for kind, weight in WEIGHTS.items()
        if kind[0] in asked.tools.split(",") and str(kind[1]) in asked.units.split(",")
    }
    if not kinds:
        parser.error(f"--tools takes some of {','.join(TOOLS)}, --units of {[*CONDITIONS]}")
    if asked.record:
        record(asked.record, suites=asked.suites, hours=asked.hours, kinds=kinds)
    records = [
        dataclasses.replace(one, discarded=one.discarded and not asked.busy)
        for one in load(asked.report or asked.record)
    ]
    if asked.fixture:
        keep(asked.fixture, records)
    return report(records) if asked.report else 0


def keep(file: Path, records: Sequence[Record]) -> None:
    """Write the recordings, a line for each suite."""
    data = fixture(records)
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in data.pop("suites"))
    text = f'{json.dumps(data)[:-1]}, "suites": [\n{lines}\n]}}\n'
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    print(f"{file.name}: {len(text):,} bytes")


def _flagged(row: dict[str, str]) -> int:
    return sum(kind in {"regressed", "improved"} for kind in row.values())


if __name__ == "__main__":
    sys.exit(main())
