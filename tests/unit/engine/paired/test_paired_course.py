from __future__ import annotations

import pytest

from paceline.engine.paired.course import Course
from paceline.engine.paired.pair import Failure, Seen
from paceline.guard.outcome import State
from paceline.guard.paired import Terms
from paceline.model import Case, Kind

TERMS = Terms(0.015)


def seen(log_ratio: float = 0.0, **facts: object) -> Seen:
    usual = {"case": "t", "base": 1e-6, "head": 1e-6, "seconds": 0.1, "level": True, "stolen": 0.0}
    return Seen(log_ratio=log_ratio, **{**usual, **facts})  # type: ignore[arg-type]


def course(*figures: Seen) -> Course:
    found = Course(Case("t"))
    for one in figures:
        found.take(one)
    return found


def test_a_disturbed_figure_is_counted_and_left_out() -> None:
    found = course(seen(0.5, stolen=0.2), seen(0.01))
    assert (found.pairs, found.discarded) == ([0.01], 1)


def test_a_processor_that_is_taken_away_again_and_again_leaves_it_unsure() -> None:
    found = course(seen(0.0), *[seen(0.5, stolen=0.2)] * 3)
    found.judge(TERMS)
    assert found.decision
    assert found.decision.kind is Kind.UNSURE
    assert "host" in found.decision.because


def test_code_that_is_watched_is_unsure_at_once() -> None:
    found = course(seen(0.1, observers=("coverage",)))
    found.judge(TERMS)
    assert found.state is State.DECIDED
    assert found.decision
    assert found.decision.because == "coverage watched the code"


def test_nothing_is_added_to_what_is_decided() -> None:
    found = course(*[seen(0.0)] * 4)
    found.judge(TERMS, last=True)
    found.take(seen(1.0))
    assert len(found.pairs) == 4


def test_confirming_takes_only_fresh_pairs() -> None:
    found = course(*[seen(0.1 + step / 1000) for step in range(16)])
    found.judge(TERMS)
    assert found.state is State.CONFIRMING
    while found.undecided:
        found.take(seen(0.0 + len(found.confirmation) / 1e5))
        found.judge(TERMS)
    assert found.decision
    assert found.decision.kind is not Kind.REGRESSED


@pytest.mark.parametrize("cut", [0, 1])
def test_a_confirmation_that_was_cut_off_says_nothing_final(cut: int) -> None:
    found = course(*[seen(0.1 + step / 1000) for step in range(16)])
    found.judge(TERMS)
    for _ in range(cut):
        found.take(seen(0.1))
    found.judge(TERMS, last=True)
    assert found.decision
    assert found.decision.kind is Kind.UNSURE


def test_a_test_that_fails_on_both_sides_names_both() -> None:
    found = course(seen())
    found.fail(Failure("t", "base", "failed", "boom"))
    found.fail(Failure("t", "head", "failed", "boom"))
    assert found.failing == ("base", "head")
    assert found.why == "failed on the base: boom; failed on the head: boom"


def test_pairs_in_which_it_still_got_faster_are_noted() -> None:
    assert course(seen(level=False)).outcome().notes == ("still warming up in some pairs",)


def test_a_case_without_a_single_good_pair_is_unsure() -> None:
    found = course(seen(stolen=0.5))
    found.judge(TERMS, last=True)
    assert (found.state, found.decision) == (State.DECIDED, None)
    assert found.why == "no pair could be taken"


def test_typical_times_are_medians_over_pairs() -> None:
    found = course(*(seen(base=base, head=2 * base) for base in (1e-6, 9e-6, 2e-6))).outcome()
    assert (found.base, found.head) == (2e-6, 4e-6)
