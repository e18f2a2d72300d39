"""How fast the parts are that customers and clerks wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shop.accounts import Password
from shop.cache import Cache
from shop.catalogue import make_catalogue
from shop.importing import read_csv, read_json, write_csv, write_json
from shop.inventory import reorder
from shop.pricing import bulk, loyalty, quote, three_for_two
from shop.rendering import Sale, as_html, as_text, by_category
from shop.search import Index

if TYPE_CHECKING:
    from collections.abc import Callable

    from shop.catalogue import Product
    from shop.pricing import Basket

    from conftest import Measured

pytestmark = pytest.mark.performance

RULES = [bulk(3, 10), three_for_two("toys"), loyalty()]


@pytest.fixture(scope="module")
def sales(catalogue: dict[str, Product]) -> list[Sale]:
    return [
        Sale(number, one.name, one.category, 1 + number % 3, one.cents)
        for number, one in enumerate(catalogue.values())
    ]


@pytest.fixture(scope="module")
def index(catalogue: dict[str, Product]) -> Index:
    return Index(catalogue.values())


def test_a_hundred_quotes(measured: Measured, basket: Callable[..., Basket]) -> None:
    baskets = [basket(number) for number in range(100)]
    found = measured(lambda: [quote(one, RULES) for one in baskets], rounds=250)
    assert len(found) == 100


def test_quote_of_a_long_basket(measured: Measured, basket: Callable[..., Basket]) -> None:
    long = basket(7, lines=200)
    assert measured(lambda: quote(long, RULES), rounds=3_000).total > 0


def test_search(measured: Measured, index: Index) -> None:
    assert len(measured(lambda: index.find("warm lamp 77"), rounds=700)) == 10


def test_index(measured: Measured, catalogue: dict[str, Product]) -> None:
    assert measured(lambda: Index(catalogue.values()), rounds=60).find("lamp")


def test_read_csv(measured: Measured, catalogue: dict[str, Product]) -> None:
    text = write_csv(catalogue.values())
    assert len(measured(lambda: read_csv(text), rounds=60)) == 2_000


def test_read_json(measured: Measured, catalogue: dict[str, Product]) -> None:
    text = write_json(catalogue.values())
    assert len(measured(lambda: read_json(text), rounds=80)) == 2_000


def test_text_report(measured: Measured, sales: list[Sale]) -> None:
    assert measured(lambda: as_text(sales), rounds=100).count("\n") == 2_000


def test_html_report(measured: Measured, sales: list[Sale]) -> None:
    assert measured(lambda: as_html(sales, "Sales"), rounds=80).count("<tr>") == 2_000


def test_sums(measured: Measured, sales: list[Sale]) -> None:
    assert len(measured(lambda: by_category(sales), rounds=1_500)) == 6


def test_reorder(measured: Measured) -> None:
    years = [[day % (3 + product % 7) for day in range(365)] for product in range(100)]
    found = measured(lambda: [reorder(sold, available=3, days=7) for sold in years], rounds=200)
    assert min(found) > 0


def test_cache(measured: Measured) -> None:
    cache = Cache[int](most=500, seconds=1_000)

    def look_up() -> int:
        return sum(cache.get(number % 700, lambda number=number: number) for number in range(5_000))

    assert measured(look_up, rounds=100) > 0


def test_password(measured: Measured) -> None:
    kept = Password.of("secret")
    assert measured(lambda: kept.matches("secret"), rounds=30)


def test_catalogue(measured: Measured) -> None:
    assert len(measured(lambda: make_catalogue(1_000), rounds=120)) == 1_000
