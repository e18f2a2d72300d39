"""What is in stock, what of it is promised, and what to order anew."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Inventory", "OutOfStockError", "expected_demand", "reorder"]


class OutOfStockError(Exception):
    """There is less of a product than somebody wants."""


class Inventory:
    """Counts pieces by SKU: what lies there, and what of it is reserved."""

    def __init__(self) -> None:
        self._there: Counter[str] = Counter()
        self._reserved: Counter[str] = Counter()

    def receive(self, sku: str, pieces: int) -> None:
        """Put pieces into stock."""
        if pieces <= 0:
            raise ValueError(f"{pieces} pieces can't be received")
        self._there[sku] += pieces

    def available(self, sku: str) -> int:
        """Give how many pieces can still be sold."""
        return self._there[sku] - self._reserved[sku]

    def reserve(self, wanted: dict[str, int]) -> None:
        """Reserve all that an order wants, or nothing.

        Raises:
            OutOfStockError: there is too little of something.
        """
        for sku, pieces in wanted.items():
            if self.available(sku) < pieces:
                raise OutOfStockError(f"{sku}: {pieces} wanted, {self.available(sku)} left")
        self._reserved.update(wanted)

    def release(self, wanted: dict[str, int]) -> None:
        """Take a reservation back."""
        self._reserved.subtract(wanted)

    def ship(self, wanted: dict[str, int]) -> None:
        """Take reserved pieces out of stock."""
        self._reserved.subtract(wanted)
        self._there.subtract(wanted)


def expected_demand(sold: Sequence[int], weight: float = 0.3) -> float:
    """Smooth the pieces sold by day exponentially (Brown, 1956)."""
    level = float(sold[0]) if sold else 0.0
    for pieces in sold:
        level += weight * (pieces - level)
    return level


def reorder(sold: Sequence[int], *, available: int, days: int, safety: float = 1.5) -> int:
    """Say how many pieces to order so that stock lasts the days until they arrive."""
    needed = expected_demand(sold) * days * safety
    return max(0, round(needed) - available)
