"""Passwords and tokens of customers."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

__all__ = ["Password", "issue", "owner"]

ROUNDS = 40_000


@dataclass(frozen=True, slots=True)
class Password:
    """A salted hash of a password."""

    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, text: str, salt: bytes | None = None) -> Password:
        """Hash a password, with a fresh salt where none is given."""
        salt = salt or secrets.token_bytes(16)
        return cls(salt, hashlib.pbkdf2_hmac("sha256", text.encode(), salt, ROUNDS))

    def matches(self, text: str) -> bool:
        """Tell whether this is the password, in the same time either way."""
        return hmac.compare_digest(self.digest, Password.of(text, self.salt).digest)


def issue(customer: str, key: bytes) -> str:
    """Give a token that only we can have made."""
    return f"{customer}.{hmac.new(key, customer.encode(), 'sha256').hexdigest()}"


def owner(token: str, key: bytes) -> str | None:
    """Give whose token this is, None where we did not make it."""
    customer, _, _ = token.rpartition(".")
    return customer if hmac.compare_digest(token.encode(), issue(customer, key).encode()) else None
