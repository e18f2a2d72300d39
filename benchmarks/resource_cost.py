"""What the record of resources adds to each test, in processor time.

    make resource-cost     (or: python benchmarks/resource_cost.py [--pairs 12])

Two ways to the same figure, each with its 95 % interval over what was not discarded:

- Whole processes: suites of 200 and 3 200 trivial tests run with Paceline opted in, with records
  and without them; the slope between the sizes is the cost of one test, start and end of the
  session taken out. All that follows is in it: hooks, records, store, what is said. User and system
  time of the child come from wait4. Each round runs every variant at both sizes in random order,
  only differences within a round count; a round in which other processes took more than 5 % of the
  machine is discarded and counted. Too few calm rounds: every round is used, and the claim unsure.
- One process: in the same suite our hooks are taken away and given back, and 50 tests with records
  are compared with the 50 beside them, in random order. Both see the same machine, so this is far
  narrower. Pairs that lost their processor often are discarded and counted; writing to the store
  comes in lumps and stands by itself. What is said at the end of a run is not in this.

Beside it stands what people write by hand: a fixture that asks psutil for memory, times, threads
and files before and after each test; and pytest-monitor where it is installed. Exits 1 where the
upper end of the whole processes' interval is above 20 µs, or nobody can say.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import timeit
from pathlib import Path
from typing import NamedTuple, TypeAlias

from paceline.engine.turns import Turns
from paceline.model import RESOURCES, Case, Resources
from paceline.probes.resources import Gauge
from paceline.stats.interval import estimate

SIZES = (200, 3200)
BLOCK = 50  # tests with records, or without, in a row
ALTERNATIONS = 7  # runs
MOST_SWITCHES = 20  # times that a pair of blocks may lose its processor
CLAIM = 20e-6
MOST_FOREIGN = 0.05
MOST_ROUNDS = 2  # times the pairs that are wanted
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME", "PYTHONPATH")
OFF = ("--paceline", "--paceline-resources=off")
PSUTIL = """
import psutil
import pytest

process = psutil.Process()

def look():
    return (process.memory_info(), process.cpu_times(), process.num_threads(), process.num_fds())

@pytest.fixture(autouse=True)
def watch():
    before = look()
    yield
    after = look()
"""

# every second block of tests has records; what is kept is timed by itself
ALTERNATING = """
import functools, json, pathlib, random, resource, time
from paceline.engine.recorder import Recorder

NAME = "paceline-resources"
BLOCKS = []

def lost():
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw

class Alternating:
    def __init__(self, manager):
        self.manager, self.plugin = manager, manager.get_plugin(NAME)
        self.done = self.kept = self.recorded = 0
        self.on, self.began = True, None
        real = Recorder._flush
        @functools.wraps(real)
        def flush(recorder):
            began = time.process_time()
            real(recorder)
            self.kept += time.process_time() - began
        Recorder._flush = flush

    def pytest_runtest_logfinish(self):
        self.done += 1
        self.recorded += self.on
        if self.done % BLOCK:
            return
        if self.began:
            seconds, kept, switched = self.began
            took = time.process_time() - seconds - (self.kept - kept)
            BLOCKS.append((self.on, took / BLOCK, lost() - switched))
        self.turn(self.done % (2 * BLOCK) == 0 and random.random() < 0.5)
        self.began = time.process_time(), self.kept, lost()

    def turn(self, same):  # pairs of blocks, each in random order
        if not same:
            self.on = not self.on
            if self.on:
                self.manager.register(self.plugin, NAME)
            else:
                self.manager.unregister(self.plugin)

    def ended(self):
        if not self.on:
            self.turn(same=False)

def pytest_runtestloop(session):
    session.config.pluginmanager.register(Alternating(session.config.pluginmanager), "alternating")

def pytest_sessionfinish(session):
    part = session.config.pluginmanager.get_plugin("alternating")
    part.ended()
    part.plugin.pytest_sessionfinish(session)

