"""How close a figure comes to the truth, and what it costs, with pytest-benchmark beside us.

    make accuracy                      (or: python benchmarks/accuracy.py --blocks 24)

Needs Paceline and pytest-benchmark in one environment. One pytest process runs blocks; in a block
each callable is measured by both tools in random order, with the truth taken before, between and
after them: ``timeit`` of the inlined call less its empty loop. A tool's figure is held against the
mean of the two truths around it. A block in which others took more than 5 % of the processors is
discarded, counted and repeated.

Two tables: the figure (median of a tool's raw rounds) over the truth, with the 95 % interval over
blocks; and the wall time that each tool needs for an interval of equal width, the width computed by
one method from both tools' raw rounds (the interval of the median, `paceline.stats.interval`).
Time counts from the call of the tool to its return; an interval narrows with the root of the time.
"""

from __future__ import annotations

import argparse
import builtins
import random
import sys
import tempfile
import time
import timeit
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import paceline
from paceline.stats.interval import estimate
from paceline.stats.summary import statistic
from rounds import FOREIGN, Watch, over_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

TRUTH_SECONDS = 0.02  # of one timing
TRUTH_TIMINGS = 7  # of call and empty loop each, in turns
ABSOLUTE, RELATIVE = 5e-9, 0.02
MOST_TIME = 0.5  # of the peer's wall time at equal width


def tens() -> int:
    """Take some 50 ns."""
    x = 1
    return x + x + x * x - x


def micro() -> int:
    """Take about a microsecond."""
    return sum((1, 2, 3)) + sum(range(60))


def hundred() -> int:
    """Take about a hundred microseconds."""
    return sum(number * number for number in range(2000))


CALLABLES: dict[str, Callable[[], int]] = {"50 ns": tens, "1 µs": micro, "100 µs": hundred}


@dataclass(frozen=True)
class Taken:
    """What one tool found: its rounds (seconds per call), its wall time, the truth around it."""

    tool: str
    name: str
    values: list[float]
    wall: float
    truth: float

    @property
    def figure(self) -> float:
        """The median of the rounds."""
        return statistic(self.values, "median")

    @property
    def time_for_width(self) -> float:
        """Wall time times the squared relative width: what a width of one would cost."""
        found = estimate(self.values, "median")
        return self.wall * ((found.high - found.low) / found.point) ** 2


def truth_of(function: Callable[[], int]) -> float:
    """Time the inlined call less its empty loop, in turns, in seconds."""
    call = timeit.Timer("function()", "function = given", globals={"given": function})
    empty = timeit.Timer("pass")
    number = max(1, int(TRUTH_SECONDS / (call.timeit(100) / 100)))
    pairs = [(call.timeit(number), empty.timeit(number)) for _ in range(TRUTH_TIMINGS)]
    calls, empties = zip(*pairs, strict=True)
    return (statistic(calls, "median") - statistic(empties, "median")) / number


def by_paceline(function: Callable[[], int]) -> list[float]:
    """Measure as a user does, without the fixture: the peer's has the name here."""
    return list(paceline.measure(function).wall_time.values)


def block(name: str, benchmark: Any) -> list[Taken]:
    """Measure one callable by both tools in random order, the truth around each."""

    def by_peer(function: Callable[[], int]) -> list[float]:
        benchmark(function)
        return list(benchmark.stats.stats.data)

    tools = {"paceline": by_paceline, "pytest-benchmark": by_peer}
    order = random.sample(list(tools), len(tools))
    function = CALLABLES[name]
    before, found = truth_of(function), []
    for tool in order:
        start = time.perf_counter()
        values = tools[tool](function)
        wall = time.perf_counter() - start
        after = truth_of(function)
        found.append(Taken(tool, name, values, wall, (before + after) / 2))
        before = after
    return found


SUITE = """
import accuracy_blocks, pytest

@pytest.mark.parametrize("number", range({attempts}))
@pytest.mark.parametrize("name", {names})
def test_block(benchmark, name, number):
    accuracy_blocks.run(name, benchmark)
"""


