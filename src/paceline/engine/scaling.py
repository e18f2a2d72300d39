"""Scaling: how the cost of one call grows with the size of its input."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.engine.benchmark import Request, awaits
from paceline.engine.comparison import side_by_side
from paceline.probes.benchmark import Call
from paceline.stats.complexity import Complexity, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paceline.engine.result import Result

__all__ = ["Scaling", "scaling"]

_LEAST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Scaling:
    """One result for each size (seconds per call) and the class of cost that fits them."""

    sizes: tuple[int, ...]
    results: tuple[Result[Any], ...]
    complexity: Complexity

    @property
    def name(self) -> str:
        """The fitted class, such as ``O(n)``."""
        return self.complexity.name

    @property
    def goodness(self) -> float:
        """How well the class fits, 1 at best."""
        return self.complexity.goodness

    @property
    def per_item_ratio(self) -> float:
        """The cost of an item at the largest size over that at the smallest."""
        return self.complexity.per_item_ratio

    def at_most(self, name: str) -> bool:
        """Tell whether the cost grows as this class or slower: ``at_most("O(n)")``."""
        return self.complexity.at_most(name)

    @property
    def linear_or_better(self) -> bool:
        """Whether the cost grows no faster than the size."""
        return self.at_most("O(n)")

    def __str__(self) -> str:
        shape = self.complexity
        slope = shape.exponent
        return (
            f"{shape.name}, goodness {shape.goodness:.3f}, exponent {slope.point:.2f} "
            f"[{slope.low:.2f}…{slope.high:.2f}], per-item ratio {shape.per_item_ratio:.2f} "
            f"from n={self.sizes[0]} to n={self.sizes[-1]}"
        )


def scaling(
    sizes: Sequence[int],
    make: Callable[[int], Any],
    function: Callable[[Any], Any],
    request: Request,
) -> Scaling:
    """Measure ``function(make(size))`` for each size, the cap shared among them.

    Rounds of all sizes are interleaved, so that a slow minute doesn't look like growth. ``make`` is
    not measured. Fewer than three distinct sizes raise MeasureError.
    """
    ordered = tuple(sorted(set(sizes)))
    fit(ordered, [1.0] * len(ordered))  # sizes that can't tell are refused before any time is spent
    share = max(request.options.max_time / max(len(ordered), 1), _LEAST_SECONDS)
    options = dataclasses.replace(request.options, max_time=share)
    prefix = f"{request.case.label}/" if request.case.label else ""
    calls = [Call(function, (make(size),), awaits=awaits(function)) for size in ordered]
    requests = [
        dataclasses.replace(
            request,
            case=dataclasses.replace(request.case, label=f"{prefix}n={size}"),
            options=options,
            items=float(size),
            extra=(*request.extra, ("scaling", str(size))),
        )
        for size in ordered
    ]
    results, _ = side_by_side(calls, requests)
    costs = [result.statistics.median for result in results]
    return Scaling(ordered, results, fit(ordered, costs))
