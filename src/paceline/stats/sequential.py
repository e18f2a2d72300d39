"""How often one may look: nominal levels that keep the error of all looks together.

Testing after every pair at 5 % calls noise a change several times as often as once in twenty. A
spending function says how much of the error may be used up by each look (Lan and DeMets, 1983,
doi:10.1093/biomet/70.3.659), and recursive integration gives the boundary that uses up just that
(Armitage, McPherson and Rowe, 1969, doi:10.2307/2343787).
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Design", "design"]

_ROOT_TWO = math.sqrt(2)
_FINE = 3  # points of integration to a standard deviation of one step
_HALVINGS = 60
_FAR = 40.0  # standard errors: no float tail is left beyond


@dataclass(frozen=True, slots=True)
class Design:
    """The ``looks``, as pairs taken by then, and the two-sided nominal ``levels`` at them."""

    looks: tuple[int, ...]
    levels: tuple[float, ...]

    def level(self, pairs: int) -> float:
        """Give the nominal error at the latest look that so many pairs reach, or at the first."""
        reached = sum(look <= pairs for look in self.looks)
        return self.levels[max(reached, 1) - 1]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where the sum of what was seen may be without having crossed a boundary.

    ``places`` are points of integration, ``masses`` the probability that each stands for.
    """

    places: Sequence[float]
    masses: Sequence[float]

    def beyond(self, bound: float, scale: float) -> float:
        """Give the probability that the next step, of this standard deviation, ends beyond it."""
        above = (math.erfc((bound - place) / (scale * _ROOT_TWO)) for place in self.places)
        # the walk is symmetric: both tails are twice the upper one
        return math.fsum(map(mul, self.masses, above))

    def within(self, bound: float, scale: float, steps: int) -> _Walk:
        """Take the next step and keep, by Simpson's rule, what ends between the boundaries."""
        width = 2 * bound / steps
        places = [width * (index - steps / 2) for index in range(steps + 1)]
        front = width / 3 / (scale * math.sqrt(2 * math.pi))
        inner = itertools.cycle((4 * front, 2 * front))
        weights = [front, *itertools.islice(inner, steps - 1), front]
        return _Walk(places, [weight * self._density(place, scale)
                              for place, weight in zip(places, weights, strict=True)])  # fmt: skip

    def _density(self, at: float, scale: float) -> float:
        near = (math.exp(-(((at - place) / scale) ** 2) / 2) for place in self.places)
        return math.fsum(map(mul, self.masses, near))


def design(*, error: float, looks: Sequence[int]) -> Design:
    """Share a two-sided ``error`` among ``looks``, in proportion to the pairs taken by then.

    The levels are reckoned for a normal mean and serve as levels of Student's t (Jennison and
    Turnbull, 2000, ISBN 9780849303166, chapter 4.4). Spending in proportion is ρ = 1 of Kim and
    DeMets (1987, doi:10.1093/biomet/74.1.149).

    Raises:
        ValueError: ``error`` is not between 0 and 1, or the looks do not rise from 1 on.
    """
    if not 0 < error < 1:
        raise ValueError(f"an error between 0 and 1 is needed, got {error}")
    found = tuple(looks)
    if not found or found[0] < 1 or any(b <= a for a, b in itertools.pairwise(found)):
        raise ValueError(f"looks that rise from 1 on are needed, got {found}")
    spent = tuple(error * look / found[-1] for look in found)
    return Design(found, _levels(spent, found))


@functools.lru_cache(maxsize=64)
def _levels(spent: tuple[float, ...], looks: tuple[int, ...]) -> tuple[float, ...]:
    """Find the boundary at each look in turn; ``spent`` is the error used up by then."""
    ends = [look / looks[-1] for look in looks]
    scales = [math.sqrt(b - a) for a, b in itertools.pairwise((0.0, *ends))]
    dues = [b - a for a, b in itertools.pairwise((0.0, *spent))]
    walk, levels = _Walk([0.0], [1.0]), []
    for index, (end, scale, due) in enumerate(zip(ends, scales, dues, strict=True)):
        bound = _bound(walk, scale=scale, due=due)
        levels.append(math.erfc(bound / math.sqrt(2 * end)))
        finest = min(scales[index : index + 2])
        walk = walk.within(bound, scale, 2 * math.ceil(_FINE * bound / finest))
    return tuple(levels)


def _bound(walk: _Walk, *, scale: float, due: float) -> float:
    """Find the boundary beyond which the next step ends with the probability that is due."""
    low, high = 0.0, _FAR
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if walk.beyond(middle, scale) > due:
            low = middle
        else:
            high = middle
    return (low + high) / 2
