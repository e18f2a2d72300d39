"""Kill writers of a store at random moments and look for anything lost.

Two processes write runs to one store as fast as they can and acknowledge every step after the
store's call has returned. At a uniformly random moment one of them, or both, get SIGKILL. After
each kill a look at the store must find, beside the writer that lives on:

- SQLite's integrity check, its foreign keys and every blob's checksum clean;
- every begun run that was acknowledged, every appended batch, every finished run complete;
- no run complete without all of its measurements (a torn one says that it is incomplete).

    python benchmarks/store_kill.py --kills 200
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId
from paceline.stats.distribution import clopper_pearson_upper
from paceline.store.sqlite import Store

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux", "CPython")
BATCHES = 3
CASES = 20
ROUNDS = 200
LONGEST = 0.25  # seconds until the next kill
FRESH = 20  # kills until the writers get a fresh store, so that looks stay quick
WHOLE = 2 * BATCHES * CASES  # a measurement and a record of each


def batch(number: int) -> tuple[Measurement, ...]:
    """Make one batch of measurements, each value telling where it belongs."""
    return tuple(
        Measurement(
            Case(f"tests/test_kill.py::test_{number}_{case}"),
            METRICS["wall_time"],
            tuple(1 + number + case / CASES + step / 1e6 for step in range(ROUNDS)),
        )
        for case in range(CASES)
    )


def records(number: int) -> tuple[Resources, ...]:
    """Make what the tests of one batch took, each figure telling where it belongs."""
    return tuple(Resources(one.case, (one.values[0],) * len(RESOURCES)) for one in batch(number))


def write(path: Path, name: str) -> None:
    """Write runs until killed; a line on standard output acknowledges each step."""
    store = Store(path, clock=time.time)
    for number in itertools.count():
        run = Run(RunId(f"{name}-{os.getpid()}-{number}"), time.time(), HOST)
        store.begin(run)
        print(f"begun {run.id} 0", flush=True)
        for step in range(BATCHES):
            store.append(run.id, batch(step))
            print(f"appended {run.id} {(2 * step + 1) * CASES}", flush=True)
            store.keep_resources(run.id, records(step))
            print(f"kept {run.id} {(2 * step + 2) * CASES}", flush=True)
        store.finish(run)
        print(f"finished {run.id} {WHOLE}", flush=True)


@dataclass(slots=True)
class Writer:
    """A writer process and what it has acknowledged, read without waiting."""

    path: Path
    name: str
    process: subprocess.Popen[bytes] = field(init=False)
    pending: bytes = b""

    def start(self, *, wait: bool = True) -> None:
        """Start the process, and wait until it has acknowledged its first step."""
        command = [sys.executable, __file__, "--write", self.name, "--store", str(self.path)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.pending = b""
        if wait:
            select.select([self.output], [], [], 60)

    @property
    def output(self) -> int:
        """The descriptor that the acknowledgements arrive at."""
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def acknowledged(self) -> list[tuple[str, RunId, int]]:
        """Read the whole lines that have arrived: step, run, measurements kept so far."""
        while select.select([self.output], [], [], 0)[0]:
            chunk = os.read(self.output, 65536)
            if not chunk:
                break
            self.pending += chunk
        whole, _, self.pending = self.pending.rpartition(b"\n")
        rows = (line.split() for line in whole.decode().splitlines())
        return [(step, RunId(run), int(count)) for step, run, count in rows]


@dataclass(slots=True)
class Ledger:
    """What was acknowledged so far, and what was found wrong."""

    kept: dict[RunId, int] = field(default_factory=dict)
    finished: set[RunId] = field(default_factory=set)
    steps: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    looks: int = 0
    killed: int = 0
    runs: int = 0
    torn: int = 0

    def note(self, rows: list[tuple[str, RunId, int]]) -> set[RunId]:
        """Take acknowledgements in and give the runs they name."""
        for step, run, count in rows:
            self.kept[run] = count
            self.steps[step] += 1
            if step == "finished":
                self.finished.add(run)
        return {run for _step, run, _count in rows}

    def look(self, store: Store, names: set[RunId], *, count: bool = True) -> None:
        """Compare the store with the acknowledgements of these runs, after a kill or at the end."""
        self.looks += count
        problems = [found for found in store.check() if "is incomplete" not in found]
        kept = dict(self.kept)  # before the look: the other writer goes on
        complete = {run.id: run.complete for run in store.runs()}
        for name in sorted(names):
            if name not in complete:
                problems.append(f"run {name} was acknowledged and is gone")
                continue
            held = len(store.measurements(name)) + len(store.resources(name))
            if held < kept[name]:
                problems.append(f"run {name} holds {held} of {kept[name]} measurements and records")
            if name in self.finished and not complete[name]:
                problems.append(f"run {name} was finished and is incomplete")
            if complete[name] and held != WHOLE:
                problems.append(f"run {name} is torn and says that it is complete")
        problems.extend(store.notes)  # set aside: found damaged
        self.failures.extend(f"kill {self.looks}: {problem}" for problem in problems)


def main() -> int:
    """Run the kills, print the table and give 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", default="", help=argparse.SUPPRESS)
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write(given.store, given.write)
    ledger, source = Ledger(), random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, given.kills, FRESH):
            path = Path(folder) / f"{start}.sqlite"
            kill_some(path, ledger, source, kills=min(FRESH, given.kills - start))
    report(ledger)
    return 1 if ledger.failures else 0


def kill_some(path: Path, ledger: Ledger, source: random.Random, *, kills: int) -> None:
    """Start two writers on a store that is not there yet, kill and look, look at all at the end."""
    store, seen = Store(path, clock=time.time), set[RunId]()
    writers = [Writer(path, name) for name in "ab"]
    for writer in writers:
        writer.start(wait=False)  # the first kill may hit the making of the store
    for _ in range(kills):
        victims = source.choice((writers[:1], writers[1:], writers))
        time.sleep(source.uniform(0, LONGEST))
        for writer in victims:
            writer.kill()
        named = set().union(*(ledger.note(writer.acknowledged()) for writer in writers))
        ledger.killed += len(victims)
        ledger.look(store, named)
        seen |= named
        for writer in victims:
            writer.start()
    for writer in writers:
        writer.kill()
        seen |= ledger.note(writer.acknowledged())
    ledger.look(store, seen, count=False)
    runs = store.runs()
    ledger.runs += len(runs)
    ledger.torn += sum(not run.complete for run in runs)


def report(ledger: Ledger) -> None:
    """Print what was done, what was found, and what that allows to claim."""
    failed = len({failure.partition(":")[0] for failure in ledger.failures})
    bound = clopper_pearson_upper(min(failed, ledger.looks), ledger.looks, 0.95)
    rows = (
        ("kills of one or both writers", ledger.looks),
        ("writers killed", ledger.killed),
        ("acknowledged begins", ledger.steps["begun"]),
        ("acknowledged appends", ledger.steps["appended"]),
        ("acknowledged finished runs", ledger.steps["finished"]),
        ("runs in the store", ledger.runs),
        ("torn runs, marked incomplete", ledger.torn),
        ("kills that lost something", failed),
    )
    for name, figure in rows:
        print(f"{name:32} {figure:8,}")
    print(f"chance that a kill loses something, one-sided 95 % bound: {bound:.2%}")
    for failure in ledger.failures[:20]:
        print(failure)


if __name__ == "__main__":
    sys.exit(main())
