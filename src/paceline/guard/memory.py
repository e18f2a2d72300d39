"""Memory's own words and limits: default limits, places in lines, sums of shared fixtures."""

from __future__ import annotations

import math
import typing
from dataclasses import dataclass

from paceline import units
from paceline.guard.budget import share_words
from paceline.model import Budget, Direction, Kind, Selector

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.model import Measurement, Site, Verdict

__all__ = [
    "DEFAULT",
    "LIMITS",
    "Broken",
    "Shared",
    "broken_limits",
    "default_budgets",
    "explained",
    "limit_budget",
    "not_overruled",
    "place_lines",
    "share_of",
    "shared_peak",
]

LIMITS = {
    "peak": "test_peak_memory",
    "growth": "test_memory_growth",
    "process": "test_process_rise",
    "process_growth": "test_process_growth",
    "children": "test_children_peak",
}
"""What a ``memory_limit`` may limit, and the metric of each."""

DEFAULT = "memory default"
"""The name of the limits that hold for every test."""

_TINY = 0.001
"""Share of a figure below which a place is not worth a line."""
_NATIVE_FACTOR = 2.0
_NATIVE_LEAST = 8 * 1024**2
"""How much a process must have risen beyond Python's bytes before native memory is spoken of."""
_BLOCKS = ("peak_memory", "memory_growth", "process_rise", "process_growth", "children_peak")


class Limits(typing.Protocol):
    """The limits that settings may set for every test and for the run, in bytes, 0 for none."""

    @property
    def limit(self) -> float:
        """The most that a process may rise by during a test."""

    @property
    def growth(self) -> float:
        """The most that a process may have grown by after a test."""

    @property
    def peak(self) -> float:
        """The most Python bytes at a test's peak."""

    @property
    def run_peak(self) -> float:
        """The most resident memory of a process of the run."""

    @property
    def run_growth(self) -> float:
        """The most that a process may grow by over the run."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A fixture that several tests share, in bytes: what its set-up left and what it peaked at.

    ``began`` and ``ended`` count events, so that an order can be told.
    """

    name: str
    held: float
    peak: float
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken memory limit and where the memory was held."""

    verdict: Verdict
    sites: tuple[Site, ...]
    figure: float
    native: float


def limit_budget(metric: str, limit: float, *, selector: Selector, **terms: typing.Any) -> Budget:
    """Make the budget of one limit in bytes; ``terms`` are its name and its place."""
    return Budget(
        selector=selector,
        metric=metric,
        statistic="max",
        direction=Direction.MAX,
        limit=limit,
        **terms,
    )


def default_budgets(limits: Limits) -> tuple[Budget, ...]:
    """Make the budgets of the limits that hold for every test and for the run."""
    named = {
        "test_process_rise": limits.limit,
        "test_process_growth": limits.growth,
        "test_peak_memory": limits.peak,
        "run_peak": limits.run_peak,
        "run_growth": limits.run_growth,
    }
    return tuple(
        limit_budget(metric, limit, selector=Selector(), name=DEFAULT)
        for metric, limit in named.items()
        if limit
    )


def not_overruled(verdicts: Iterable[Verdict], own: Iterable[Budget]) -> tuple[Verdict, ...]:
    """Leave out what a default limit says about a test that has a limit of its own on it."""
    overruled = {(one.selector.node_id, one.metric) for one in own}
    return tuple(
        one
        for one in verdicts
        if one.subject != f"budget {DEFAULT}"
        or (one.case.node_id, one.metric.name) not in overruled
    )


def shared_peak(used: Iterable[Shared]) -> float:
    """Give the most that setting up shared fixtures took, one after the other, in bytes."""
    fixtures = tuple(used)
    return max(
        (
            one.peak + sum(other.held for other in fixtures if other.ended <= one.began)
            for one in fixtures
        ),
        default=0.0,
    )


def explained(sites: Iterable[Site], figure: float) -> float:
    """Give the share of a figure that its places hold."""
    held = sum(site.size_growth for site in sites)
    return min(1.0, held / figure) if figure > 0 else 0.0


def share_of(figure: float, limit: float) -> str:
    """Write a figure's share of its limit in percent."""
    return share_words(figure / limit if limit else math.inf)


def place_lines(sites: Sequence[Site], figure: float, *, word: str = "peak") -> tuple[str, ...]:
    """Write places, the largest first, and how much of the figure they explain."""
    if not sites:
        return ("  no place was seen: no line of Python held it when it was looked at",)
    told = [site for site in sites if site.size_growth >= _TINY * figure] or sites[:1]
    columns = max(len(_where(site)) for site in told)
    lines = [f"  {_where(site):<{columns}}  {_what(site)}" for site in told]
    share = round(100 * explained(sites, figure))
    return (*lines, f"  these explain {share} % of the {word}")


def broken_limits(
    verdicts: Iterable[Verdict], measurements: Iterable[Measurement]
) -> tuple[Broken, ...]:
    """List the broken limits on memory with their places, the worst first."""
    metrics = (*LIMITS.values(), *_BLOCKS)
    found = {(one.case.id, one.metric.name): one for one in measurements}
    broken = []
    for verdict in verdicts:
        name = verdict.metric.name
        if verdict.kind is not Kind.OVER_BUDGET or name not in metrics:
            continue
        measurement = found.get((verdict.case.id, name))
        broken.append(
            Broken(
                verdict,
                measurement.sites if measurement else (),
                verdict.figure.point if verdict.figure else 0.0,
                _native(measurement),
            )
        )
    return tuple(sorted(broken, key=lambda one: -one.verdict.spent))


def _native(measurement: Measurement | None) -> float:
    """Say how far the process rose where that is far more than Python's bytes, else 0."""
    if measurement is None or not measurement.values:
        return 0.0
    rise = float(measurement.condition("process rise") or 0.0)
    python = max(measurement.values)
    return rise if rise > _NATIVE_FACTOR * python and rise - python > _NATIVE_LEAST else 0.0


def _where(site: Site) -> str:
    return " ".join(part for part in (str(site.place or ""), site.name) if part)


def _what(site: Site) -> str:
    blocks = f"{site.count:,.0f} × {units.format_quantity(site.average, 'B')}"
    said = f"{units.format_quantity(site.size, 'B'):>10}  ({blocks}"
    if site.size_growth == site.size:
        return f"{said})"
    return f"{said}, {_signed(site.size_growth)})"


def _signed(value: float) -> str:
    sign = "+" if value >= 0 else "−"
    return f"{sign}{units.format_quantity(abs(value), 'B')}"
