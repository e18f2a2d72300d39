"""What the shop sells, and a made-up catalogue that is the same everywhere."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

__all__ = ["CATEGORIES", "Product", "make_catalogue", "make_product"]

CATEGORIES = ("books", "food", "garden", "music", "tools", "toys")
_ADJECTIVES = ("blue", "large", "light", "old", "plain", "round", "small", "solid", "warm", "wide")
_NOUNS = ("bench", "bowl", "chair", "guide", "hammer", "kettle", "lamp", "novel", "piano", "rake")


@dataclass(frozen=True, slots=True)
class Product:
    """A thing for sale: its price in cents without tax, its weight in grams."""

    sku: str
    name: str
    category: str
    cents: int
    grams: int


def make_product(number: int) -> Product:
    """Make up a product from its number alone."""
    digest = hashlib.sha256(f"product {number}".encode()).digest()
    adjective = _ADJECTIVES[digest[0] % len(_ADJECTIVES)]
    noun = _NOUNS[digest[1] % len(_NOUNS)]
    return Product(
        sku=f"P{number:05}",
        name=f"{adjective} {noun} {number}",
        category=CATEGORIES[digest[2] % len(CATEGORIES)],
        cents=99 + int.from_bytes(digest[3:5]) % 20_000,
        grams=20 + int.from_bytes(digest[5:7]) % 5_000,
    )


def make_catalogue(size: int) -> dict[str, Product]:
    """Make up a catalogue, by SKU."""
    products = (make_product(number) for number in range(size))
    return {product.sku: product for product in products}