class Blocks:
    """What the suite inside pytest reports to: it keeps good blocks and counts the others."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.kept: dict[str, list[list[Taken]]] = {name: [] for name in CALLABLES}
        self.discarded = 0

    def run(self, name: str, benchmark: Any) -> None:
        """Run one block unless there are enough of this callable."""
        if len(self.kept[name]) >= self.wanted:
            pytest.skip("enough blocks")
        watch = Watch()
        found = block(name, benchmark)
        if watch.foreign() > FOREIGN:
            self.discarded += 1
        else:
            self.kept[name].append(found)


def measured(wanted: int) -> Blocks:
    """Run the suite in this process until there are enough good blocks, or three times as many."""
    blocks = Blocks(wanted)
    sys.modules["accuracy_blocks"] = blocks  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder:
        suite = Path(folder) / "test_accuracy.py"
        text = SUITE.format(attempts=3 * wanted, names=list(CALLABLES))
        suite.write_text(text, encoding="utf-8")
        switches = ["-q", "-p", "no:cacheprovider", "-p", "no:paceline", "--benchmark-quiet"]
        builtins.print(f"measuring {wanted} blocks of each callable …", flush=True)
        status = pytest.main([str(suite), *switches, f"--rootdir={folder}", "--no-summary"])
    if status != pytest.ExitCode.OK:
        sys.exit(f"the suite ended with {status!r}")
    return blocks


def main() -> int:
    """Print both tables; exit 1 where a claim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--blocks", type=int, default=24, help="good blocks of each callable")
    wanted = parser.parse_args().blocks
    blocks = measured(wanted)
    missed = 0
    print(f"\nblocks discarded (others above {FOREIGN:.0%} of the processors): {blocks.discarded}")
    print("\nfigure over truth, 95 % interval over blocks")
    for name, kept in blocks.kept.items():
        missed += accuracy_row(name, kept) if len(kept) > 1 else skipped(name)
    print("\nwall time for an interval of equal width, paceline over pytest-benchmark")
    for name, kept in blocks.kept.items():
        missed += cost_row(name, kept) if len(kept) > 1 else skipped(name)
    return 1 if missed else 0


def accuracy_row(name: str, kept: list[list[Taken]]) -> int:
    """Print one row; 1 when our interval leaves the bounds."""
    by_tool = {one.tool: [] for one in kept[0]}  # type: dict[str, list[float]]
    for one in (one for taken in kept for one in taken):
        by_tool[one.tool].append(one.figure / one.truth)
    truth = statistic([one.truth for taken in kept for one in taken], "median")
    bound = max(RELATIVE, ABSOLUTE / truth)
    ours, peer = over_blocks(by_tool["paceline"]), over_blocks(by_tool["pytest-benchmark"])
    good = 1 - bound <= ours.low and ours.high <= 1 + bound
    verdict = "within" if good else "MISSED"
    print(
        f"  {name:7} {len(kept)} blocks  paceline {ours}  pytest-benchmark {peer}"
        f"  bound ±{bound:.1%}: {verdict}"
    )
    return 0 if good else 1


def cost_row(name: str, kept: list[list[Taken]]) -> int:
    """Print one row; 1 when the upper end is above the claim."""
    ratios = []
    for taken in kept:
        cost = {one.tool: one.time_for_width for one in taken}
        ratios.append(cost["paceline"] / cost["pytest-benchmark"])
    found = over_blocks(ratios)
    good = found.high <= MOST_TIME
    walls = {
        tool: statistic([one.wall for taken in kept for one in taken if one.tool == tool], "median")
        for tool in ("paceline", "pytest-benchmark")
    }
    share = walls["paceline"] / walls["pytest-benchmark"]
    verdict = "within" if good else "MISSED"
    print(
        f"  {name:7} {found}  claim ≤ {MOST_TIME}: {verdict}"
        f"  (as run, at defaults: {share:.2f} of the peer's wall time)"
    )
    return 0 if good else 1


def skipped(name: str) -> int:
    """Say that too few blocks were good to tell: that is no success."""
    print(f"  {name:7} too few good blocks: the machine is too busy to tell")
    return 1


if __name__ == "__main__":
    sys.exit(main())
