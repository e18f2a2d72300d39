"""Outcome: what a paired comparison came to, case by case, and the exit status that it earns."""

from __future__ import annotations

import dataclasses
import enum
import math
import typing
from dataclasses import dataclass, field

from paceline.guard.gate import ExitStatus, exit_status
from paceline.model import METRICS, Case, Change, Direction, Estimate, Kind, Verdict

if typing.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paceline.guard.paired import Decision
    from paceline.stats.profile import Profile

__all__ = [
    "Compared",
    "Counted",
    "Outcome",
    "State",
    "failing",
    "held_to",
    "status_of",
    "verdicts_of",
]

FAILED = 1
"""pytest's own status for tests that failed."""


class State(enum.Enum):
    """Where a case stands."""

    OPEN = "open"
    CONFIRMING = "confirming"
    DECIDED = "decided"
    NEW = "new"
    GONE = "gone"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a case: per call, in processes of ``base`` and of ``head``.

    ``counter`` names what was counted, ``blind_to`` what it doesn't see. The smallest count of a
    side stands for it.
    """

    counter: str
    blind_to: str
    base: tuple[float, ...]
    head: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Head over base; 1 where nothing was counted on either side."""
        base, head = min(self.base), min(self.head)
        if not base:
            return 1.0 if not head else math.inf
        return head / base

    @property
    def spread(self) -> float:
        """The larger of both sides' relative spreads over processes."""
        return max((max(side) - min(side)) / (min(side) or 1.0) for side in (self.base, self.head))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case.

    ``pairs`` and ``confirmation`` are natural logs of head over base, one for each process pair;
    ``base`` and ``head`` are typical seconds per call in these processes; ``seconds`` is what
    measuring took; ``discarded`` counts pairs that were disturbed; ``failing`` names the sides on
    which the test failed; ``limit`` is the ratio of head to base that was claimed, 0 for none;
    ``counted`` is what its calls take in instructions, where that was asked for.
    """

    case: Case
    state: State
    decision: Decision | None = None
    pairs: tuple[float, ...] = ()
    confirmation: tuple[float, ...] = ()
    base: float = 0.0
    head: float = 0.0
    seconds: float = 0.0
    discarded: int = 0
    why: str = ""
    notes: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    limit: float = 0.0
    counted: Counted | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of every case, as collected; ``seconds`` of all, start-up included.

    ``profiles`` of base and head tell by function what changed, for the cases that did.
    """

    outcomes: tuple[Outcome, ...]
    pairs: int
    seconds: float
    pinned: bool
    notes: tuple[str, ...] = ()
    profiles: Mapping[str, tuple[Profile, Profile]] = field(default_factory=dict)


def verdicts_of(outcomes: Sequence[Outcome], *, subject: str) -> tuple[Verdict, ...]:
    """Give a verdict for each case that was decided, and for each new one."""
    judged = {State.NEW, State.DECIDED}
    return tuple(_verdict(one, subject) for one in outcomes if one.state in judged)


def held_to(outcome: Outcome, limit: float) -> Outcome:
    """Judge a claim: head takes at most ``limit`` times what base takes.

    The case was decided about that ratio: above it the claim is broken, below it or at it, within
    the threshold, it holds.
    """
    decision = outcome.decision
    if decision is None or decision.kind is Kind.UNSURE:
        return dataclasses.replace(outcome, limit=limit)
    broken = decision.kind is Kind.REGRESSED
    said = f"{decision.ratio.point:.3g}x of at most {limit:.3g}x"
    judged = dataclasses.replace(
        decision, kind=Kind.OVER_BUDGET if broken else Kind.OK, because=said
    )
    return dataclasses.replace(outcome, decision=judged, limit=limit)


def failing(outcomes: Sequence[Outcome]) -> bool:
    """Tell whether a test fails with the head's code that doesn't fail with the base's."""
    return any("head" in one.failing and "base" not in one.failing for one in outcomes)


def status_of(
    outcomes: Sequence[Outcome], verdicts: Sequence[Verdict], *, strict: bool
) -> ExitStatus | int:
    """Choose the exit status: tests that fail on the head, as pytest says it, win over verdicts."""
    return FAILED if failing(outcomes) else exit_status(verdicts, strict=strict)


def _verdict(outcome: Outcome, subject: str) -> Verdict:
    metric = METRICS["wall_time"]
    decision = outcome.decision
    if decision is None:
        new = outcome.state is State.NEW
        kind, because = (Kind.NEW, "only the head has it") if new else (Kind.UNSURE, outcome.why)
        return Verdict(outcome.case, metric, "median", kind, None, None, because, subject)
    base, head = (
        Estimate(value, value, value, 0.0, "typical of these processes")
        for value in (outcome.base, outcome.head)
    )
    return Verdict(
        case=outcome.case,
        metric=metric,
        statistic="median",
        kind=decision.kind,
        figure=head,
        limit=outcome.limit or None,
        because=decision.because,
        subject=subject,
        change=Change(base, head, decision.ratio, decision.significant, decision.relevant),
        direction=Direction.MAX,
    )
