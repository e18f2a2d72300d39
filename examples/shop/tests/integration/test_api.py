"""The shop over HTTP: one server for the file, real requests on the loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from shop.catalogue import make_product
from shop.pricing import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("country", COUNTRIES)
def test_an_order_can_be_placed_and_looked_at(
    ask: Callable[..., tuple[int, Any]], country: str
) -> None:
    for pieces in range(1, 16):
        body = {"customer": "ada", "country": country, "lines": {"P00007": pieces}}
        status, answer = ask("POST", "/orders", body)
        assert status == 201
        status, looked = ask("GET", f"/orders/{answer['order']}")
        assert (status, looked) == (200, {**answer, "state": "new"})


@pytest.mark.parametrize("number", [3, 500, 999, 1_777])
def test_products_are_found(ask: Callable[..., tuple[int, Any]], number: int) -> None:
    for product in map(make_product, range(number, number + 25)):
        status, answer = ask("GET", f"/products?q={product.name.replace(' ', '+')}")
        assert status == 200
        assert answer["found"][0] == product.sku


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/orders", b"{", 400),
        ("/orders", {"customer": "ada", "lines": {"none": 1}}, 400),
        ("/orders", {"customer": "ada", "lines": {"P00001": 0}}, 400),
        ("/orders", {"customer": "ada", "lines": {"P00001": 1}, "country": "US"}, 400),
        ("/baskets", {}, 404),
    ],
)
def test_what_makes_no_order_is_refused(
    ask: Callable[..., tuple[int, Any]], path: str, body: Any, status: int
) -> None:
    found, answer = ask("POST", path, body)
    assert found == status
    assert "error" in answer


@pytest.mark.parametrize("path", ["/orders/99999", "/orders/x", "/"])
def test_what_is_not_there_is_not_found(ask: Callable[..., tuple[int, Any]], path: str) -> None:
    assert ask("GET", path)[0] == 404
