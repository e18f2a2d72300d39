"""Prices: rules one by one, then promises that must hold for any basket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shop.catalogue import CATEGORIES, Product
from shop.pricing import (
    COUNTRIES,
    Basket,
    Line,
    bulk,
    loyalty,
    percent_off,
    quote,
    share,
    three_for_two,
    voucher,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shop.pricing import Rule

pytestmark = pytest.mark.unit

NOVEL = Product("B1", "novel", "books", 1_000, 300)
RAKE = Product("G1", "rake", "garden", 2_000, 1_500)
RULES: dict[str, list[Rule]] = {
    "none": [],
    "bulk": [bulk(3, 10)],
    "books": [percent_off(20, "books")],
    "three": [three_for_two("toys")],
    "loyal": [loyalty()],
    "voucher": [voucher(2_500)],
    "all": [bulk(3, 10), percent_off(20, "books"), three_for_two("toys"), loyalty(), voucher(500)],
}


@pytest.mark.parametrize(
    ("cents", "hundredths", "expected"),
    [
        (1_000, 1_900, 190),
        (5, 1_000, 0),
        (15, 1_000, 2),
        (25, 1_000, 2),
        (-15, 1_000, -2),
        (0, 7, 0),
    ],
)
def test_halves_are_rounded_to_even(cents: int, hundredths: int, expected: int) -> None:
    assert share(cents, hundredths) == expected


@pytest.mark.parametrize(
    ("rule", "discount"),
    [
        (bulk(3, 10), 300),
        (bulk(4, 10), 0),
        (percent_off(50, "books"), 1_500),
        (percent_off(50, "toys"), 0),
        (three_for_two("books"), 1_000),
        (three_for_two("garden"), 0),
        (loyalty(), 250),
        (voucher(800), 800),
        (voucher(90_000), 5_000),
    ],
)
def test_a_rule_gives_its_discount(rule: Rule, discount: int) -> None:
    basket = Basket((Line(NOVEL, 3), Line(RAKE, 1)), years=5)
    assert rule(basket) == discount


def test_the_customer_pays_goods_tax_and_shipping() -> None:
    found = quote(Basket((Line(NOVEL, 1), Line(RAKE, 1))))
    assert (found.goods, found.tax, found.shipping) == (3_000, 70 + 380, 490)
    assert found.total == 3_940


def test_shipping_is_free_from_a_hundred_on() -> None:
    assert quote(Basket((Line(RAKE, 5),))).shipping == 0
    assert quote(Basket((Line(RAKE, 4),))).shipping == 490


def test_an_empty_basket_costs_nothing() -> None:
    assert quote(Basket(())).total == 0


@pytest.mark.parametrize("basket", [Basket((Line(NOVEL, 1),), "US"), Basket((Line(NOVEL, 0),))])
def test_what_cannot_be_sold_is_refused(basket: Basket) -> None:
    with pytest.raises(ValueError, match=r"deliver|positive"):
        quote(basket)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_parts_stay_in_bounds_for_many_baskets(
    basket: Callable[..., Basket], rules: list[Rule], country: str
) -> None:
    for number in range(1_300):
        found = quote(basket(number, country=country), rules)
        assert 0 <= found.discount <= found.goods // 2
        assert found.total > 0
        assert found.tax <= share(found.goods - found.discount, 2_100) + 1


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("percent", [5, 10, 25, 40])
def test_a_higher_discount_never_costs_more(
    basket: Callable[..., Basket], category: str, percent: int
) -> None:
    for number in range(1_000):
        bought = basket(number, country="NL")
        dear = quote(bought, [percent_off(percent, category)])
        cheap = quote(bought, [percent_off(percent + 10, category)])
        assert cheap.goods - cheap.discount <= dear.goods - dear.discount


@pytest.mark.parametrize("lines", [1, 2, 5, 10, 20])
def test_the_order_of_lines_does_not_matter(basket: Callable[..., Basket], lines: int) -> None:
    for number in range(300):
        bought = basket(number, lines=lines)
        turned = Basket(bought.lines[::-1], bought.country, bought.years)
        assert quote(turned, RULES["all"]) == quote(bought, RULES["all"])
