"""Differences of two profiles: which functions account for a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.stats.profile import Cost

if TYPE_CHECKING:
    from paceline.stats.profile import Function, Profile

__all__ = ["FunctionChange", "differences"]

_NOTHING = Cost(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """A function's own instructions on both sides; ``share`` is its part of base's total.

    Shares of all functions add up to the relative change of the whole.
    """

    function: Function
    base: float
    head: float
    share: float

    @property
    def difference(self) -> float:
        """Instructions that head has more."""
        return self.head - self.base


def differences(
    base: Profile, head: Profile, *, top: int = 20, least: float = 1e-4
) -> tuple[FunctionChange, ...]:
    """Give the ``top`` functions whose own instructions differ most, the largest first.

    What changes the whole by less than the share ``least`` is left out.
    """
    # Head's lines are the ones to look at.
    places = {one: one for one in base.functions} | {one: one for one in head.functions}
    changes = []
    for one in places.values():
        before = base.functions.get(one, _NOTHING).own
        after = head.functions.get(one, _NOTHING).own
        share = (after - before) / base.total if base.total else 0.0
        if abs(share) >= least:
            changes.append(FunctionChange(one, before, after, share))
    changes.sort(key=lambda change: (-abs(change.difference), change.function))
    return tuple(changes[:top])
