"""What can be set about categories: their order, and which tests are left out."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option
from paceline.suite.category import SLOW_FROM

__all__ = ["CategoryOptions", "Network", "OrderBy"]


class OrderBy(enum.Enum):
    """What the tests are ordered by."""

    NONE = "none"
    CATEGORY = "category"


class Network(enum.Enum):
    """Whether there is a network for the tests that require one."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class CategoryOptions:
    """How the kinds of tests are ordered, and which tests are skipped or listed."""

    section: ClassVar[str] = "categories"

    order_by: OrderBy = option(
        OrderBy.NONE,
        flag="--paceline-order-by",
        metavar="KEY",
        help="Order tests by category: smoke, unit, integration, performance, slow.",
    )
    unmarked: bool = option(
        False,
        flags={"--paceline-unmarked": True},
        help="List the tests that have no category and run none; ends with 1 where there are some.",
    )
    skip_slow: bool = option(
        False,
        flags={"--paceline-skip-slow": True},
        help="Skip slow tests, as SKIP_SLOW_TESTS=1 does.",
    )
    slow_from: float = option(
        SLOW_FROM,
        unit="s",
        least=0,
        flag="--paceline-slow-from",
        metavar="SECONDS",
        help="A test that took longer than this in recorded runs is slow.",
    )
    skip_dependents: bool = option(
        False,
        flags={"--paceline-skip-dependents": True},
        help="Skip tests that depend on one that failed or was skipped.",
    )
    network: Network = option(
        Network.AUTO,
        flag="--paceline-network",
        metavar="KIND",
        help="Whether tests that require a network run: auto (skipped when offline), on or off.",
    )
