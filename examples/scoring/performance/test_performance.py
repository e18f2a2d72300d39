"""What this service promises about its speed; the budgets stand in pyproject.toml."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import pytest

from scoring import (
    ParallelScorer,
    ScoreCache,
    fast_risk,
    make_transaction,
    make_transactions,
    risk,
    score_batch,
)

SIZES = [10, 100, 1_000, 10_000]
USABLE_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

# A busy machine stretches long rounds on the wall clock more than short ones.
PROCESSOR_TIME = pytest.mark.benchmark(timer="time.process_time")


def yardstick() -> bytes:
    """Do a fixed amount of the same kind of work: budgets against it hold on any machine."""
    facts = dict.fromkeys("abcdefg", 12345)
    state = b""
    for _ in range(100):
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
        state = hashlib.sha256(text.encode() + state).digest()
    return state


def score_fast(transactions: Any) -> tuple[float, ...]:
    return score_batch(transactions, fast_risk)


def test_single_item_work(benchmark: Any) -> None:
    transaction = make_transaction(7)
    benchmark.compare({"yardstick": yardstick, "score": lambda: risk(transaction)})


@pytest.mark.benchmark(group="one transaction", memory=True)
def test_single_item(benchmark: Any) -> None:
    score = benchmark(risk, make_transaction(7))
    assert 0 <= score <= 1
    assert benchmark.stats.mean < 0.1


@pytest.mark.benchmark(group="one transaction")
def test_single_item_optimised(benchmark: Any) -> None:
    assert benchmark(fast_risk, make_transaction(7)) == risk(make_transaction(7))


@pytest.mark.benchmark(group="batch", items=100)
def test_batch(benchmark: Any) -> None:
    result = benchmark.measure(score_batch, make_transactions(100))
    assert len(result.value) == 100
    assert result.throughput >= 10


@pytest.mark.benchmark(memory=True, max_time=0.5)
@pytest.mark.budget(max_kb=5120, description="A thousand cached scores")
def test_a_thousand_cached_scores_stay_small(benchmark: Any) -> None:
    transactions = make_transactions(1_000)

    def fill() -> ScoreCache:
        cache = ScoreCache(fast_risk)
        score_batch(transactions, cache)
        return cache

    assert benchmark(fill).figures.size == 1_000


def test_cached_is_ten_times_as_fast(benchmark: Any) -> None:
    transaction = make_transaction(7)
    cache = ScoreCache()
    cache(transaction)
    both = benchmark.compare(
        {"uncached": lambda: risk(transaction), "cached": lambda: cache(transaction)},
        same_result=True,
    )
    assert both.speedup("cached", over="uncached").low >= 10


def test_optimised_is_about_ten_times_as_fast(benchmark: Any) -> None:
    transaction = make_transaction(7)
    both = benchmark.compare(
        {"naive": lambda: risk(transaction), "optimised": lambda: fast_risk(transaction)},
        same_result=True,
    )
    assert both.speedup("optimised", over="naive").low >= 7


@PROCESSOR_TIME
def test_cost_grows_linearly_or_better(benchmark: Any) -> None:
    growth = benchmark.scaling(SIZES, make=make_transactions, function=score_fast)
    assert growth.linear_or_better, str(growth)


@PROCESSOR_TIME
def test_an_item_costs_the_same_in_every_batch(benchmark: Any) -> None:
    growth = benchmark.scaling(SIZES, make=make_transactions, function=score_fast)
    assert 0.5 <= growth.per_item_ratio <= 1.5, str(growth)


@pytest.mark.skipif((USABLE_CORES or 1) < 2, reason="parallel scoring needs two cores")
def test_sequential_against_parallel(benchmark: Any) -> None:
    """Report what two processes make of it, start-up apart; no factor is promised."""
    transactions = make_transactions(1_000)
    with ParallelScorer() as parallel:
        both = benchmark.compare(
            {
                "sequential": lambda: score_batch(transactions),
                "parallel": lambda: parallel.score(transactions),
            },
            same_result=True,
        )
        benchmark.extra_info["startup_seconds"] = parallel.startup
    speedup = both.speedup("parallel", over="sequential")
    benchmark.extra_info["speedup"] = [speedup.low, speedup.point, speedup.high]
