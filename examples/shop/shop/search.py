"""Find products by what somebody typed, misspelt or not."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shop.catalogue import Product

__all__ = ["Index", "trigrams"]


def trigrams(text: str) -> set[str]:
    """Give all runs of three letters, the ends padded."""
    padded = f"  {text.lower()} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


class Index:
    """Finds products whose names share trigrams with a query."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._places: defaultdict[str, list[str]] = defaultdict(list)
        self._sizes: dict[str, int] = {}
        for product in products:
            found = trigrams(product.name)
            self._sizes[product.sku] = len(found)
            for one in found:
                self._places[one].append(product.sku)

    def find(self, query: str, *, most: int = 10) -> list[str]:
        """Give the SKUs that resemble the query most (Dice, 1945), the best first."""
        wanted = trigrams(query)
        shared = Counter(sku for one in wanted for sku in self._places.get(one, ()))
        scores = {
            sku: 2 * count / (len(wanted) + self._sizes[sku]) for sku, count in shared.items()
        }
        return sorted(scores, key=lambda sku: (-scores[sku], sku))[:most]
