"""In which order a suite may run: how far a plan may leave the collected one."""

from __future__ import annotations

import enum

__all__ = ["Order"]


class Order(enum.Enum):
    """How tests are put in order, the most careful first."""

    SERIAL = "serial"
    SHUFFLED = "shuffled"
    LONGEST = "longest"
