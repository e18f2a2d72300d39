"""What the tests share: a made-up catalogue and baskets, and a database made once a session."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from shop.catalogue import Product, make_catalogue, make_product
from shop.orders import create
from shop.pricing import COUNTRIES, Basket, Line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def catalogue() -> dict[str, Product]:
    return make_catalogue(2_000)


@pytest.fixture(scope="session")
def filled_database(
    tmp_path_factory: pytest.TempPathFactory, catalogue: dict[str, Product]
) -> Path:
    """Give a database with schema and catalogue; tests take copies of it."""
    file = tmp_path_factory.mktemp("shop") / "filled.sqlite"
    create(file, catalogue.values())
    return file


@pytest.fixture
def database(filled_database: Path, tmp_path: Path) -> Path:
    return shutil.copy(filled_database, tmp_path / "shop.sqlite")


@pytest.fixture(scope="session")
def basket() -> Callable[..., Basket]:
    """Make a basket from its number alone."""

    def make(number: int, *, lines: int = 4, country: str = "") -> Basket:
        chosen = (make_product((7 * number + 131 * one) % 2_000) for one in range(lines))
        found = {product.sku: product for product in chosen}
        return Basket(
            tuple(Line(one, 1 + (number + place) % 5) for place, one in enumerate(found.values())),
            country or COUNTRIES[number % len(COUNTRIES)],
            years=number % 14,
        )

    return make
