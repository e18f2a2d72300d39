"""Course: one case on its way through the pairs, to its decision."""

from __future__ import annotations

import dataclasses
import math
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paceline.engine.paired.pair import CRASHED
from paceline.guard.outcome import Counted, Outcome, State
from paceline.guard.paired import confirm, confirming_pairs, decide
from paceline.model import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.engine.paired.pair import Failure, Seen
    from paceline.guard.paired import Decision, Terms
    from paceline.model import Case
    from paceline.stats.paired import Spread

__all__ = ["Course"]

_RETRIES = 3  # pairs in a row that may be disturbed before a case is called unsure
_COUNTS = 0.01  # relative change of a count that is worth an explanation
_FLAGGED = frozenset({Kind.REGRESSED, Kind.IMPROVED})


@dataclass(slots=True)
class Course:
    """What is known of one case so far; fields as in `Outcome`, base and head by pair.

    ``reference`` is the log ratio that is judged against: 0 for "as before".
    """

    case: Case
    reference: float = 0.0
    state: State = State.OPEN
    decision: Decision | None = None
    pairs: list[float] = field(default_factory=list)
    confirmation: list[float] = field(default_factory=list)
    bases: list[float] = field(default_factory=list)
    heads: list[float] = field(default_factory=list)
    seconds: float = 0.0
    discarded: int = 0
    why: str = ""
    notes: dict[str, None] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    counted: Counted | None = None
    _wanted: int = 0  # pairs of the confirmation
    _disturbed: int = 0  # pairs in a row

    @property
    def undecided(self) -> bool:
        """Whether more pairs are wanted."""
        return self.state in {State.OPEN, State.CONFIRMING}

    @property
    def moved(self) -> bool:
        """Whether its time or its count changed, so that people ask why."""
        flagged = self.decision is not None and self.decision.kind in _FLAGGED
        return flagged or (self.counted is not None and abs(self.counted.ratio - 1) > _COUNTS)

    def take(self, seen: Seen) -> None:
        """Add what a pair saw; a disturbed figure is counted and left out.

        What is decided may be measured once more, beside a case of the same call that is not.
        """
        if not self.undecided:
            return
        self.seconds += seen.seconds
        self.bases.append(seen.base)
        self.heads.append(seen.head)
        if seen.observers:
            self.why = f"{' and '.join(seen.observers)} watched the code"
        if not seen.level:
            self.notes["still warming up in some pairs"] = None
        if seen.disturbed:
            self.discarded += 1
            self._disturbed += 1
            if self._disturbed >= _RETRIES:
                self.why = f"the host took the processor away in {_RETRIES} pairs in a row"
            return
        self._disturbed = 0
        confirming = self.state is State.CONFIRMING
        (self.confirmation if confirming else self.pairs).append(seen.log_ratio)

    def fail(self, failure: Failure) -> None:
        """End: a test that fails is said, never dropped, and what it measured doesn't count."""
        missing = failure.outcome in {"skipped", "idle"}
        self.state = State.SKIPPED if missing and not self.failing else State.FAILED
        said = f"{failure.outcome} on the {failure.side}: {failure.why}"
        self.why = "; ".join(word for word in (self.why, said) if word)
        if failure.outcome in {"failed", CRASHED}:
            self.failing = (*self.failing, failure.side)

    def judge(
        self,
        terms: Terms,
        *,
        spread: Spread | None = None,
        exactly: int = 0,
        last: bool = False,
        doubt: str = "",
    ) -> None:
        """Decide if the pairs so far allow it; ``exactly`` waits for that many.

        ``spread`` is what the suite knows of it; ``last`` says that there will be no more pairs;
        ``doubt`` is why nothing here can be trusted.
        """
        reason = doubt or self.why
        last = last or bool(reason)
        if exactly and len(self.pairs) < exactly and not last:
            return
        if not self.pairs:
            if last:
                self.state, self.why = State.DECIDED, reason or "no pair could be taken"
            return
        if self.state is State.OPEN:
            self._first(terms, spread, last=last or bool(exactly), confirms=not exactly)
        elif self.decision is not None:
            self._again(self.decision, terms, last=last)
        if reason and self.decision is not None:
            self.decision = dataclasses.replace(self.decision, kind=Kind.UNSURE, because=reason)
            self.state = State.DECIDED

    def _first(self, terms: Terms, spread: Spread | None, *, last: bool, confirms: bool) -> None:
        self.decision = decide(self._shifted(self.pairs), terms, last=last, spread=spread)
        flagged = self.decision.kind in _FLAGGED
        if flagged and self.decision.settled and confirms and not last:
            shifted = self._shifted(self.pairs)
            self._wanted = confirming_pairs(terms, self.decision, shifted, spread=spread)
            self.state = State.CONFIRMING
        elif self.decision.settled or last:
            self.state = State.DECIDED

    def _again(self, first: Decision, terms: Terms, *, last: bool) -> None:
        if len(self.confirmation) >= self._wanted:
            self.decision = confirm(first, self._shifted(self.confirmation), terms)
            self.state = State.DECIDED
        elif last:
            left = self._wanted - len(self.confirmation)
            self.decision = dataclasses.replace(
                first,
                kind=Kind.UNSURE,
                needs=left,
                because=f"{first.because}, but not confirmed yet: {left} fresh pairs more",
            )
            self.state = State.DECIDED

    def _shifted(self, logs: Sequence[float]) -> list[float]:
        return [one - self.reference for one in logs]

    def outcome(self) -> Outcome:
        """Give what is known as a noun that travels on; ratios are head over base again."""
        return Outcome(
            case=self.case,
            state=self.state,
            decision=_scaled(self.decision, math.exp(self.reference)),
            pairs=tuple(self.pairs),
            confirmation=tuple(self.confirmation),
            base=statistics.median(self.bases or [0.0]),
            head=statistics.median(self.heads or [0.0]),
            seconds=self.seconds,
            discarded=self.discarded,
            why=self.why,
            notes=tuple(self.notes),
            failing=self.failing,
            counted=self.counted,
        )


def _scaled(decision: Decision | None, factor: float) -> Decision | None:
    if decision is None:
        return None
    ratio, shown = (
        dataclasses.replace(
            one, point=one.point * factor, low=one.low * factor, high=one.high * factor
        )
        for one in (decision.ratio, decision.shown)
    )
    return dataclasses.replace(decision, ratio=ratio, shown=shown)
