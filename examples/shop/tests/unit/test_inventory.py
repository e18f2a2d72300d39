"""Stock: what is promised is there, whatever happens in which order."""

from __future__ import annotations

import pytest
from shop.inventory import Inventory, OutOfStockError, expected_demand, reorder

pytestmark = pytest.mark.unit


@pytest.fixture
def inventory() -> Inventory:
    found = Inventory()
    for number in range(300):
        found.receive(f"P{number:05}", 50)
    return found


def test_a_reservation_takes_all_or_nothing(inventory: Inventory) -> None:
    with pytest.raises(OutOfStockError, match="P00001: 51 wanted, 50 left"):
        inventory.reserve({"P00000": 10, "P00001": 51})
    assert inventory.available("P00000") == 50


def test_what_is_released_can_be_sold_again(inventory: Inventory) -> None:
    inventory.reserve({"P00000": 50})
    assert inventory.available("P00000") == 0
    inventory.release({"P00000": 50})
    assert inventory.available("P00000") == 50


def test_what_was_shipped_is_gone(inventory: Inventory) -> None:
    inventory.reserve({"P00000": 20})
    inventory.ship({"P00000": 20})
    assert inventory.available("P00000") == 30


@pytest.mark.parametrize("pieces", [0, -1])
def test_nothing_can_not_be_received(inventory: Inventory, pieces: int) -> None:
    with pytest.raises(ValueError, match="can't be received"):
        inventory.receive("P00000", pieces)


@pytest.mark.parametrize("seed", range(50))
def test_no_piece_is_sold_twice(inventory: Inventory, seed: int) -> None:
    """Hundreds of orders in an order of their own; stock never falls below nothing."""
    sold = 0
    for turn in range(7_500):
        number = (seed * 7_919 + turn * turn * 31) % 300
        wanted = {f"P{number:05}": 1 + turn % 7, f"P{(number * 3 + 1) % 300:05}": 1}
        try:
            inventory.reserve(wanted)
        except OutOfStockError:
            continue
        if turn % 5 == 0:
            inventory.release(wanted)
        else:
            inventory.ship(wanted)
            sold += sum(wanted.values())
    left = [inventory.available(f"P{number:05}") for number in range(300)]
    assert min(left) >= 0
    assert sum(left) + sold == 300 * 50


@pytest.mark.parametrize(
    ("sold", "expected"), [([], 0.0), ([4], 4.0), ([4] * 30, 4.0), ([0, 10], 3.0), ([10, 0], 7.0)]
)
def test_demand_follows_what_was_sold(sold: list[int], expected: float) -> None:
    assert expected_demand(sold) == pytest.approx(expected)


@pytest.mark.parametrize("days", range(1, 25))
def test_ordered_stock_lasts_until_it_arrives(days: int) -> None:
    for product in range(900):
        sold = [(product * day) % 9 for day in range(90)]
        available = product % 20
        ordered = reorder(sold, available=available, days=days)
        assert ordered + available >= round(expected_demand(sold) * days)
