"""Many transactions at once: one after another, or spread over processes."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter
from typing import TYPE_CHECKING, Self

from scoring import score

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from multiprocessing.synchronize import Barrier

    from scoring.model import Transaction
    from scoring.score import Scorer

__all__ = ["ParallelScorer", "score_batch", "usable_cores"]

# Few, so that pickling stays cheap; several, so that no worker idles at the end.
CHUNKS_PER_WORKER = 4
START_LIMIT = 60.0  # seconds


def score_batch(
    transactions: Iterable[Transaction], scorer: Scorer = score.risk
) -> tuple[float, ...]:
    """Score transactions one after another in this process; scores (0 to 1) keep their order."""
    return tuple(scorer(transaction) for transaction in transactions)


def usable_cores() -> int:
    """Count the cores that this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ParallelScorer:
    """Scores batches in worker processes that it starts once and keeps until ``close``.

    ``startup`` says how many seconds passed until every worker was ready: a single batch has to
    win that back. Workers are spawned, not forked, which costs more but is safe beside threads.
    ``scorer`` must be a module's function, as workers find it by its name.
    Raises ValueError when ``workers`` is below 1.
    """

    def __init__(self, workers: int | None = None, *, scorer: Scorer = score.risk) -> None:
        self.workers = usable_cores() if workers is None else workers
        if self.workers < 1:
            raise ValueError(f"at least 1 worker is needed: {workers}")
        began = perf_counter()
        self._scorer = scorer
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(
            self.workers,
            mp_context=spawn,
            initializer=_enlist,
            initargs=(spawn.Barrier(self.workers), score.ROUNDS),
        )
        # No worker passes the barrier alone, so the pool starts one for each of these.
        for _ in self._pool.map(abs, range(self.workers)):
            pass
        self.startup = perf_counter() - began

    def score(self, transactions: Sequence[Transaction]) -> tuple[float, ...]:
        """Score a batch in chunks over the workers; scores (0 to 1) keep the batch's order.

        Raises what the scorer raised; RuntimeError after ``close``.
        """
        chunk = -(-len(transactions) // (self.workers * CHUNKS_PER_WORKER))
        return tuple(self._pool.map(self._scorer, transactions, chunksize=max(1, chunk)))

    def close(self) -> None:
        """End the workers and wait until they are gone."""
        self._pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _enlist(everyone: Barrier, rounds: int) -> None:
    # A spawned worker imports the package anew: it would miss a change made in the parent.
    score.ROUNDS = rounds
    everyone.wait(START_LIMIT)
