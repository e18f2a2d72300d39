"""The score, its faster twin, the cache and both batches keep their promises."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from scoring.score import to_unit

from scoring import (
    CacheFigures,
    InvalidTransactionError,
    ParallelScorer,
    ScoreCache,
    Scorer,
    Transaction,
    canonical_json,
    fast_risk,
    make_transaction,
    make_transactions,
    risk,
    score_batch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COFFEE = Transaction("tx-1", "acc-7", "kafé", 350, "EUR", "DE", 1_700_000_000)


@pytest.fixture(scope="module")
def parallel() -> Iterator[ParallelScorer]:
    with ParallelScorer(2) as scorer:
        yield scorer


def test_canonical_json_sorts_keys_and_stays_ascii() -> None:
    assert canonical_json(COFFEE) == (
        b'{"account":"acc-7","amount_cents":350,"country":"DE","currency":"EUR",'
        b'"identifier":"tx-1","merchant":"kaf\\u00e9","timestamp":1700000000}'
    )


def test_scores_stay_within_0_and_1_and_spread_over_both_halves() -> None:
    scores = score_batch(make_transactions(2_000), fast_risk)
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert math.isclose(sum(scores) / len(scores), 0.5, abs_tol=0.03)


@pytest.mark.parametrize(("digest", "score"), [(b"\x00" * 32, 0.0), (b"\xff" * 32, 1.0)])
def test_both_ends_of_the_scale_can_be_reached(digest: bytes, score: float) -> None:
    assert to_unit(digest) == score


def test_equal_transactions_score_equally() -> None:
    assert risk(replace(COFFEE)) == risk(COFFEE)


@pytest.mark.parametrize(
    "change", [{"amount_cents": 351}, {"merchant": "kafe"}, {"timestamp": 1_700_000_001}]
)
def test_every_value_counts(change: dict[str, Any]) -> None:
    assert risk(replace(COFFEE, **change)) != risk(COFFEE)


@pytest.mark.parametrize("scorer", [risk, fast_risk])
@pytest.mark.parametrize(
    ("transaction", "score"),
    [
        (COFFEE, 0.6612442729687589),
        (make_transaction(0), 0.8309368248117308),
        (make_transaction(9_999), 0.2228948449118455),
    ],
    ids=["coffee", "first", "last"],
)
def test_scores_never_change(scorer: Scorer, transaction: Transaction, score: float) -> None:
    assert scorer(transaction) == score


def test_the_fast_scorer_equals_the_original_on_500_transactions() -> None:
    transactions = make_transactions(500)
    assert score_batch(transactions, fast_risk) == score_batch(transactions, risk)


@pytest.mark.parametrize("scorer", [risk, fast_risk])
def test_both_scorers_follow_the_number_of_rounds(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scorer(COFFEE)
    monkeypatch.setattr("scoring.score.ROUNDS", 200)
    assert scorer(COFFEE) != before


@pytest.mark.parametrize(
    "change",
    [
        {"identifier": ""},
        {"account": "  "},
        {"merchant": None},
        {"amount_cents": -1},
        {"amount_cents": 3.5},
        {"amount_cents": True},
        {"currency": "euro"},
        {"currency": "eur"},
        {"country": "D1"},
        {"country": 49},
        {"timestamp": "now"},
    ],
    ids=str,
)
def test_an_unusable_value_is_refused_by_name(change: dict[str, Any]) -> None:
    [(name, value)] = change.items()
    with pytest.raises(InvalidTransactionError, match=f"^{name} must be ") as caught:
        replace(COFFEE, **change)
    assert repr(value) in str(caught.value)


def test_a_transaction_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        COFFEE.amount_cents = 1  # type: ignore[misc]  # the refusal is the promise


@pytest.mark.parametrize("scorer", [risk, fast_risk, ScoreCache()])
def test_only_transactions_are_scored(scorer: Scorer) -> None:
    with pytest.raises(TypeError, match="not str"):
        scorer(cast("Transaction", "tx-1"))


def test_made_transactions_differ_and_longer_batches_extend_shorter_ones() -> None:
    assert len(set(make_transactions(10_000))) == 10_000
    assert make_transactions(20)[:10] == make_transactions(10)


def test_the_cache_asks_once_and_counts_hits_and_misses() -> None:
    asked: list[Transaction] = []

    def recorded(transaction: Transaction) -> float:
        asked.append(transaction)
        return 0.5

    cache = ScoreCache(recorded, limit=8)
    assert [cache(COFFEE), cache(replace(COFFEE)), cache(COFFEE)] == [0.5] * 3
    assert asked == [COFFEE]
    assert cache.figures == CacheFigures(hits=2, misses=1, size=1, limit=8)
    assert cache.figures.hit_ratio == pytest.approx(2 / 3)


def test_the_cache_forgets_the_transaction_not_asked_for_longest() -> None:
    cache = ScoreCache(fast_risk, limit=2)
    first, second, third = make_transactions(3)
    score_batch((first, second, first, third, first, second), cache)
    assert cache.figures == CacheFigures(hits=2, misses=4, size=2, limit=2)


def test_a_cached_score_equals_the_original() -> None:
    transactions = make_transactions(20)
    cache = ScoreCache()
    expected = score_batch(transactions)
    assert [score_batch(transactions, cache) for _ in range(2)] == [expected, expected]


def test_a_cleared_cache_starts_anew() -> None:
    cache = ScoreCache(limit=5)
    cache(COFFEE)
    cache.clear()
    assert cache.figures == CacheFigures(hits=0, misses=0, size=0, limit=5)
    assert cache.figures.hit_ratio == 0.0


def test_an_error_is_not_remembered() -> None:
    divisors = iter([0, 4])
    cache = ScoreCache(lambda _: 1 / next(divisors))
    with pytest.raises(ZeroDivisionError):
        cache(COFFEE)
    assert cache(COFFEE) == 0.25


def test_an_empty_batch_has_no_scores() -> None:
    assert score_batch(()) == ()


@pytest.mark.parametrize("make", [lambda: ScoreCache(limit=0), lambda: ParallelScorer(0)])
def test_a_size_below_one_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        make()


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 7, 500])
def test_parallel_equals_sequential_in_order(parallel: ParallelScorer, count: int) -> None:
    transactions = make_transactions(count)
    assert parallel.score(transactions) == score_batch(transactions)


@pytest.mark.slow
def test_start_up_is_measured_apart(parallel: ParallelScorer) -> None:
    assert parallel.startup > 0.0
    assert parallel.workers == 2


@pytest.mark.slow
def test_a_workers_error_reaches_the_caller_and_the_pool_lives_on(
    parallel: ParallelScorer,
) -> None:
    with pytest.raises(TypeError, match="not str"):
        parallel.score(cast("tuple[Transaction, ...]", ("tx-1",)))
    assert parallel.score((COFFEE,)) == (risk(COFFEE),)


@pytest.mark.slow
def test_workers_use_this_process_s_number_of_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.score.ROUNDS", 3)
    with ParallelScorer(1, scorer=fast_risk) as scorer:
        assert scorer.score((COFFEE,)) == (risk(COFFEE),)


@pytest.mark.slow
def test_a_closed_pool_says_so() -> None:
    scorer = ParallelScorer(1)
    scorer.close()
    with pytest.raises(RuntimeError, match="after shutdown"):
        scorer.score((COFFEE,))
