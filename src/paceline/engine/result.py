"""Result: what one benchmark gave, the code's own value and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from paceline import units
from paceline.errors import Place
from paceline.guard.budget import judge_budgets
from paceline.guard.grammar import from_marker
from paceline.model import Estimate, Kind, Measurement
from paceline.stats.interval import estimate
from paceline.stats.summary import Summary, statistic, summarise

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BudgetBroken", "Result", "Statistics"]

T = TypeVar("T")


class BudgetBroken(AssertionError):  # noqa: N818  (what happened, as pytest shows it)
    """A figure lies beyond the budget that the test asserts."""


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """The code's own ``value`` and the measurements taken, wall time first.

    Figures are in seconds per call; ``level`` is the confidence of the intervals, which hold for
    this process only: they don't see how processes differ.
    """

    value: T
    measurements: tuple[Measurement, ...]
    level: float = 0.95

    @property
    def wall_time(self) -> Measurement:
        """The measurement of elapsed time, in seconds per call."""
        return self.measurements[0]

    @property
    def statistics(self) -> Summary:
        """Every statistic of the wall time: min, max, mean, stddev, median, p95, ops, …."""
        return summarise(self.wall_time.values)

    @property
    def mean(self) -> Estimate:
        """The mean wall time with its interval, in seconds."""
        return estimate(self.wall_time.values, "mean", level=self.level)

    @property
    def median(self) -> Estimate:
        """The median wall time with its interval, in seconds."""
        return estimate(self.wall_time.values, "median", level=self.level)

    @property
    def cpu_share(self) -> float:
        """Processor time of this process over wall time; above 1 with several threads."""
        shares = self.metric("cpu_share")
        return statistic(shares.values, "median") if shares else float("nan")

    @property
    def throughput(self) -> float:
        """Items (or bytes) per second; nan where no items are stated."""
        wall = self.wall_time
        return wall.items / statistic(wall.values, "mean") if wall.items else float("nan")

    def metric(self, name: str) -> Measurement | None:
        """Look up another measurement of the same benchmark by its metric's name."""
        return next((one for one in self.measurements if one.metric.name == name), None)

    def ratio_to(self, constant: str | float) -> Estimate:
        """Give the median over a constant time ("100 ms", or a number of seconds)."""
        base = units.parse(constant, "s") if isinstance(constant, str) else float(constant)
        here = self.median
        method = f"{here.method} over a constant"
        return Estimate(here.point / base, here.low / base, here.high / base, here.level, method)

    def check(self, **limits: Any) -> None:
        """Assert budgets as the ``budget`` marker takes them, such as ``max_mean="100 ms"``.

        What can't be judged (a debugger watches, the metric was not measured) fails no test.

        Raises:
            BudgetBroken: a figure lies beyond its limit.
            SettingsError: an unknown limit or unit.
        """
        case = self.wall_time.case
        place = Place(case.node_id.partition("::")[0])
        budgets = from_marker(limits, node_id=case.node_id, place=place)
        verdicts = judge_budgets(budgets, self.measurements)
        broken = [one for one in verdicts if one.kind is Kind.OVER_BUDGET]
        if broken:
            raise BudgetBroken("; ".join(f"{one.statistic}: {one.because}" for one in broken))


class Statistics:
    """Statistics as pytest-benchmark users read them: ``["mean"]``, ``.mean``, ``.stats.mean``.

    Seconds per call.
    """

    def __init__(self, measurement: Measurement) -> None:
        self.measurement = measurement
        self._summary = summarise(measurement.values)

    @property
    def stats(self) -> Statistics:
        """The same statistics: the second ``stats`` of ``benchmark.stats.stats.mean``."""
        return self

    @property
    def data(self) -> list[float]:
        """The raw values in their order, in seconds per call."""
        return list(self.measurement.values)

    @property
    def sorted_data(self) -> list[float]:
        """The raw values from the smallest on, in seconds per call."""
        return sorted(self.measurement.values)

    @property
    def iterations(self) -> int:
        """Calls to a round."""
        return self.measurement.iterations

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all statistics."""
        return tuple(self._names())

    def as_dict(self) -> dict[str, Any]:
        """Give every named statistic, in seconds per call."""
        return {name: self[name] for name in self._names()}

    def __getitem__(self, name: str) -> Any:
        if name in {"data", "sorted_data", "iterations"}:
            return getattr(self, name)
        if name in self._names():
            return getattr(self._summary, name)
        return statistic(self.measurement.values, name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._names():
            return getattr(self._summary, name)
        if name.startswith(("q", "p")) and name.lstrip("qp_")[:1].isdigit():
            return statistic(self.measurement.values, name)
        raise AttributeError(f"no statistic {name!r}; there are {', '.join(self._names())}")

    def __repr__(self) -> str:
        return f"Statistics({self._summary!r})"

    def _names(self) -> Iterable[str]:
        return Summary.__slots__
