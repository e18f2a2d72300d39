"""Files from suppliers: what is read is what was written, and what is wrong has a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shop.catalogue import make_product
from shop.importing import FIELDS, UnreadableError, read_csv, read_json, write_csv, write_json

if TYPE_CHECKING:
    from shop.catalogue import Product

pytestmark = pytest.mark.unit

HEADER = ",".join(FIELDS)
GOOD = "A1,bowl,food,100,20"


@pytest.fixture(scope="module")
def supplier_csv(catalogue: dict[str, Product]) -> list[str]:
    """Give a supplier's file of two thousand rows."""
    return write_csv(catalogue.values()).splitlines()


@pytest.mark.parametrize("size", [0, 1, 100, 1_500])
@pytest.mark.parametrize("start", [0, 1_400, 2_100])
def test_csv_comes_back_as_it_was(start: int, size: int) -> None:
    products = [make_product(number) for number in range(start, start + size)]
    assert read_csv(write_csv(products)) == products


@pytest.mark.parametrize("size", [0, 1, 100, 1_500])
@pytest.mark.parametrize("start", [0, 1_400, 2_100])
def test_json_comes_back_as_it_was(start: int, size: int) -> None:
    products = [make_product(number) for number in range(start, start + size)]
    assert read_json(write_json(products)) == products


@pytest.mark.parametrize(
    "row",
    [
        "A1,bowl,food,cheap,20",
        "A1,bowl,food,100",
        "A1,bowl,cars,100,20",
        ",bowl,food,100,20",
        "A1,bowl,food,-5,20",
        "A1,bowl,food,100,0",
        "A1,bowl,food,,",
    ],
)
@pytest.mark.parametrize("before", [0, 3, 1_000, 1_900])
def test_a_wrong_row_is_named_by_its_line(supplier_csv: list[str], row: str, before: int) -> None:
    text = "\n".join([*supplier_csv[: before + 1], row, GOOD])
    with pytest.raises(UnreadableError, match=f"^line {before + 2}:"):
        read_csv(text)


@pytest.mark.parametrize("header", ["", "sku,name", HEADER.upper(), HEADER + ",colour"])
def test_other_columns_are_refused(header: str) -> None:
    with pytest.raises(UnreadableError, match=r"^line 1: the columns"):
        read_csv(f"{header}\n{GOOD}\n")


@pytest.mark.parametrize("entry", ["7", '{"sku": "A1"}', "null", "[]"])
def test_a_wrong_entry_is_named_by_its_number(entry: str) -> None:
    with pytest.raises(UnreadableError, match=r"^entry 1:"):
        read_json(f"[{entry}]")
