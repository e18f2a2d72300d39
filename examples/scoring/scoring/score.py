"""The score as it was first written: right, readable, and serialising the same thing 100 times."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields
from typing import TypeAlias

from scoring.model import Transaction

__all__ = ["ROUNDS", "Scorer", "canonical_json", "risk", "to_unit"]

ROUNDS = 100

Scorer: TypeAlias = Callable[[Transaction], float]

_NAMES = tuple(sorted(field.name for field in fields(Transaction)))
_LARGEST = 2**64 - 1


def canonical_json(transaction: Transaction) -> bytes:
    """Write a transaction as its one JSON text: keys sorted, no spaces, ASCII.

    Raises TypeError for anything but a Transaction.
    """
    if not isinstance(transaction, Transaction):
        raise TypeError(f"only a Transaction has a score, not {type(transaction).__name__}")
    payload = {name: getattr(transaction, name) for name in _NAMES}
    return json.dumps(payload, sort_keys=True, separators=(",", ":")).encode("ascii")


def risk(transaction: Transaction) -> float:
    """Score a transaction from 0 (harmless) to 1 (block it), the same on every machine.

    Each of the ``ROUNDS`` rounds takes SHA-256 of the canonical JSON followed by the digest of the
    round before; the last digest's first eight bytes are the score. It stands for any pure
    function that is worth measuring; it knows nothing about fraud.
    """
    digest = b""
    for _ in range(ROUNDS):
        digest = hashlib.sha256(canonical_json(transaction) + digest).digest()
    return to_unit(digest)


def to_unit(digest: bytes) -> float:
    """Map a digest's first eight bytes, evenly, onto 0 to 1 with both ends included."""
    return int.from_bytes(digest[:8], "big") / _LARGEST
