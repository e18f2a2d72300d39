"""How close a figure comes to the truth, and what it costs, with pytest-benchmark beside us.

    make accuracy        (or: python benchmarks/accuracy.py --blocks 40 --cost-blocks 60)

Needs Paceline and pytest-benchmark in one environment. One pytest process runs blocks; in a block
both tools measure one callable in random order. A block in which others took more than 5 % of the
processors is discarded, counted and repeated.

Accuracy. Both tools have 0.1 s, and the truth is taken before, between and after them: ``timeit``
of the inlined call less its empty loop, in turns, timings of a millisecond each (shorter ones show
what timeit itself does between them), the median of their differences. (The tools report a median
of rounds, and a median of noisy times lies below their mean.) A tool's figure, the median of its
raw rounds, is held against the mean of the truths around it; the ratio has its 95 % interval over
blocks.

Cost. Both tools have the peer's default of one second. Wall time counts from call to return; the
relative width of the median's interval is computed from both tools' raw rounds by one method
(`paceline.stats.interval`). The cost of equal width is the ratio of wall times times the squared
ratio of widths; with equal caps it is 1 for two tools that learn equally much from a second, on
drifting noise too. A control row, Paceline over Paceline, must hold 1. What both take at their own
defaults, where Paceline may end earlier, is shown beside it and claims nothing.
"""

from __future__ import annotations

import argparse
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
from paceline.probes.options import BenchmarkOptions
from paceline.stats.interval import estimate
from paceline.stats.summary import statistic
from rounds import FOREIGN, Watch, over_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

TRUTH_SECONDS = 1e-3  # of one timing
TRUTH_TIMINGS = 80  # of call and empty loop each, in turns
SHORT = 0.1  # seconds that both tools have in a block of accuracy
LONG = 1.0  # seconds that both have in a block of cost
ABSOLUTE, RELATIVE = 5e-9, 0.02
MOST_COST = 0.5  # of the peer's wall time at equal width


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
    """What one tool found: median and its relative half width, wall time, the truth around it.

    The rounds themselves are not kept: garbage collections in later blocks would visit them.
    """

    figure: float
    width: float
    wall: float
    truth: float

    @property
    def accuracy(self) -> float:
        """The figure over the truth."""
        return self.figure / self.truth


@dataclass(frozen=True)
class Block:
    """One callable measured by both tools."""

    ours: Taken
    peer: Taken
    again: Taken | None = None  # ours once more: the control
    default: Taken | None = None  # ours as it comes


def cost_of(one: Taken, other: Taken) -> float:
    """Give the wall time of one over another's, at equal width."""
    return one.wall / other.wall * (one.width / other.width) ** 2


def truth_of(function: Callable[[], int]) -> float:
    """Time the inlined call less its empty loop, in turns, in seconds."""
    call = timeit.Timer("function()", "function = given", globals={"given": function})
    empty = timeit.Timer("pass")
    number = max(1, round(TRUTH_SECONDS / (call.timeit(100) / 100)))
    differences = [call.timeit(number) - empty.timeit(number) for _ in range(TRUTH_TIMINGS)]
    return statistic(differences, "median") / number


def block(name: str, benchmark: Any, options: BenchmarkOptions) -> Block:
    """Measure one callable by both tools in random order, the truth around each."""
    function = CALLABLES[name]

    def by_peer() -> list[float]:
        benchmark(function)
        return list(benchmark.stats.stats.data)

    def by_paceline(how: BenchmarkOptions) -> list[float]:
        return list(paceline.measure(function, options=how).wall_time.values)

    tools = {"ours": lambda: by_paceline(options), "peer": by_peer}
    if options.max_time == LONG:
        tools |= {
            "again": lambda: by_paceline(options),
            "default": lambda: by_paceline(BenchmarkOptions()),
        }
    taken: dict[str, Taken] = {}
    before = truth_of(function)
    for tool in random.sample(list(tools), len(tools)):
        start = time.perf_counter()
        values = tools[tool]()
        wall = time.perf_counter() - start
        after = truth_of(function)
        found = estimate(values, "median")
        taken[tool] = Taken(found.point, found.half_width, wall, (before + after) / 2)
        before = after
    return Block(**taken)


SUITE = """
import accuracy_blocks, pytest

@pytest.mark.parametrize("number", range({accuracy}))
@pytest.mark.parametrize("name", {names})
@pytest.mark.benchmark(max_time={short})
def test_accuracy(benchmark, name, number):
    accuracy_blocks.run("accuracy", name, benchmark)

@pytest.mark.parametrize("number", range({cost}))
@pytest.mark.parametrize("name", {names})
def test_cost(benchmark, name, number):
    accuracy_blocks.run("cost", name, benchmark)
"""


