"""Orders in a real database file: each change waits for the disk."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from shop.orders import Orders, UnknownOrderError
from shop.pricing import quote
from shop.rendering import by_category

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shop.pricing import Basket

pytestmark = pytest.mark.integration


def placed(orders: Orders, basket: Callable[..., Basket], count: int) -> list[int]:
    baskets = [basket(number) for number in range(count)]
    return [
        orders.place(f"customer {number % 7}", bought, quote(bought).total)
        for number, bought in enumerate(baskets)
    ]


@pytest.mark.parametrize("count", [1, 50, 200])
def test_orders_are_numbered_from_one_on(
    orders: Orders, basket: Callable[..., Basket], count: int
) -> None:
    assert placed(orders, basket, count) == list(range(1, count + 1))


@pytest.mark.parametrize("state", ["paid", "shipped", "cancelled"])
@pytest.mark.parametrize("count", [5, 100])
def test_an_order_keeps_its_state(
    database: Path, basket: Callable[..., Basket], state: str, count: int
) -> None:
    with closing(Orders(database)) as orders:
        numbers = placed(orders, basket, count)
        for number in numbers:
            orders.move(number, state)
    with closing(Orders(database)) as reopened:
        assert {reopened.state(number) for number in numbers} == {state}


def test_what_was_cancelled_is_no_sale(orders: Orders, basket: Callable[..., Basket]) -> None:
    numbers = placed(orders, basket, 100)
    for number in numbers[::2]:
        orders.move(number, "cancelled")
    assert {sale.order for sale in orders.sales()} == set(numbers[1::2])


@pytest.mark.parametrize("count", [20, 150])
def test_sales_add_up_to_the_goods(
    orders: Orders, basket: Callable[..., Basket], count: int
) -> None:
    placed(orders, basket, count)
    goods = sum(basket(number).cents for number in range(count))
    assert sum(cents for _, cents in by_category(orders.sales()).values()) == goods


def test_customers_see_their_own_orders(orders: Orders, basket: Callable[..., Basket]) -> None:
    placed(orders, basket, 21)
    assert orders.of("customer 3") == [4, 11, 18]


def test_an_unknown_order_is_refused(orders: Orders) -> None:
    with pytest.raises(UnknownOrderError, match="no order 7"):
        orders.state(7)
