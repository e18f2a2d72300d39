"""Keep orders in an SQLite file; what was acknowledged survives a power cut."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from shop.rendering import Sale

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from shop.catalogue import Product
    from shop.pricing import Basket

__all__ = ["SCHEMA", "Orders", "UnknownOrderError", "create"]

SCHEMA = """
CREATE TABLE product (
    sku TEXT PRIMARY KEY, name TEXT, category TEXT, cents INTEGER, grams INTEGER
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer TEXT, country TEXT, state TEXT, total INTEGER
);
CREATE TABLE line (
    order_id INTEGER REFERENCES orders (id), sku TEXT REFERENCES product (sku),
    quantity INTEGER, cents INTEGER
);
CREATE INDEX line_order ON line (order_id);
CREATE INDEX order_customer ON orders (customer);
"""


class UnknownOrderError(LookupError):
    """There is no such order."""


def create(file: Path, products: Iterable[Product]) -> None:
    """Make a database with these products."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(SCHEMA)
        rows = [(p.sku, p.name, p.category, p.cents, p.grams) for p in products]
        connection.executemany("INSERT INTO product VALUES (?, ?, ?, ?, ?)", rows)


class Orders:
    """The orders in a database; every change is on the disk when it returns."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, check_same_thread=False, timeout=10)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def place(self, customer: str, basket: Basket, total: int) -> int:
        """Keep a new order and give its number."""
        with self._connection as connection:
            added = connection.execute(
                "INSERT INTO orders (customer, country, state, total) VALUES (?, ?, 'new', ?)",
                (customer, basket.country, total),
            )
            number = added.lastrowid or 0
            rows = [(number, one.product.sku, one.quantity, one.cents) for one in basket.lines]
            connection.executemany("INSERT INTO line VALUES (?, ?, ?, ?)", rows)
        return number

    def state(self, number: int) -> str:
        """Give the state of an order: new, paid, shipped or cancelled."""
        return str(self._row(number)[0])

    def total(self, number: int) -> int:
        """Give what an order costs, in cents."""
        return int(self._row(number)[1])

    def move(self, number: int, state: str) -> None:
        """Give an order another state."""
        self._row(number)
        with self._connection as connection:
            connection.execute("UPDATE orders SET state = ? WHERE id = ?", (state, number))

    def of(self, customer: str) -> list[int]:
        """List a customer's orders."""
        rows = self._connection.execute(
            "SELECT id FROM orders WHERE customer = ? ORDER BY id", (customer,)
        )
        return [number for (number,) in rows]

    def sales(self) -> list[Sale]:
        """List all lines of orders that were not cancelled."""
        rows = self._connection.execute(
            "SELECT order_id, name, category, quantity, line.cents FROM line"
            " JOIN product USING (sku) JOIN orders ON orders.id = order_id"
            " WHERE state != 'cancelled' ORDER BY order_id, sku"
        )
        return [Sale(*row) for row in rows]

    def _row(self, number: int) -> tuple[str, int]:
        row = self._connection.execute(
            "SELECT state, total FROM orders WHERE id = ?", (number,)
        ).fetchone()
        if row is None:
            raise UnknownOrderError(f"there is no order {number}")
        return row[0], row[1]
