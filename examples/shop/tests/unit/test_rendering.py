"""Reports: sums that agree with each other, and no name that breaks a page."""

from __future__ import annotations

import html.parser
from typing import TYPE_CHECKING

import pytest
from shop.catalogue import CATEGORIES, make_product
from shop.rendering import Sale, as_html, as_text, by_category, money

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.unit


class Cells(html.parser.HTMLParser):
    """Reads the cells of a page back."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a cell."""
        assert attrs == []
        if tag == "td":
            self.found.append("")

    def handle_data(self, data: str) -> None:
        """Add to the cell."""
        if self.found:
            self.found[-1] += data.strip("\n")


@pytest.fixture
def sales() -> Callable[[int, int], list[Sale]]:
    def make(start: int, size: int) -> list[Sale]:
        products = [make_product(number) for number in range(start, start + size)]
        return [
            Sale(1 + place // 3, one.name, one.category, 1 + place % 4, one.cents * (1 + place % 4))
            for place, one in enumerate(products)
        ]

    return make


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0.00"), (5, "0.05"), (123_450, "1,234.50"), (-99, "-0.99"), (10**9, "10,000,000.00")],
)
def test_money_is_written_with_its_cents(cents: int, text: str) -> None:
    assert money(cents) == text


@pytest.mark.parametrize("size", [10, 500, 1_500])
@pytest.mark.parametrize("start", range(0, 1_000, 200))
def test_categories_add_up_to_the_whole(
    sales: Callable[[int, int], list[Sale]], start: int, size: int
) -> None:
    sold = sales(start, size)
    found = by_category(sold)
    assert set(found) <= set(CATEGORIES)
    assert sum(cents for _, cents in found.values()) == sum(sale.cents for sale in sold)
    amounts = [cents for _, cents in found.values()]
    assert amounts == sorted(amounts, reverse=True)


@pytest.mark.parametrize("size", [50, 600, 1_200])
@pytest.mark.parametrize("start", range(0, 600, 120))
def test_all_lines_of_a_table_are_as_long(
    sales: Callable[[int, int], list[Sale]], start: int, size: int
) -> None:
    lines = as_text(sales(start, size)).splitlines()
    assert len(lines) == size + 1
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize("size", [50, 300, 600])
@pytest.mark.parametrize("start", range(0, 800, 200))
def test_a_page_reads_back_as_it_was(
    sales: Callable[[int, int], list[Sale]], start: int, size: int
) -> None:
    sold = sales(start, size)
    reader = Cells()
    reader.feed(as_html(sold, "Sales"))
    names, pieces = reader.found[1::5], reader.found[3::5]
    assert names == [sale.name for sale in sold]
    assert pieces == [str(sale.quantity) for sale in sold]


@pytest.mark.parametrize(
    "name", ["<b>", "a & b", '"quoted"', "</td></table>", "<script>x</script>"]
)
def test_a_name_breaks_no_page(name: str) -> None:
    reader = Cells()
    reader.feed(as_html([Sale(1, name, "toys", 1, 100)], name))
    assert reader.found[1] == name