def pytest_unconfigure(config):
    part = config.pluginmanager.get_plugin("alternating")
    found = {"blocks": BLOCKS, "kept": part.kept / part.recorded}
    pathlib.Path("timed.json").write_text(json.dumps(found))
"""


class Variant(NamedTuple):
    """One way to run the suites: arguments of pytest and a conftest."""

    name: str
    arguments: tuple[str, ...]
    conftest: str = ""


Round: TypeAlias = dict[Variant, float]  # seconds a test


def variants() -> tuple[Variant, ...]:
    """List the variants that can run here; the first is what the others are compared with."""
    found = [Variant("without records", OFF), Variant("records", ("--paceline",))]
    if importlib.util.find_spec("psutil"):
        found.append(Variant("psutil by hand", OFF, PSUTIL))
    else:
        print("psutil is not installed: nothing to compare with")
    if importlib.util.find_spec("pytest_monitor"):
        found.append(Variant("pytest-monitor", OFF))
    else:
        print("pytest-monitor is not installed (1.6.6 fails at each teardown under pytest 9)")
    return tuple(found)


def make_suite(folder: Path, variant: Variant, size: int) -> Path:
    """Write a suite of trivial tests and run it once: bytecode and store are there then."""
    folder.mkdir()
    tests = "".join(f"def test_{number}():\n    pass\n\n" for number in range(size))
    (folder / "test_trivial.py").write_text(tests, encoding="utf-8")
    (folder / "conftest.py").write_text(variant.conftest, encoding="utf-8")
    processor_time(folder, variant)
    return folder


def command_of(variant: Variant) -> tuple[list[str], dict[str, str]]:
    """Give the command line and the environment of a variant."""
    extra = ("-p", "pytest_monitor") if variant.name == "pytest-monitor" else ()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "paceline.plugin"]  # and nothing else of what is installed
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"PYTHONHASHSEED": "0", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return [*command, *extra, *variant.arguments], environment


def processor_time(folder: Path, variant: Variant) -> float:
    """Run a suite and give the processor time of its process, in seconds."""
    command, environment = command_of(variant)
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            end = said.read().decode()[-2000:]
            sys.exit(f"{variant.name} ended with {child.returncode}:\n{end}")
    return usage.ru_utime + usage.ru_stime


def in_one_process(folder: Path, rounds: int) -> tuple[list[float], list[float], int]:
    """Switch records on and off: what they add a test by pair, what keeping adds, what was lost."""
    watched = Variant("alternating", ("--paceline",), f"BLOCK = {BLOCK}\n{ALTERNATING}")
    suite = make_suite(folder / "alternating", watched, SIZES[1])
    added, kept, discarded = [], [], 0
    for _ in range(rounds):
        processor_time(suite, watched)
        found = json.loads((suite / "timed.json").read_text("utf-8"))
        kept.append(found["kept"])
        blocks = found["blocks"]
        for one, other in zip(blocks[::2], blocks[1::2], strict=False):
            if one[0] == other[0] or one[2] + other[2] > MOST_SWITCHES:
                discarded += 1
            else:
                added.append(one[1] - other[1] if one[0] else other[1] - one[1])
    return added, kept, discarded


def busy() -> tuple[float, float]:
    """Read the seconds that processors worked, for the host too, and all that passed."""
    columns = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    user, nice, system, idle, waiting, *interrupts = map(float, columns)
    work = user + nice + system + sum(interrupts)
    tick = os.sysconf("SC_CLK_TCK")
    return work / tick, (work + idle + waiting) / tick


def measure(suites: dict[tuple[Variant, int], Path]) -> tuple[Round, float]:
    """Run every suite once in random order: seconds a test of each variant, and foreign work."""
    order = list(suites)
    random.shuffle(order)
    work, whole = busy()
    times = {one: processor_time(suites[one], one[0]) for one in order}
    work, whole = busy()[0] - work, busy()[1] - whole
    small, large = SIZES
    slopes = {
        variant: (times[variant, large] - times[variant, small]) / (large - small)
        for variant, size in suites  # in the order of the variants, not of the round
        if size == small
    }
    return slopes, max(0.0, work - sum(times.values())) / whole


def collect(pairs: int, folder: Path) -> tuple[list[Round], list[Round]]:
    """Measure until there are enough calm rounds; give them, and those that were discarded."""
    suites = {
        (variant, size): make_suite(folder / f"{place}-{size}", variant, size)
        for place, variant in enumerate(variants())
        for size in SIZES
    }
    calm: list[Round] = []
    discarded: list[Round] = []
    while len(calm) < pairs and len(calm) + len(discarded) < MOST_ROUNDS * pairs:
        slopes, foreign = measure(suites)
        (discarded if foreign > MOST_FOREIGN else calm).append(slopes)
    return calm, discarded


def hot_loop() -> float:
    """Give the seconds of a test's readings in a loop, where every cache is warm."""
    gauge = Gauge()
    gauge.open()
    reading = gauge.start()

    def once() -> None:
        gauge.again(reading)
        gauge.taken(gauge.turn(reading), (0.1, 0.1, 0.1))

    rounds = timeit.repeat(once, number=1000, repeat=30)
    gauge.abandon(reading)
    gauge.close()
    return min(rounds) / 1000


