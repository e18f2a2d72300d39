"""The score again, about ten times faster: what stays the same in every round is done once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from scoring import score

if TYPE_CHECKING:
    from scoring.model import Transaction

__all__ = ["fast_risk"]


def fast_risk(transaction: Transaction) -> float:
    """Score a transaction from 0 to 1, equal to ``risk`` to the last bit.

    Every round's message begins with the same JSON. It is written once, and hashed once: SHA-256
    reads from front to back, so a copy of its state after the JSON is where each round begins.
    """
    after_json = hashlib.sha256(score.canonical_json(transaction)).copy
    digest = b""
    for _ in range(score.ROUNDS):
        state = after_json()
        state.update(digest)
        digest = state.digest()
    return score.to_unit(digest)
