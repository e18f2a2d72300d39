"""How soon whole suites end: plain pytest, pytest-xdist and we, in interleaved rounds.

    python benchmarks/suite_speed.py [--suites trivial,shop,attrs] [--rounds 5] [--json FILE]
    python benchmarks/suite_speed.py --headline
    python benchmarks/suite_speed.py --identical 20
    python benchmarks/suite_speed.py --startup

Suites are made in a temporary folder, are copied from ``examples/shop``, or are public ones that
``benchmarks/public_suites.py`` has fetched. docs/suite-speed.md says what is measured and how it is
judged. Exits 1 where a claim is refuted or a run ends unlike the serial one.
"""

from __future__ import annotations

import argparse
import json
import math
import shlex
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from paceline.stats.interval import estimate
from suite_speed.checking import identical, starts
from suite_speed.made import STARTUP, make
from suite_speed.measuring import Asked, Measured, UnusableError, measure
from suite_speed.running import adopt_orphans
from suite_speed.suites import CATEGORIES, MODES, Suite, found, shop
from suite_speed.table import document, saved, show, verdicts

PUBLIC = Path(__file__).resolve().parents[1] / ".paceline" / "public"
OURS = "-p no:xdist --paceline-workers=2"
BOUNDED = ["0.5s", "trivial"]
BOUNDED_SECONDS = 45.0  # after which no round begins
START_CLAIM = 0.030
START_REPEATS = 10
BOUNDED_REPEATS = 3


def speed(suites: list[Suite], asked: Asked) -> tuple[list[Measured], int]:
    """Measure suites and print each; how many failed to be measured comes with them."""
    done, failed = [], 0
    for suite in suites:
        if time.monotonic() > asked.until:
            print(f"\n{suite.name}: no time left")
            continue
        try:
            one = measure(suite, asked)
        except UnusableError as error:
            failed += 1
            print(f"\n{suite.name}: not measured: {error}", flush=True)
            continue
        done.append(one)
        show(one)
        sys.stdout.flush()
    return done, failed


def headline(above: Path, asked: Asked) -> tuple[list[Measured], int]:
    """Measure the worked suite, whole and by category, and print what is saved."""
    whole = shop(above)
    rows = [whole, *(replace(whole, name=one, arguments=(f"tests/{one}",)) for one in CATEGORIES)]
    done, failed = speed(rows, asked)
    saved(done)
    return done, failed


def alike(suites: list[Suite], asked: Asked, repeats: int, above: Path) -> dict[str, Any]:
    """Print how many of our runs said what a serial run said, and what differed in the others."""
    print(f"\nnode id, phase and outcome as in a serial run, {repeats} repeats")
    told = {}
    for suite in suites:
        try:
            found_unlike = identical(suite, asked.ours, repeats, above)
        except UnusableError as error:
            print(f"  {suite.name:14} not run: {error}", flush=True)
            told[suite.name] = ["not run"]
            continue
        differ = [one for one in found_unlike if one]
        print(f"  {suite.name:14} {repeats - len(differ)} of {repeats} identical", flush=True)
        told[suite.name] = sorted({line for one in differ for line in one})
        for line in told[suite.name][:10]:
            print(f"    {line}")
    return told


def startup(asked: Asked, above: Path, repeats: int) -> dict[str, Any]:
    """Print how long a worker takes from the run loop's beginning to its first test."""
    suite = Suite("startup", make(STARTUP, above / "startup"))
    print("\nfrom the beginning of the run loop to a worker's first test")
    told = {}
    for name, command in (
        ("plain", suite.plain()),
        ("xdist", suite.xdist("load")),
        ("ours", suite.ours(asked.ours)),
    ):
        try:
            runs = [starts(suite, command, above) for _ in range(repeats)]
        except UnusableError as error:
            print(f"  {name:6} not measured: {error}")
            continue
        taken = [max(one) for one in runs]
        value = estimate(taken, "median")
        workers = max(map(len, runs))
        shown = f"{1e3 * value.point:7.1f} ms [{1e3 * value.low:.1f}, {1e3 * value.high:.1f}]"
        print(f"  {name:6} {shown}, the last of {workers}", flush=True)
        told[name] = {"point": value.point, "low": value.low, "high": value.high}
    word = _start_verdict(told.get("ours"))
    print(f"  claim: ours at most {1e3 * START_CLAIM:.0f} ms: {word}")
    return {**told, "verdict": word}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suites", default="", help="which, parted by commas; else all there are")
    parser.add_argument("--public", type=Path, default=PUBLIC, help="where public suites are")
    parser.add_argument("--rounds", type=int, default=5, help="calm rounds that are wanted")
    parser.add_argument("--ours", default=OURS, help="our flags, instead of those of two workers")
    parser.add_argument("--modes", default=",".join(MODES), help="of xdist, parted by commas")
    parser.add_argument("--warm", type=int, default=2, help="runs of ours before the first round")
    parser.add_argument("--cold", action="store_true", help="without records, in every round")
    parser.add_argument("--identical", type=int, default=0, metavar="N", help="compare N runs")
    parser.add_argument("--headline", action="store_true", help="what examples/shop saves")
    parser.add_argument("--startup", action="store_true", help="how soon a worker starts")
    parser.add_argument("--bounded", action="store_true", help="a look of a minute, no proof")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    return parser.parse_args()


def main() -> int:
    """Measure what was asked for, print it, and judge it."""
    asked = arguments()
    how = Asked(
        ours=tuple(shlex.split(asked.ours)),
        rounds=2 if asked.bounded else asked.rounds,
        warm=1 if asked.bounded else asked.warm,
        modes=("worksteal",) if asked.bounded else tuple(asked.modes.split(",")),
        cold=asked.cold,
        until=time.monotonic() + BOUNDED_SECONDS if asked.bounded else math.inf,
    )
    adopt_orphans()
    names = [name for name in asked.suites.split(",") if name]
    names = names or (BOUNDED if asked.bounded else [])
    measured: list[Measured] = []
    more: dict[str, Any] = {"ours": asked.ours}
    failed = 0
    with tempfile.TemporaryDirectory(prefix="suite-speed-") as folder:
        above = Path(folder)
        if asked.headline:
            measured, failed = headline(above, how)
        elif asked.identical:
            suites = found(names, public=asked.public, above=above)
            more["unlike"] = alike(suites, how, asked.identical, above)
        elif not asked.startup:
            suites = found(names, public=asked.public, above=above)
            measured, failed = speed(suites, how)
        if asked.startup or not (asked.headline or asked.identical):
            more["startup"] = startup(
                how, above, BOUNDED_REPEATS if asked.bounded else START_REPEATS
            )
    if asked.json:
        text = json.dumps(document(measured, more), indent=1)
        asked.json.write_text(f"{text}\n", encoding="utf-8")
    return 1 if failed or _refuted(measured, more) else 0


def _start_verdict(ours: dict[str, float] | None) -> str:
    if ours is None:
        return "unsure"
    if ours["high"] <= START_CLAIM:
        return "kept"
    return "MISSED" if ours["low"] > START_CLAIM else "unsure"


def _refuted(measured: list[Measured], more: dict[str, Any]) -> bool:
    judged = [word for one in measured for word in verdicts(one).values()]
    judged.append(more.get("startup", {}).get("verdict", ""))
    unlike = any(one.unlike for one in measured) or any(more.get("unlike", {}).values())
    return "MISSED" in judged or unlike


if __name__ == "__main__":
    sys.exit(main())
