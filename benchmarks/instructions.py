"""How well instruction counts repeat over processes, and whether one percent more is found.

    make instructions          (or: python benchmarks/instructions.py --processes 5)

Twelve bodies of 100 units each are counted by callgrind in fresh processes. The processes differ in
the length of their environment, folder and arguments, as those of two checkouts do, and each first
leaves memory in another state, as other code would. Each also counts 101 units. For each body are
shown

- the spread of 100 units over processes, (max − min) / min;
- what 100 units read against 100 units of other processes: must be 1;
- what 101 units read against 100: must be 1.01; both from the smallest counts
  of two groups of processes.

Exits 1 where the median spread is above 0.1 % or a reading is off by half a percent or more, so
that it could be taken for the other. Does nothing where valgrind is not installed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from paceline.probes.callgrind import callgrind_counter
from paceline.probes.counter import counted
from paceline.probes.valgrind import callgrind_command, callgrind_environment, valgrind

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS = 100
ROUNDS = 2  # in a process, the smaller count is taken
WARM = 100  # calls before
MOST_SPREAD = 0.001  # median over bodies
MOST_ERROR = 0.005  # of a reading
KEPT = ("PATH", "LANG", "TMPDIR", "HOME", "PYTHONPATH")

TEXT = "The quick brown fox jumps over the lazy dog, 42 times in 2024. " * 4
NUMBERS = [number * 7919 % 1009 for number in range(100)]
DOCUMENT = {str(number): list(range(10)) for number in range(5)}
ENCODED = json.dumps(DOCUMENT)
RAW = bytes(range(256)) * 16
LONG = RAW * 4
PAIR = re.compile(r"(\w+)\s+(\w+)")


class Point:
    """A small object."""

    def __init__(self, x: int, y: int) -> None:
        """Take two numbers."""
        self.x = x
        self.y = y


def fib(number: int) -> int:
    """Call functions."""
    return number if number < 2 else fib(number - 1) + fib(number - 2)


def words() -> dict[str, int]:
    """Count words in a dict."""
    found: dict[str, int] = {}
    for word in TEXT.split():
        found[word] = found.get(word, 0) + 1
    return found


BODIES: dict[str, Callable[[], object]] = {
    "arithmetic": lambda: sum((1, 2, 3)) + len(NUMBERS) * 3,
    "calls": lambda: fib(8),
    "comprehension": lambda: [number * number for number in NUMBERS],
    "sort": lambda: sorted(NUMBERS),
    "dict": words,
    "objects": lambda: [Point(number, number).x for number in range(30)],
    "format": lambda: ",".join(f"{number:>8.3f}" for number in NUMBERS[:30]),
    "regex": lambda: PAIR.findall(TEXT),
    "json dumps": lambda: json.dumps(DOCUMENT),
    "json loads": lambda: json.loads(ENCODED),
    "sha256": lambda: hashlib.sha256(RAW).digest(),
    "zlib": lambda: zlib.compress(LONG),
}


def ballast(number: int) -> list[object]:
    """Take memory of many sizes and give a third of it back, another third for each number."""
    source = random.Random(number)
    taken: list[object] = [bytes(source.randrange(1, 600)) for _ in range(500)]
    taken += [bytes(source.randrange(600, 20_000)) for _ in range(50)]
    taken += [{} for _ in range(source.randrange(50))]
    source.shuffle(taken)
    return taken[len(taken) // 3 :]


def work(out: Path, names: list[str], number: int) -> None:
    """Count bodies in this process, which valgrind runs, and print the counts."""
    _held = ballast(number)
    counter = callgrind_counter(out)
    counts = {}
    for name in names:
        for _ in range(WARM):
            BODIES[name]()
        counts[name] = [
            min(counted(BODIES[name], counter, count=units) for _ in range(ROUNDS))
            for units in (UNITS, UNITS + 1)
        ]
    print(json.dumps(counts))


def count(folder: Path, names: list[str], number: int) -> dict[str, tuple[float, float]]:
    """Count bodies in a fresh process with names of lengths of its own."""
    own = folder / ("x" * (number * 7 % 23 + 1))
    own.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment = callgrind_environment(kept | {"PADDING": "x" * (number * 37)})
    command = [sys.executable, __file__, "--work", str(own / "out"), "--number", str(number)]
    done = subprocess.run(
        callgrind_command([*command, "--bodies", *names], out=own / "out"),
        cwd=own, env=environment, text=True, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    counts: dict[str, tuple[float, float]] = json.loads(done.stdout)
    return counts


def native(name: str) -> float:
    """Give the microseconds that 100 units take without valgrind, the fastest of some."""
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(UNITS):
            BODIES[name]()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1e6


def compare(processes: int, names: list[str]) -> bool:
    """Print a line for each body and whether the claims hold."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, __file__, "--help"], stdout=subprocess.DEVNULL, check=True)
        runs = [count(Path(name), names, number) for number in range(2 * processes)]
    titles = ("body", "µs", "instructions", "spread", "same reads", "+1 % reads")
    print("{:14} {:>8} {:>13} {:>9} {:>11} {:>11}".format(*titles))
    spreads, errors = [], []
    for body in names:
        units, more = zip(*(counts[body] for counts in runs), strict=True)
        first, second = units[:processes], units[processes:]
        spread = max(units) / min(units) - 1
        same, longer = min(second) / min(first), min(more[processes:]) / min(first)
        spreads.append(spread)
        errors += [abs(same - 1), abs(longer - 1.01)]
        print(
            f"{body:14} {native(body):8.0f} {min(first):13,.0f} {spread:9.4%} "
            f"{same:11.5f} {longer:11.5f}"
        )
    print(
        f"spread over {2 * processes} processes: median {median(spreads):.4%}, "
        f"worst {max(spreads):.4%}; worst reading off by {max(errors):.4%}; "
        f"{time.perf_counter() - start:.0f} s"
    )
    return bool(median(spreads) <= MOST_SPREAD and max(errors) < MOST_ERROR)


def main() -> int:
    """Count and judge, or be the process that counts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--processes", type=int, default=5, help="processes in each of two groups")
    parser.add_argument("--bodies", nargs="+", default=list(BODIES), choices=BODIES)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--number", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.bodies, options.number)
        return 0
    if not valgrind():
        print("valgrind is not installed: nothing counted")
        return 0
    holds = compare(options.processes, options.bodies)
    print("claims: " + ("within" if holds else "MISSED"))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
