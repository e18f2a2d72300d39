"""Replay the gate's decisions on recorded process pairs: no timing, only statistics.

A recording holds pairs of the same suite that followed each other. A replayed suite draws blocks of
consecutive pairs (Künsch, 1989, 10.1214/aos/1176347265), the same ones for all cases, so that what
slowed the machine then slows all of them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator  # noqa: TC003  (a dataclass reads it)
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paceline.guard.paired import confirm, confirming_pairs, decide
from paceline.model import Kind
from paceline.stats.paired_spread import suite_spread

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

    from paceline.guard.paired import Decision, Terms
    from paceline.stats.paired import Spread

__all__ = ["Recording", "Replayed", "read_recording", "recording_of", "replayed"]

BLOCK = 4
_FLAGGED = frozenset({Kind.REGRESSED, Kind.IMPROVED})


@dataclass(frozen=True)
class Recording:
    """Log ratios by suite, case and pair, for each number of units on the head."""

    cases: tuple[str, ...]
    suites: dict[int, list[list[list[float]]]]


@dataclass
class Replayed:
    """One case on its way: its log ratios, what the gate said of it, how many pairs it took."""

    logs: Iterator[float]
    taken: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    flagged: Decision | None = None
    wanted: int = 0
    kind: Kind | None = None

    @property
    def pairs(self) -> int:
        """Count the pairs of both stages."""
        return len(self.taken) + len(self.fresh)

    def step(self) -> None:
        """Take one more pair."""
        (self.fresh if self.flagged else self.taken).append(next(self.logs))

    def judge(self, terms: Terms, spread: Spread | None) -> None:
        """Decide as `paceline ab` does: look by look, and what is flagged again in fresh pairs."""
        if self.flagged is not None:
            if len(self.fresh) >= self.wanted:
                self.kind = confirm(self.flagged, self.fresh, terms).kind
            return
        decision = decide(self.taken, terms, spread=spread)
        if decision.settled and decision.kind in _FLAGGED:
            self.flagged = decision
            self.wanted = confirming_pairs(terms, decision, self.taken, spread=spread)
        elif decision.settled:
            self.kind = decision.kind


def recording_of(data: dict[str, Any]) -> Recording:
    """Take a recording from its JSON."""
    if (data["schema"], data["version"]) != ("paceline-gate", 1):
        raise ValueError(f"no recording of a gate: {data['schema']!r}")
    suites: dict[int, list[list[list[float]]]] = {}
    for suite in data["suites"]:
        logs = [[log / data["fine"] for log in case] for case in suite["pairs"]]
        suites.setdefault(suite["units"], []).append(logs)
    return Recording(tuple(data["cases"]), suites)


def read_recording(file: Path) -> Recording:
    """Read a recording from its file."""
    return recording_of(json.loads(file.read_text(encoding="utf-8")))


def replayed(  # noqa: PLR0913  (keyword-only, each is one part of the replay)
    recording: Recording,
    units: int,
    terms: Terms,
    *,
    suites: int,
    source: random.Random,
    lends: bool = False,
) -> list[dict[str, Replayed]]:
    """Replay that many suites of the recorded ones with this many units on the head.

    ``lends`` lets each case borrow what the suite knows about spread.
    """
    recorded = recording.suites[units]
    found = []
    for _ in range(suites):
        seed = source.getrandbits(64)
        streams = (
            _stream(recorded, place, type(source)(seed)) for place in range(len(recording.cases))
        )
        suite = [Replayed(stream) for stream in streams]
        while undecided := [one for one in suite if one.kind is None]:
            for one in undecided:
                one.step()
            spread = suite_spread([one.taken for one in suite]) if lends else None
            for one in undecided:
                one.judge(terms, spread)
        found.append(dict(zip(recording.cases, suite, strict=True)))
    return found


def _stream(
    recorded: Sequence[Sequence[Sequence[float]]], place: int, source: random.Random
) -> Iterator[float]:
    """Give one case's log ratios without end, in blocks that a seed chooses for all cases alike."""
    while True:
        logs = recorded[source.randrange(len(recorded))][place]
        start = source.randrange(max(len(logs) - BLOCK + 1, 1))
        yield from logs[start : start + BLOCK]
