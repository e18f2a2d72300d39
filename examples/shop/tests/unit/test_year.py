"""A year of sales, made up once for the file, looked at month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shop.inventory import expected_demand, reorder
from shop.pricing import loyalty, quote, three_for_two, voucher
from shop.rendering import Sale, as_text, by_category

if TYPE_CHECKING:
    from collections.abc import Callable

    from shop.pricing import Basket

pytestmark = pytest.mark.unit

MONTHS = range(12)
RULES = [three_for_two("toys"), loyalty(), voucher(500)]


@pytest.fixture(scope="module")
def year(basket: Callable[..., Basket]) -> list[list[Sale]]:
    """Give the sales of each month: twenty thousand orders, all priced."""
    months: list[list[Sale]] = [[] for _ in MONTHS]
    for order in range(20_000):
        bought = basket(order)
        paid = quote(bought, RULES)
        off = paid.discount / paid.goods
        months[order % 12] += [
            Sale(order, o.product.name, o.product.category, o.quantity, round(o.cents * (1 - off)))
            for o in bought.lines
        ]
    return months


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_adds_up(year: list[list[Sale]], month: int) -> None:
    found = by_category(year[month])
    assert sum(pieces for pieces, _ in found.values()) == sum(one.quantity for one in year[month])


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_is_written_in_full(year: list[list[Sale]], month: int) -> None:
    written = as_text(year[month])
    assert written.count("\n") == len(year[month])


@pytest.mark.parametrize("month", MONTHS)
def test_nothing_is_given_away(year: list[list[Sale]], month: int) -> None:
    assert all(sale.cents > 0 for sale in year[month])


def test_the_year_is_its_months(year: list[list[Sale]]) -> None:
    whole = by_category([sale for month in year for sale in month])
    parts = [by_category(month) for month in year]
    for category, (_, cents) in whole.items():
        assert cents == sum(part[category][1] for part in parts if category in part)


def test_the_stock_for_next_month_is_ordered(year: list[list[Sale]]) -> None:
    sold = [sum(sale.quantity for sale in month) // 30 for month in year]
    assert reorder(sold, available=0, days=30) >= expected_demand(sold) * 30
