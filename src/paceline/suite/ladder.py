"""The safety ladder: how far a suite may leave its serial order, by what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from paceline.suite.order import Order

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Dependence", "Facts", "Step", "allowed", "standing"]


class Dependence(NamedTuple):
    """A test that fails behind another one, and the content of the files involved, as a digest."""

    node_id: str
    polluter: str
    digest: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What earlier runs showed of a suite.

    ``green``: a serial run passed, ``shuffled``: so did one with its modules shuffled.
    ``exclusive`` pairs a shared fixture's name with the resource that it owns alone.
    """

    green: bool = False
    shuffled: bool = False
    order_dependent: tuple[Dependence, ...] = ()
    exclusive: tuple[tuple[str, str], ...] = ()


class Step(NamedTuple):
    """An order that is allowed, and why it is this one."""

    order: Order
    because: str


def standing(facts: Facts, digests: Mapping[tuple[str, str], str]) -> tuple[Dependence, ...]:
    """Give the dependences that still hold.

    ``digests`` are today's, by test and polluter; where a file has changed, or a test is gone, the
    dependence is forgiven.
    """
    return tuple(
        one
        for one in facts.order_dependent
        if digests.get((one.node_id, one.polluter)) == one.digest
    )


def allowed(facts: Facts, digests: Mapping[tuple[str, str], str]) -> Step:
    """Tell the boldest order that a suite has earned, and why."""
    if not facts.green:
        return Step(Order.SERIAL, "no run of this suite is known to have passed")
    held = standing(facts, digests)
    if held:
        first = held[0]
        more = f" and {len(held) - 1} more" if len(held) > 1 else ""
        cause = f" fails behind {first.polluter}" if first.polluter else " depends on the order"
        return Step(Order.SERIAL, f"{first.node_id}{cause}{more}")
    if facts.order_dependent:
        return Step(Order.SHUFFLED, "what depended on the order has changed: it is tried again")
    if not facts.shuffled:
        return Step(Order.SHUFFLED, "the suite passes in order and is tried shuffled")
    return Step(Order.LONGEST, "the suite has passed shuffled")