def turns_alone() -> float:
    """Give the seconds that a test's turn takes: three reports heard, a record given it."""
    names = [f"test_trivial.py::test_{number}" for number in range(1000)]
    records = [Resources(Case(name), (0.0,) * len(RESOURCES)) for name in names]
    facts = {"outcome": "passed", "started": 1.0, "worker": "", "expected": False}

    def once() -> None:
        turns = Turns()
        for name, record in zip(names, records, strict=True):
            for when in ("setup", "call", "teardown"):
                turns.hear(name, when, **facts)
            turns.give((record,))

    return min(timeit.repeat(once, number=1, repeat=20)) / len(names)


def say_alone(folder: Path) -> None:
    """Print what records add within one process."""
    print(f"both readings alone, in a loop: {1e6 * hot_loop():.1f} µs at best")
    print(f"a test's turn alone, in a loop: {1e6 * turns_alone():.1f} µs at best")
    added, kept, discarded = in_one_process(folder, ALTERNATIONS)
    print(f"records switched on and off in one process, {len(added)} pairs of {BLOCK} tests,")
    print(f"  {discarded} discarded: they lost their processor too often")
    if len(added) < 2:
        print("  unsure: too busy here")
        return
    for name, figures in (("a test", added), ("to keep it", kept)):
        found = estimate(figures, "median", level=0.95)
        interval = f"[{1e6 * found.low:.1f} … {1e6 * found.high:.1f}]"
        print(f"  {name:16} {1e6 * found.point:+7.1f} µs {interval}")


def main() -> int:
    """Print what each variant adds to a test, with its interval."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=12, help="calm rounds that are wanted")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        say_alone(Path(name))
        calm, discarded = collect(asked.pairs, Path(name))
    print(f"processor time a test, from {SIZES[0]} to {SIZES[1]} trivial tests")
    lost = f"{len(discarded)} discarded: others took more than {MOST_FOREIGN:.0%}"
    print(f"{len(calm)} calm rounds, {lost}")
    if len(calm) < asked.pairs:
        print("UNSURE: too busy here; over all rounds, the discarded ones too:")
        say_whole([*calm, *discarded])
        return 1
    return say_whole(calm)


def say_whole(calm: list[Round]) -> int:
    """Print what whole processes say, and give the exit status."""
    base, records, *_ = calm[0]
    print(f"  {base.name:16} {1e6 * estimate([one[base] for one in calm], 'median').point:7.1f} µs")
    upper = float("inf")
    for variant in list(calm[0])[1:]:
        found = estimate([one[variant] - one[base] for one in calm], "median", level=0.95)
        interval = f"[{1e6 * found.low:.1f} … {1e6 * found.high:.1f}]"
        print(f"  {variant.name:16} {1e6 * found.point:+7.1f} µs {interval}")
        upper = found.high if variant == records else upper
    kept = upper <= CLAIM
    print(f"claim: at most {1e6 * CLAIM:.0f} µs at the upper end: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
