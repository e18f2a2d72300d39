"""Search: an index that is built once for the file, as it is in the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shop.catalogue import make_product
from shop.search import Index, trigrams

if TYPE_CHECKING:
    from shop.catalogue import Product

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def index(catalogue: dict[str, Product]) -> Index:
    return Index(catalogue.values())


def test_trigrams_know_the_ends() -> None:
    assert trigrams("Ab") == {"  a", " ab", "ab "}


def test_nothing_resembles_nothing(index: Index) -> None:
    assert index.find("§§§") == []


@pytest.mark.parametrize("number", range(0, 2_000, 50))
def test_a_product_is_found_by_its_name(index: Index, number: int) -> None:
    for product in map(make_product, range(number, number + 30)):
        assert index.find(product.name)[0] == product.sku


@pytest.mark.parametrize("number", range(11, 1_200, 60))
def test_a_product_is_found_misspelt(index: Index, number: int) -> None:
    for product in map(make_product, range(number, number + 20)):
        adjective, noun, place = product.name.split()
        misspelt = f"{adjective} {noun[1:]}{noun[0]} {place}"
        assert product.sku in index.find(misspelt, most=40)
        assert product.sku in index.find(f"{adjective[:-1]} {noun} {place}", most=40)


@pytest.mark.parametrize("most", [1, 5, 20])
def test_no_more_is_given_than_wanted(index: Index, most: int) -> None:
    assert len(index.find("blue lamp", most=most)) == most
