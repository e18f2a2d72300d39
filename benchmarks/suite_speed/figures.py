"""The numbers of benchmarks/suite_speed.py: outcomes, bounds, ratios over rounds, verdicts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paceline.stats.ratio import paired_ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.model import Estimate

__all__ = [
    "CLAIMS",
    "Claim",
    "Ran",
    "Round",
    "best_mode",
    "counted",
    "differences",
    "longest",
    "over",
    "same",
]

WORKERS = 2
WAITING = 1.15  # wall over processor time from which on a suite counts as one that waits
_ENOUGH = 0.9  # the level below which an interval decides nothing
_LAST = re.compile(r"^=* ?(\d+ .*|no tests ran) in [\d.]+s(?: \([\d:]+\))? ?=*$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) (passed|failed|error|skipped|xfailed|xpassed)")
_DURATION = re.compile(r"^([\d.]+)s (?:setup|call|teardown) +(\S.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ran:
    """One command: its wall and the processor time of all its processes, in seconds.

    ``status`` is None where it had to be stopped; ``longest`` are the seconds of the longest test,
    0 where the command was not asked for them.
    """

    wall: float
    cpu: float
    status: int | None
    outcomes: dict[str, int] = field(default_factory=dict)
    longest: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """All commands side by side in time, and the share of the processors that others took."""

    plain: Ran
    collection: Ran
    ours: Ran
    xdist: Ran | None
    foreign: float

    @property
    def bound(self) -> float:
        """The least seconds on two processors: work shared out evenly, or the longest test."""
        work = max(0.0, self.plain.cpu - self.collection.cpu)
        return max(work / WORKERS + self.collection.wall, self.plain.longest)

    @property
    def waiting_bound(self) -> float:
        """The least seconds with two tests at a time, where waiting keeps a worker busy as well."""
        work = max(0.0, self.plain.wall - self.collection.wall)
        return max(work / WORKERS + self.collection.wall, self.plain.longest)

    @property
    def waits(self) -> bool:
        """Tell whether the suite waits so much that processor time says little."""
        return self.plain.wall > WAITING * self.plain.cpu


@dataclass(frozen=True, slots=True)
class Claim:
    """What a ratio may be at most, with 95 % confidence."""

    what: str
    limit: float

    def verdict(self, found: Estimate) -> str:
        """Say kept, MISSED or unsure: unsure where the interval holds the limit."""
        if found.level < _ENOUGH:
            return "unsure"
        if found.high <= self.limit:
            return "kept"
        return "MISSED" if found.low > self.limit else "unsure"


CLAIMS = {
    "bound": Claim("wall over the bound", 1.10),
    "xdist": Claim("wall over xdist's best mode", 1.02),
    "cpu": Claim("processor time over serial", 1.10),
    "trivial": Claim("5,000 trivial tests, wall over xdist's", 0.5),
}


def counted(text: str) -> dict[str, int]:
    """Read the outcomes from pytest's last line, without warnings and deselected tests."""
    lines = _LAST.findall(text)
    return {what: int(count) for count, what in _COUNT.findall(lines[-1])} if lines else {}


def longest(text: str) -> float:
    """Read the seconds of the longest test, its phases added up, from ``--durations``."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for shown, test in _DURATION.findall(text):
        seconds[test] += float(shown)
    return max(seconds.values(), default=0.0)


def same(one: Ran, other: Ran) -> bool:
    """Tell whether two commands ended alike."""
    return one.status == other.status and one.outcomes == other.outcomes


def best_mode(plain: Ran, modes: dict[str, Ran]) -> tuple[str | None, dict[str, str]]:
    """Choose xdist's fastest mode and say what is wrong with the others.

    A mode that ends as the serial run does comes before any that doesn't; None where all hang.
    """
    broken = {}
    for mode, ran in modes.items():
        if ran.status is None:
            broken[mode] = "hangs"
        elif not same(ran, plain):
            told = ", ".join(f"{count} {what}" for what, count in ran.outcomes.items())
            broken[mode] = told or f"status {ran.status}"
    ended = [mode for mode, ran in modes.items() if ran.status is not None]
    ordered = sorted(ended, key=lambda mode: (mode in broken, modes[mode].wall))
    return (ordered[0] if ordered else None), broken


def over(rounds: Sequence[Round]) -> dict[str, Estimate]:
    """Give our wall over plain, over xdist's and over both bounds, and our processor time."""
    walls = [one.ours.wall for one in rounds]
    bases = {
        "plain": [one.plain.wall for one in rounds],
        "bound": [one.bound for one in rounds],
        "waiting bound": [one.waiting_bound for one in rounds],
    }
    beside = [(one.xdist.wall, one.ours.wall) for one in rounds if one.xdist]
    found = {name: paired_ratio(base, walls) for name, base in bases.items()}
    if len(beside) == len(rounds):
        found["xdist"] = paired_ratio([theirs for theirs, _ in beside], walls)
    serial = [one.plain.cpu for one in rounds]
    return found | {"cpu": paired_ratio(serial, [one.ours.cpu for one in rounds])}


def differences(
    serial: Iterable[tuple[str, str, str]], parallel: Iterable[tuple[str, str, str]]
) -> list[str]:
    """List what two runs don't share: node id, phase and outcome, and how often more or less."""
    there, here = Counter(serial), Counter(parallel)
    return [
        f"{'+' if here[one] > there[one] else '-'}{abs(here[one] - there[one])} {' '.join(one)}"
        for one in sorted(there | here)
        if there[one] != here[one]
    ]
