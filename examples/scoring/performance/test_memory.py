"""What this service promises about its memory: limits, a cache that stays bounded, no leaks."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from scoring import ScoreCache, fast_risk, make_transaction, make_transactions, risk, score_batch

MB = 1024 * 1024


@pytest.mark.memory_limit("1 MB")
def test_one_score_fits_a_megabyte() -> None:
    assert 0 <= risk(make_transaction(7)) <= 1


@pytest.mark.memory_limit("5 MB", growth="1 MB")
def test_a_hundred_scores_leave_little_behind() -> None:
    assert len(score_batch(make_transactions(100), fast_risk)) == 100


def test_a_thousand_cached_scores_are_small(memory: Any) -> None:
    transactions = make_transactions(1_000)
    cache = ScoreCache(fast_risk)
    with memory("fill the cache") as block:
        score_batch(transactions, cache)
    block.assert_below(used="5 MB", peak="10 MB")


def test_the_cache_stays_bounded(leaks: Any) -> None:
    """New transactions for ever: the cache fills, and then holds what it may and no more."""
    cache = ScoreCache(fast_risk, limit=500)
    numbers = itertools.count()
    check = leaks(lambda: cache(make_transaction(next(numbers))))
    assert check.bounded, check
    assert cache.figures.size <= 500


@pytest.mark.no_leaks
def test_scoring_keeps_nothing() -> None:
    score_batch(make_transactions(10), fast_risk)


def test_a_second_batch_needs_no_more_than_the_first(leaks: Any) -> None:
    transactions = make_transactions(100)
    rounds = leaks.rounds(lambda: score_batch(transactions, fast_risk), rounds=100)
    assert (rounds.resident_growth or 0) < MB
    assert rounds.object_growth < 10