class Blocks:
    """What the suite inside pytest reports to: it keeps good blocks and counts the others."""

    def __init__(self, accuracy: int, cost: int) -> None:
        self.wanted = {"accuracy": accuracy, "cost": cost}
        self.kept: dict[tuple[str, str], list[Block]] = {
            (kind, name): [] for kind in ("accuracy", "cost") for name in CALLABLES
        }
        self.discarded = 0

    def run(self, kind: str, name: str, benchmark: Any) -> None:
        """Run one block unless there are enough of this kind."""
        kept = self.kept[kind, name]
        if len(kept) >= self.wanted[kind]:
            pytest.skip("enough blocks")
        cap = SHORT if kind == "accuracy" else LONG
        watch = Watch()
        found = block(name, benchmark, BenchmarkOptions(max_time=cap, precision=0))
        if watch.foreign() > FOREIGN:
            self.discarded += 1
        else:
            kept.append(found)


def measured(blocks: Blocks) -> Blocks:
    """Run the suite in this process until there are enough good blocks, or three times as many."""
    sys.modules["accuracy_blocks"] = blocks  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder:
        suite = Path(folder) / "test_accuracy.py"
        attempts = {kind: 3 * wanted for kind, wanted in blocks.wanted.items()}
        text = SUITE.format(**attempts, names=list(CALLABLES), short=SHORT)
        suite.write_text(text, encoding="utf-8")
        switches = ["-q", "-p", "no:cacheprovider", "-p", "no:paceline", "--benchmark-quiet"]
        print(f"measuring blocks of each callable: {blocks.wanted} …", flush=True)
        status = pytest.main([str(suite), *switches, f"--rootdir={folder}", "--no-summary"])
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED}:  # Ctrl-C: what there is
        sys.exit(f"the suite ended with {status!r}")
    return blocks


def main() -> int:
    """Print both tables; exit 1 where a claim is missed."""
    parser = argparse.ArgumentParser(description="accuracy and cost, pytest-benchmark beside us")
    parser.add_argument("--blocks", type=int, default=40, help="good blocks of accuracy")
    parser.add_argument("--cost-blocks", type=int, default=60, help="good blocks of cost")
    asked = parser.parse_args()
    blocks = measured(Blocks(asked.blocks, asked.cost_blocks))
    missed = 0
    print(f"\nblocks discarded (others above {FOREIGN:.0%} of the processors): {blocks.discarded}")
    print("\nfigure over truth, 95 % interval over blocks")
    for name in CALLABLES:
        missed += row(accuracy_row, name, blocks.kept["accuracy", name])
    print("\ncost of an interval of equal width, paceline over pytest-benchmark")
    for name in CALLABLES:
        missed += row(cost_row, name, blocks.kept["cost", name])
    return 1 if missed else 0


def row(write: Callable[[str, list[Block]], bool], name: str, kept: list[Block]) -> int:
    """Print one row; 1 when its claim is missed, or when too few blocks were good to tell."""
    if len(kept) < 2:
        print(f"  {name:7} too few good blocks: the machine is too busy to tell")
        return 1
    return 0 if write(name, kept) else 1


def accuracy_row(name: str, kept: list[Block]) -> bool:
    """Print both tools' figures over the truth; tell whether ours lies within the bounds."""
    ours = over_blocks([one.ours.accuracy for one in kept])
    peer = over_blocks([one.peer.accuracy for one in kept])
    bound = max(RELATIVE, ABSOLUTE / statistic([one.ours.truth for one in kept], "median"))
    good = 1 - bound <= ours.low and ours.high <= 1 + bound
    print(
        f"  {name:7} {len(kept)} blocks  paceline {ours}  pytest-benchmark {peer}"
        f"  bound ±{bound:.1%}: {'within' if good else 'MISSED'}"
    )
    return good


def cost_row(name: str, kept: list[Block]) -> bool:
    """Print the cost of equal width, the control and the defaults; tell whether the claim holds."""
    cost = over_blocks([cost_of(one.ours, one.peer) for one in kept])
    control = over_blocks([cost_of(one.again, one.ours) for one in kept if one.again])
    walls = over_blocks([one.default.wall / one.peer.wall for one in kept if one.default])
    widths = over_blocks([one.default.width / one.peer.width for one in kept if one.default])
    good = cost.high <= MOST_COST
    print(
        f"  {name:7} {len(kept)} blocks  {cost}  claim ≤ {MOST_COST}:"
        f" {'within' if good else 'MISSED'}  control {control}"
    )
    print(f"  {'':7} at defaults: wall {walls}, width {widths}")
    return good


if __name__ == "__main__":
    sys.exit(main())
