"""Frames: a profile's functions as a tree of who called whom, each with its own instructions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.stats.profile import Cost

if TYPE_CHECKING:
    from paceline.stats.profile import Function, Profile

__all__ = ["Frame", "frames"]

_SMALLEST = 0.001
"""Part of the total below which a call is drawn as its caller's own work."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A function at one place of the tree, with its own instructions there."""

    function: Function
    own: float
    children: tuple[Frame, ...]


def frames(profile: Profile) -> tuple[Frame, ...]:
    """Give the outermost functions with all that they called below them.

    A profile knows who called whom and for how much, not along which path: a function's cost below
    one caller is shared as its whole cost is, as gprof does (Graham, Kessler and McKusick, 1982,
    doi:10.1145/872726.806987). Calls back to a function further up count as work of the caller.
    """
    called: dict[Function, dict[Function, float]] = defaultdict(dict)
    entered: dict[Function, float] = defaultdict(float)
    for (caller, callee), passed in profile.calls.items():
        if caller != callee:
            called[caller][callee] = passed
            entered[callee] += passed
    least = profile.total * _SMALLEST
    roots = []
    for one, cost in sorted(profile.functions.items()):
        rest = cost.inclusive - entered[one]
        if rest > least:
            roots.append(_Tree(profile, called, least).frame(one, rest, frozenset()))
    return tuple(roots)


@dataclass(frozen=True, slots=True)
class _Tree:
    profile: Profile
    called: dict[Function, dict[Function, float]]
    least: float

    def frame(self, one: Function, cost: float, above: frozenset[Function]) -> Frame:
        """Share a cost between a function and those that it called."""
        known = self.profile.functions.get(one, Cost(cost, cost))
        parts = self.called[one]
        part = cost / max(known.own + sum(parts.values()), known.inclusive, 1.0)
        path = above | {one}
        inner = {
            callee: passed * part
            for callee, passed in sorted(parts.items())
            if callee not in path and passed * part > self.least
        }
        children = tuple(self.frame(callee, passed, path) for callee, passed in inner.items())
        return Frame(one, cost - sum(inner.values()), children)
