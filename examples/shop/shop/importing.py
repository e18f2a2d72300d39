"""Read products from CSV and JSON; say with its line what can't be read."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from shop.catalogue import CATEGORIES, Product

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FIELDS", "UnreadableError", "read_csv", "read_json", "write_csv", "write_json"]

FIELDS = tuple(field.name for field in fields(Product))


class UnreadableError(ValueError):
    """A row is no product."""


def read_csv(text: str) -> list[Product]:
    """Read products from CSV with a header."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(rows.fieldnames or ()) != FIELDS:
        raise UnreadableError(f"line 1: the columns must be {', '.join(FIELDS)}")
    return [_product(row, f"line {number}") for number, row in enumerate(rows, 2)]


def read_json(text: str) -> list[Product]:
    """Read products from a JSON list."""
    rows = json.loads(text)
    return [_product(row, f"entry {number}") for number, row in enumerate(rows, 1)]


def write_csv(products: Iterable[Product]) -> str:
    """Write products as CSV with a header."""
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, FIELDS, lineterminator="\n")
    rows.writeheader()
    rows.writerows(asdict(product) for product in products)
    return text.getvalue()


def write_json(products: Iterable[Product]) -> str:
    """Write products as a JSON list."""
    return json.dumps([asdict(product) for product in products])


def _product(row: dict[str, Any], place: str) -> Product:
    try:
        product = Product(
            sku=row["sku"].strip(),
            name=row["name"].strip(),
            category=row["category"],
            cents=int(row["cents"]),
            grams=int(row["grams"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"{place}: {error}") from error
    if (
        not product.sku
        or product.category not in CATEGORIES
        or min(product.cents, product.grams) <= 0
    ):
        raise UnreadableError(f"{place}: not a product: {row}")
    return product
