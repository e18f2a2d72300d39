from __future__ import annotations

import pytest

from paceline.suite.ladder import Dependence, Facts, Step, allowed, standing
from paceline.suite.order import Order

SICK = Dependence("a::victim", "b::polluter", "old")
BARE = Dependence("c::victim", "", "old")
STILL = {("a::victim", "b::polluter"): "old", ("c::victim", ""): "old"}


@pytest.mark.parametrize(
    ("facts", "order"),
    [
        (Facts(), Order.SERIAL),
        (Facts(shuffled=True), Order.SERIAL),
        (Facts(green=True), Order.SHUFFLED),
        (Facts(green=True, shuffled=True), Order.LONGEST),
        (Facts(green=True, shuffled=True, order_dependent=(SICK,)), Order.SERIAL),
    ],
)
def test_a_suite_earns_its_order_step_by_step(facts: Facts, order: Order) -> None:
    assert allowed(facts, STILL).order is order


def test_the_dependence_is_named() -> None:
    facts = Facts(green=True, order_dependent=(SICK, BARE))
    assert allowed(facts, STILL).because == "a::victim fails behind b::polluter and 1 more"
    alone = Facts(green=True, order_dependent=(BARE,))
    assert allowed(alone, STILL) == Step(Order.SERIAL, "c::victim depends on the order")


@pytest.mark.parametrize("digests", [{("a::victim", "b::polluter"): "new"}, {}])
def test_a_changed_file_forgives_but_the_suite_is_shuffled_again(
    digests: dict[tuple[str, str], str],
) -> None:
    facts = Facts(green=True, shuffled=True, order_dependent=(SICK,))
    assert standing(facts, digests) == ()
    assert allowed(facts, digests).order is Order.SHUFFLED
