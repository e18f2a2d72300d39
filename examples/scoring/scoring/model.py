"""The one noun here: a card transaction that can't exist with unusable values."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["InvalidTransactionError", "Transaction"]


class InvalidTransactionError(ValueError):
    """A transaction was made with a value that no card network would send."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """Says who paid whom, how much (in cents) and when (in seconds since 1970, UTC).

    Raises InvalidTransactionError, naming the field and its value, when one is unusable.
    """

    identifier: str
    account: str
    merchant: str
    amount_cents: int
    currency: str
    country: str
    timestamp: int

    def __post_init__(self) -> None:
        for name in ("identifier", "account", "merchant"):
            if not (isinstance(text := getattr(self, name), str) and text.strip()):
                raise InvalidTransactionError(f"{name} must be a text, not empty: {text!r}")
        for name, length in (("currency", 3), ("country", 2)):
            if not _is_code(code := getattr(self, name), length):
                raise InvalidTransactionError(f"{name} must be {length} capital letters: {code!r}")
        for name in ("amount_cents", "timestamp"):
            # type(), not isinstance(): True is an int, and canonical JSON would say "true".
            if type(number := getattr(self, name)) is not int or number < 0:
                raise InvalidTransactionError(f"{name} must be a whole number from 0: {number!r}")


def _is_code(code: object, length: int) -> bool:
    return (
        isinstance(code, str)
        and len(code) == length
        and code.isascii()
        and code.isalpha()
        and code.isupper()
    )
