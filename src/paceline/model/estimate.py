"""Estimate: a number with its interval; Change: how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Change", "Estimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point with the interval [low, high] at confidence ``level``; ``method`` names both."""

    point: float
    low: float
    high: float
    level: float
    method: str

    @property
    def half_width(self) -> float:
        """Half of the interval, relative to the point (infinite at a point of zero)."""
        return (self.high - self.low) / 2 / abs(self.point) if self.point else float("inf")


@dataclass(frozen=True, slots=True)
class Change:
    """How ``head`` differs from ``base``: ``ratio`` is head over base, with its interval.

    ``significant``: the interval leaves out 1; ``relevant``: the point lies beyond the threshold.
    """

    base: Estimate
    head: Estimate
    ratio: Estimate
    significant: bool
    relevant: bool
