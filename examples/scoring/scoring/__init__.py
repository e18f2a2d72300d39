"""Scores card transactions for risk: plainly, faster, from a cache, in batches, in parallel."""

from __future__ import annotations

from scoring.batch import ParallelScorer, score_batch
from scoring.cache import CacheFigures, ScoreCache
from scoring.data import make_transaction, make_transactions
from scoring.fast import fast_risk
from scoring.model import InvalidTransactionError, Transaction
from scoring.score import Scorer, canonical_json, risk

__all__ = [
    "CacheFigures",
    "InvalidTransactionError",
    "ParallelScorer",
    "ScoreCache",
    "Scorer",
    "Transaction",
    "canonical_json",
    "fast_risk",
    "make_transaction",
    "make_transactions",
    "risk",
    "score_batch",
]
