"""A bounded memory of scores, for traffic in which transactions come again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from scoring.score import Scorer, risk

if TYPE_CHECKING:
    from scoring.model import Transaction

__all__ = ["CacheFigures", "ScoreCache"]


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """Counts what a cache answered itself (hits), had to score (misses), holds and may hold."""

    hits: int
    misses: int
    size: int
    limit: int

    @property
    def hit_ratio(self) -> float:
        """Give the share of questions that were hits, 0 to 1; 0 before the first question."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0


class ScoreCache:
    """Remembers the scores of the ``limit`` transactions asked for most recently.

    Call it like a scorer. Equal transactions share one entry; an error is not remembered.
    Raises ValueError when ``limit`` is below 1.
    """

    def __init__(self, scorer: Scorer = risk, *, limit: int = 10_000) -> None:
        if limit < 1:
            raise ValueError(f"a cache's limit must be at least 1: {limit}")
        self._limit = limit
        self._remembered = lru_cache(maxsize=limit)(scorer)

    def __call__(self, transaction: Transaction) -> float:
        """Give the transaction's score, 0 to 1, from memory if it is there."""
        return self._remembered(transaction)

    @property
    def figures(self) -> CacheFigures:
        """Count hits and misses since the start or the last ``clear``."""
        info = self._remembered.cache_info()
        return CacheFigures(info.hits, info.misses, info.currsize, self._limit)

    def clear(self) -> None:
        """Forget every score and set the counts to 0."""
        self._remembered.cache_clear()
