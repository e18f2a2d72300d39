import math

import pytest

from paceline.guard.paired import (
    LOOKS,
    Decision,
    Terms,
    confirm,
    confirming_pairs,
    decide,
    patient,
    terms_for,
)
from paceline.model import Kind
from paceline.stats.paired import Spread

TERMS = Terms(threshold=0.015, cases=12)
STEPS = (-1.5, -1, -0.5, 0.5, 1, 1.5)


def logs(change: float, *, count: int = 4, spread: float = 0.004) -> list[float]:
    """Give pairs that lie evenly around a relative change."""
    offsets = [spread * STEPS[(index + index // 2) % len(STEPS)] for index in range(count)]
    middle = sum(offsets) / count
    return [math.log1p(change) + offset - middle for offset in offsets]


def flagged(change: float = 0.10) -> Decision:
    return decide(logs(change), TERMS)


@pytest.mark.parametrize(
    ("change", "kind", "word"),
    [
        (0.10, Kind.REGRESSED, "slower by more than noise and 1.5 %"),
        (-0.10, Kind.IMPROVED, "faster by more than noise and 1.5 %"),
        (0.0, Kind.OK, "within 1.5 %"),
    ],
)
def test_clear_cases_are_settled_at_the_first_look(change: float, kind: Kind, word: str) -> None:
    found = decide(logs(change), TERMS)
    assert (found.kind, found.settled, found.needs) == (kind, True, 0)
    assert found.because == word
    assert found.ratio.point == pytest.approx(1 + change)


def test_a_case_is_settled_at_looks_only() -> None:
    before, between = (decide(logs(0.1, count=count), TERMS) for count in (3, 17))
    assert before.kind is between.kind is Kind.UNSURE
    assert not before.settled
    assert not between.settled


def test_significant_and_relevant_are_two_things() -> None:
    small = decide(logs(0.012, count=24, spread=0.001), TERMS)
    wild = decide(logs(0.05, spread=0.05), TERMS)
    assert (small.significant, small.relevant, small.kind) == (True, False, Kind.OK)
    assert (wild.significant, wild.relevant, wild.kind) == (False, True, Kind.UNSURE)


def test_the_last_look_settles_everything() -> None:
    found = decide(logs(0.012, count=24, spread=0.02), TERMS)
    assert (found.kind, found.settled) == (Kind.UNSURE, True)


def test_what_is_unsure_says_how_many_pairs_would_tell() -> None:
    calm, wild = (decide(logs(0.005, spread=spread), TERMS) for spread in (0.01, 0.02))
    assert 0 < calm.needs < wild.needs
    assert wild.because == f"can't rule out 1.5 %; about {wild.needs} more pairs would tell"


def test_as_many_pairs_as_said_do_tell() -> None:
    found = decide(logs(0.005, count=12, spread=0.02), TERMS)
    enough = decide(logs(0.005, count=12 + found.needs, spread=0.02), TERMS, last=True)
    assert (found.kind, enough.kind) == (Kind.UNSURE, Kind.OK)


def test_one_more_pair_is_one() -> None:
    found = decide(logs(0.0, count=11, spread=0.02), TERMS)
    assert found.because == "can't rule out 1.5 %; about 1 more pair would tell"


def test_a_change_at_the_threshold_is_beyond_help() -> None:
    found = decide(logs(0.0149, spread=0.02), TERMS)
    assert (found.needs, found.because) == (0, "can't rule out 1.5 %; more pairs won't tell")


def test_noise_that_looks_like_a_change_is_said() -> None:
    assert decide(logs(0.04, spread=0.03), TERMS).because.startswith("may be noise; about ")


def test_a_single_pair_is_unsure() -> None:
    found = decide([0.3], TERMS, last=True)
    assert (found.kind, found.significant, found.needs) == (Kind.UNSURE, False, 3)
    assert found.because == "a single pair has no spread"


@pytest.mark.parametrize("last", [True, False])
def test_no_pair_at_all_is_unsure(last: bool) -> None:
    found = decide([], TERMS, last=last)
    assert (found.kind, found.settled, found.ratio.level) == (Kind.UNSURE, last, 0.0)
    assert found.because == "not one pair was measured"


def test_without_confirmation_a_change_must_be_surer() -> None:
    pairs = logs(0.05, spread=0.007)
    assert decide(pairs, TERMS).kind is Kind.REGRESSED
    assert decide(pairs, TERMS, last=True).kind is Kind.UNSURE
    assert decide(logs(0.05, count=12, spread=0.007), TERMS, last=True).kind is Kind.REGRESSED


def test_what_the_suite_knows_settles_sooner_but_never_at_the_last() -> None:
    pairs, known = logs(0.0, spread=0.012), Spread(0.006**2, 12.0)
    assert decide(pairs, TERMS).kind is Kind.UNSURE
    assert decide(pairs, TERMS, spread=known).kind is Kind.OK
    slow = logs(0.05, spread=0.007)
    assert decide(slow, TERMS, last=True, spread=known).kind is Kind.UNSURE


@pytest.mark.parametrize("change", [0.10, -0.10])
def test_a_change_that_shows_twice_is_said(change: float) -> None:
    first = flagged(change)
    found = confirm(first, logs(change * 0.9, count=16), TERMS)
    assert found.kind is first.kind
    assert (found.significant, found.relevant, found.settled) == (True, True, True)
    assert found.because.endswith(" twice: when flagged, and in 16 fresh pairs")


def test_a_confirmed_ratio_is_that_of_the_fresh_pairs_within_both_intervals() -> None:
    first = flagged()
    found = confirm(first, logs(0.09, count=16), TERMS)
    assert found.ratio.point == found.shown.point == pytest.approx(1.09)
    assert found.ratio.low == first.ratio.low
    assert found.ratio.level > 1 - TERMS.error / TERMS.cases
    assert found.shown.level == 0.95


def test_a_change_that_does_not_show_again_is_equivalent() -> None:
    found = confirm(flagged(), logs(0.0, count=16), TERMS)
    assert (found.kind, found.because) == (Kind.OK, "within 1.5 % in 16 fresh pairs")


@pytest.mark.parametrize("change", [0.012, -0.10])
def test_a_change_that_shows_otherwise_is_unsure(change: float) -> None:
    found = confirm(flagged(), logs(change, count=16, spread=0.02), TERMS)
    assert found.kind is Kind.UNSURE
    assert found.because == "slower when flagged, but not surely in 16 fresh pairs"


def test_a_change_that_turns_round_is_not_significant() -> None:
    found = confirm(flagged(0.10), logs(-0.10, count=16), TERMS)
    assert (found.kind, found.significant) == (Kind.UNSURE, False)


@pytest.mark.parametrize("count", [0, 1])
def test_without_fresh_pairs_nothing_is_confirmed(count: int) -> None:
    found = confirm(flagged(), [0.1] * count, TERMS)
    assert (found.kind, found.significant) == (Kind.UNSURE, False)
    assert found.because == "slower, but too few fresh pairs to see it again"


def test_only_a_change_is_confirmed() -> None:
    with pytest.raises(ValueError, match="not 'ok'"):
        confirm(flagged(0.0), logs(0.0), TERMS)


def test_larger_suites_ask_more_of_a_confirmation() -> None:
    fresh = logs(0.06, count=6, spread=0.02)
    first = flagged()
    few, many = (confirm(first, fresh, Terms(0.015, cases=cases)) for cases in (1, 1000))
    assert (few.kind, many.kind) == (Kind.REGRESSED, Kind.UNSURE)


def test_a_clear_change_takes_few_fresh_pairs() -> None:
    terms = terms_for(0.01, cases=12)
    assert confirming_pairs(terms, flagged(), logs(0.10)) == 20
    assert confirming_pairs(terms, flagged(0.012), logs(0.012)) == 80


def test_a_noisy_change_takes_as_many_fresh_pairs_as_there_may_be() -> None:
    pairs = logs(0.05, spread=0.04)
    assert confirming_pairs(TERMS, decide(pairs, TERMS), pairs) == LOOKS[-1]


def test_known_spread_and_noise_set_the_fresh_pairs() -> None:
    pairs, calm = logs(0.05, spread=0.03), Spread(0.005**2, 1000.0)
    assert confirming_pairs(TERMS, decide(pairs, TERMS), pairs, spread=calm) == 20


@pytest.mark.parametrize(
    ("resolution", "most"), [(0.10, 24), (0.03, 24), (0.02, 54), (0.01, 120), (0.001, 120)]
)
def test_finer_resolutions_take_more_pairs(resolution: float, most: int) -> None:
    terms = terms_for(resolution, cases=7, error=0.05)
    assert terms.looks[-1] == most
    assert list(terms.looks) == sorted(set(terms.looks))
    assert (terms.threshold, terms.cases, terms.error) == (resolution / 2, 7, 0.05)


def test_patience_doubles_the_pairs_and_keeps_the_looks_before() -> None:
    usual = terms_for(0.03, cases=12)
    found = patient(usual)
    assert found.looks[: len(usual.looks)] == usual.looks
    assert found.looks[-1] == 2 * usual.looks[-1]
    assert (found.threshold, found.error, found.cases) == (usual.threshold, usual.error, 12)
