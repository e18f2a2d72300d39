from __future__ import annotations

import math
from dataclasses import replace

import pytest

from paceline.guard.outcome import Counted, Outcome, State, failing, held_to, status_of, verdicts_of
from paceline.guard.paired import Decision, Terms, decide
from paceline.model import Case, Direction, Kind

SLOWER, SAME, UNSURE = 0.1, 0.0, None


def decision(shift: float | None) -> Decision:
    centre, spread = (0.01, 0.2) if shift is None else (shift, 1e-5)
    logs = [centre + spread * (-1) ** step for step in range(24)]
    return decide(logs, Terms(0.015), last=True)


def outcome(shift: float | None = SAME, **facts: object) -> Outcome:
    found = Outcome(Case("t"), State.DECIDED, decision(shift), base=1e-6, head=2e-6)
    return replace(found, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcomes", "strict", "status"),
    [
        ([outcome()], True, 0),
        ([outcome(SLOWER)], False, 11),
        ([outcome(UNSURE)], False, 0),
        ([outcome(UNSURE)], True, 12),
        ([outcome(SLOWER), outcome(state=State.FAILED, failing=("head",))], False, 1),
        ([outcome(state=State.FAILED, failing=("base", "head"))], False, 0),
    ],
)
def test_the_exit_status_follows(outcomes: list[Outcome], status: int, *, strict: bool) -> None:
    verdicts = verdicts_of(outcomes, subject="ab main")
    assert status_of(outcomes, verdicts, strict=strict) == status


def test_a_verdict_holds_the_change_of_the_head_over_the_base() -> None:
    (found,) = verdicts_of([outcome(SLOWER)], subject="ab main")
    assert (found.kind, found.subject, found.direction) == (
        Kind.REGRESSED, "ab main", Direction.MAX,
    )  # fmt: skip
    assert found.change
    assert found.change.significant
    assert (found.change.base.point, found.change.head.point) == (1e-6, 2e-6)


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        (State.NEW, [Kind.NEW]),
        (State.DECIDED, [Kind.UNSURE]),
        (State.GONE, []),
        (State.SKIPPED, []),
    ],
)
def test_what_was_not_decided_has_the_verdict_of_its_state(state: State, kinds: list[Kind]) -> None:
    found = verdicts_of([outcome(decision=None, state=state, why="stolen")], subject="ab")
    assert [one.kind for one in found] == kinds


@pytest.mark.parametrize(
    ("shift", "kind"), [(0.3, Kind.OVER_BUDGET), (-0.3, Kind.OK), (SAME, Kind.OK)]
)
def test_a_claim_holds_unless_the_ratio_lies_clearly_above_it(shift: float, kind: Kind) -> None:
    held = held_to(outcome(shift), 0.5)
    assert held.decision
    assert (held.decision.kind, held.limit) == (kind, 0.5)
    assert "of at most 0.5x" in held.decision.because


@pytest.mark.parametrize("found", [outcome(UNSURE), outcome(decision=None)])
def test_a_claim_about_what_is_unsure_stays_unsure(found: Outcome) -> None:
    assert held_to(found, 0.5) == replace(found, limit=0.5)


def test_only_what_the_head_broke_counts_as_failing() -> None:
    assert failing([outcome(failing=("head",))])
    assert not failing([outcome(failing=("base",)), outcome(failing=("base", "head"))])


@pytest.mark.parametrize(
    ("base", "head", "ratio", "spread"),
    [
        ((100.0, 102.0), (101.0, 101.0), 1.01, 0.02),
        ((0.0,), (0.0,), 1.0, 0.0),
        ((0.0,), (5.0,), math.inf, 0.0),
    ],
)
def test_the_smallest_counts_stand_for_their_sides(
    base: tuple[float, ...], head: tuple[float, ...], ratio: float, spread: float
) -> None:
    found = Counted("instructions", "caches", base, head)
    assert (found.ratio, found.spread) == pytest.approx((ratio, spread))
