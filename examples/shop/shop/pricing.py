"""What a basket costs: discounts, tax and shipping, all in whole cents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shop.catalogue import Product

__all__ = [
    "COUNTRIES",
    "Basket",
    "Line",
    "Quote",
    "Rule",
    "bulk",
    "loyalty",
    "percent_off",
    "quote",
    "three_for_two",
    "voucher",
]

COUNTRIES = ("AT", "CH", "DE", "FR", "NL")
_TAX = {
    "AT": (2000, 1000),
    "CH": (810, 260),
    "DE": (1900, 700),
    "FR": (2000, 550),
    "NL": (2100, 900),
}
"""Normal and reduced rates in hundredths of a per cent."""
_REDUCED = frozenset({"books", "food"})
_POSTAGE = {"AT": 590, "CH": 1490, "DE": 490, "FR": 890, "NL": 690}
_FREE_FROM = 10_000
_PARCEL = 10_000
_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """A product and how many of it."""

    product: Product
    quantity: int

    @property
    def cents(self) -> int:
        """The price of the line before discounts."""
        return self.product.cents * self.quantity


@dataclass(frozen=True, slots=True)
class Basket:
    """What a customer is about to buy, and where it goes; ``years`` a customer already."""

    lines: tuple[Line, ...]
    country: str = "DE"
    years: int = 0

    @property
    def cents(self) -> int:
        """The price of all lines before discounts."""
        return sum(line.cents for line in self.lines)


Rule: TypeAlias = Callable[[Basket], int]
"""Gives the discount of a basket in cents."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a basket costs, part by part, in cents."""

    goods: int
    discount: int
    tax: int
    shipping: int

    @property
    def total(self) -> int:
        """What the customer pays."""
        return self.goods - self.discount + self.tax + self.shipping


def percent_off(percent: int, category: str) -> Rule:
    """Take some per cent off all products of a category."""

    def rule(basket: Basket) -> int:
        goods = sum(one.cents for one in basket.lines if one.product.category == category)
        return share(goods, percent * 100)

    return rule


def bulk(least: int, percent: int) -> Rule:
    """Take some per cent off each line with at least so many pieces."""

    def rule(basket: Basket) -> int:
        return sum(share(one.cents, percent * 100) for one in basket.lines if one.quantity >= least)

    return rule


def three_for_two(category: str) -> Rule:
    """Make the cheapest of every three products of a category free."""

    def rule(basket: Basket) -> int:
        prices = sorted(
            (
                line.product.cents
                for line in basket.lines
                if line.product.category == category
                for _ in range(line.quantity)
            ),
            reverse=True,
        )
        return sum(prices[2::3])

    return rule


def loyalty(most: int = 10) -> Rule:
    """Take one per cent off for each year as a customer."""

    def rule(basket: Basket) -> int:
        return share(basket.cents, min(basket.years, most) * 100)

    return rule


def voucher(cents: int) -> Rule:
    """Take a fixed amount off."""
    return lambda basket: min(cents, basket.cents)


def quote(basket: Basket, rules: Sequence[Rule] = ()) -> Quote:
    """Give what a basket costs: the discounts add up, but at most to half of the goods.

    Raises:
        ValueError: the country is not served, or a quantity is not positive.
    """
    if basket.country not in _TAX:
        raise ValueError(f"we do not deliver to {basket.country!r}")
    if any(line.quantity <= 0 for line in basket.lines):
        raise ValueError("a quantity must be positive")
    goods = basket.cents
    discount = min(sum(rule(basket) for rule in rules), goods // 2)
    return Quote(goods, discount, _tax(basket, discount), _shipping(basket, goods - discount))


def share(cents: int, hundredths: int) -> int:
    """Give hundredths of a per cent of an amount, rounded half to even."""
    whole, rest = divmod(cents * hundredths, _WHOLE)
    above = 2 * rest - _WHOLE
    return whole + (above > 0 or (above == 0 and whole % 2 == 1))


def _tax(basket: Basket, discount: int) -> int:
    normal, reduced = _TAX[basket.country]
    low = sum(one.cents for one in basket.lines if one.product.category in _REDUCED)
    goods = basket.cents
    if not goods:
        return 0
    off_low = discount * low // goods
    return share(low - off_low, reduced) + share(goods - low - (discount - off_low), normal)


def _shipping(basket: Basket, worth: int) -> int:
    if not basket.lines or worth >= _FREE_FROM:
        return 0
    grams = sum(line.product.grams * line.quantity for line in basket.lines)
    return _POSTAGE[basket.country] * (1 + grams // _PARCEL)
