"""The tables of verdicts against the truth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.stats.distribution import clopper_pearson_upper
from paceline.stats.summary import quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Run", "show", "wrong"]

LEVEL = 0.95
HEADS = (
    "", "leaks found", "cases", "at least", "false alarms", "cases", "at most",
    "fillings right", "unsure", "broken", "median", "p90",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """What one process said of one case, and the seconds that it took."""

    tool: str
    python: str
    case: str
    kind: str
    seed: int
    verdict: str
    because: str
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the verdict agrees with the truth; UNSURE is no alarm, and finds nothing."""
        if self.verdict == "BROKEN":
            return False
        return (self.verdict == "LEAK") == (self.kind == "leak")


def wrong(runs: Sequence[Run]) -> list[Run]:
    """Give the runs whose verdict is wrong, by case."""
    return sorted((run for run in runs if not run.right), key=lambda run: (run.kind, run.case))


def show(runs: Sequence[Run]) -> None:
    """Print a row for each tool on each interpreter, then what we got wrong."""
    groups: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[f"{run.tool} ({run.python})"].append(run)
    ours = [run for run in runs if run.tool == "paceline"]
    if len({run.python for run in ours}) > 1:
        groups["paceline, all"] = ours
    lines = [HEADS, *(_row(name, groups[name]) for name in sorted(groups))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    for line in lines:
        first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        print(line[0].ljust(len(first)), *others, sep="  ")
    _show_wrong(ours)


def _row(name: str, runs: Sequence[Run]) -> tuple[str, ...]:
    leaks = [run for run in runs if run.kind == "leak"]
    harmless = [run for run in runs if run.kind == "harmless"]
    fillings = [run for run in runs if run.kind == "filling"]
    seconds = sorted(run.seconds for run in runs)
    return (
        name,
        *_rate(leaks, found=True),
        *_rate(harmless, found=False),
        f"{sum(run.right for run in fillings)}/{len(fillings)}",
        str(sum(run.verdict == "UNSURE" for run in runs)),
        str(sum(run.verdict == "BROKEN" for run in runs)),
        f"{quantile(seconds, 0.5):.2f} s",
        f"{quantile(seconds, 0.9):.2f} s",
    )


def _rate(runs: Sequence[Run], *, found: bool) -> tuple[str, str, str]:
    """Give runs that said leak, cases that did in all runs or in any, and the bound of these."""
    said = sum(run.verdict == "LEAK" for run in runs)
    by_case: dict[str, list[bool]] = defaultdict(list)
    for run in runs:
        by_case[run.case].append(run.verdict == "LEAK")
    if not by_case:
        return "–", "–", "–"
    cases = sum(all(one) if found else any(one) for one in by_case.values())
    failed = len(by_case) - cases if found else cases
    bound = clopper_pearson_upper(failed, len(by_case), LEVEL)
    at = 1 - bound if found else bound
    return f"{said}/{len(runs)}", f"{cases}/{len(by_case)}", f"{at:.1%}"


def _show_wrong(ours: Sequence[Run]) -> None:
    for run in wrong(ours):
        missed = "missed" if run.kind == "leak" else "false alarm"
        what = "broken" if run.verdict == "BROKEN" else missed
        print(f"{what}: {run.case} seed {run.seed} {run.python}: {run.verdict}, {run.because}")
