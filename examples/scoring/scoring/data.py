"""Made-up transactions, the same in every run and on every machine."""

from __future__ import annotations

from scoring.model import Transaction

__all__ = ["make_transaction", "make_transactions"]

_MERCHANTS = ("bakery", "bookshop", "airline", "pharmacy", "grocer", "cinema", "garage")
_PLACES = (("EUR", "DE"), ("EUR", "FR"), ("GBP", "GB"), ("USD", "US"), ("JPY", "JP"))
_START = 1_700_000_000  # 14 November 2023, in seconds since 1970


def make_transaction(index: int) -> Transaction:
    """Make transaction number ``index`` (from 0); different numbers differ in more than the name.

    Values follow from the number alone by multiplicative hashing (Knuth, The Art of Computer
    Programming 3, 1973, section 6.4), so no random generator's version can change them.
    """
    mixed = index * 2_654_435_761 % 2**32
    currency, country = _PLACES[mixed % len(_PLACES)]
    return Transaction(
        identifier=f"tx-{index:08d}",
        account=f"acc-{mixed % 9_973:04d}",
        merchant=_MERCHANTS[mixed // 7 % len(_MERCHANTS)],
        amount_cents=mixed % 250_000 + 1,
        currency=currency,
        country=country,
        timestamp=_START + index * 37,
    )


def make_transactions(count: int) -> tuple[Transaction, ...]:
    """Make the first ``count`` transactions; a longer batch begins with a shorter one's."""
    return tuple(make_transaction(index) for index in range(count))
