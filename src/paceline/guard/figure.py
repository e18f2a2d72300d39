"""Find the figure that a budget limits: an estimate, or the reason why there is none."""

from __future__ import annotations

import dataclasses
import math
import typing
from dataclasses import dataclass

from paceline.guard.limit import COUNTS, RATIO
from paceline.guard.selection import named
from paceline.model import METRICS, Better, Case, CaseId, Estimate, Measurement, Metric
from paceline.stats.interval import estimate
from paceline.stats.ratio import ratio
from paceline.stats.summary import statistic

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.model import Budget

__all__ = ["ROUNDING", "Figure", "Measured", "figure_of", "index", "single", "unusable"]

Measured: typing.TypeAlias = "Mapping[CaseId, Mapping[str, Measurement]]"
ROUNDING = 1e-9
"""Share of a figure that floating point may take or add: exactly the limit is within it."""

_SPREADS = frozenset({"stddev", "iqr", "stddev_outliers", "iqr_outliers"})


@dataclass(frozen=True, slots=True)
class Figure:
    """What was found for a budget; ``metric`` carries the figure's unit.

    ``estimate`` is None when nothing was found; ``unsure`` says why a figure is missing or can't be
    trusted, "" when it can.
    """

    metric: Metric
    estimate: Estimate | None
    unsure: str = ""


def index(measurements: Iterable[Measurement]) -> Measured:
    """Arrange measurements by case and metric; of equals the last one counts."""
    found: dict[CaseId, dict[str, Measurement]] = {}
    for measurement in measurements:
        found.setdefault(measurement.case.id, {})[measurement.metric.name] = measurement
    return found


def single(found: Estimate) -> bool:
    """Tell whether an estimate stands on one value and so has no interval."""
    return found.level == 0


def unusable(values: Sequence[float], statistic: str) -> str:
    """Say why values have no such statistic, "" when they have one."""
    if not all(map(math.isfinite, values)):
        return "values that are no number"
    if len(values) == 1 and statistic in _SPREADS:
        return f"a single value has no {statistic}"
    return ""


def figure_of(budget: Budget, case: Case, measured: Measured, *, level: float) -> Figure | None:
    """Find a budget's figure for a case, None where the case is its own reference."""
    own = measured[case.id]
    if budget.metric == RATIO.name:
        return _ratio(budget, case, measured, level=level)
    if budget.metric == "throughput" and "throughput" not in own:
        return _throughput(budget, own.get("wall_time"), level=level)
    measurement = own.get(budget.metric)
    metric = measurement.metric if measurement else METRICS[budget.metric]
    reason = _lacking(measurement, budget.metric, budget.statistic)
    if measurement is None or reason:
        return Figure(metric, None, reason)
    if budget.statistic in COUNTS:
        point = float(statistic(measurement.values, budget.statistic))
        count = Estimate(point, point, point, level, "count")
        return Figure(dataclasses.replace(metric, unit="1"), count, measurement.unsure)
    if budget.statistic == "ops":
        rate = dataclasses.replace(metric, unit="1/s", better=Better.HIGHER)
        found = estimate(measurement.values, "mean", level=level)
        return _inverse(rate, found, amount=1.0, unsure=measurement.unsure)
    found = estimate(measurement.values, budget.statistic, level=level)
    return Figure(metric, found, measurement.unsure)


def _throughput(budget: Budget, time: Measurement | None, *, level: float) -> Figure:
    """Items over wall time; the mean is all items over all time, as a rate has to be averaged."""
    metric = METRICS["throughput"]
    reason = _lacking(time, "wall_time", budget.statistic)
    if time is None or reason:
        return Figure(metric, None, reason)
    if not time.items:
        return Figure(metric, None, "the test states no items= or bytes=")
    if budget.item_unit and budget.item_unit != time.item_unit:
        return Figure(metric, None, "the limit is in bytes, the test states items")
    if budget.statistic == "mean":
        found = estimate(time.values, "mean", level=level)
        return _inverse(metric, found, amount=time.items, unsure=time.unsure)
    reason = _untimed(time.values)
    if reason:
        return Figure(metric, None, reason)
    rates = tuple(time.items / value for value in time.values)
    return Figure(metric, estimate(rates, budget.statistic, level=level), time.unsure)


def _ratio(budget: Budget, case: Case, measured: Measured, *, level: float) -> Figure | None:
    """Reference over case, so that more is faster."""
    own = measured[case.id].get("wall_time")
    reason = _lacking(own, "wall_time", budget.statistic)
    if own is None or reason:
        return Figure(RATIO, None, reason)
    if budget.constant is not None:
        found = estimate(own.values, budget.statistic, level=level)
        return _inverse(RATIO, found, amount=budget.constant, unsure=own.unsure)
    others = _references(budget.reference, case, measured)
    if case.id in {other.case.id for other in others}:
        return None
    if len(others) != 1:
        count = f"{len(others)} benchmarks match" if others else "nothing measured matches"
        return Figure(RATIO, None, f"{count} the reference {budget.reference!r}")
    other = others[0]
    unsure = own.unsure or (other.unsure and f"the reference: {other.unsure}")
    odd = unusable(other.values, budget.statistic)
    reason = f"the reference: {odd}" if odd else _untimed(own.values, other.values)
    if reason:
        return Figure(RATIO, None, reason)
    found = ratio(own.values, other.values, statistic=budget.statistic, level=level)
    return Figure(RATIO, found, unsure)


def _references(name: str, case: Case, measured: Measured) -> tuple[Measurement, ...]:
    """List the wall times a reference names: of several, those with the case's own parameters."""
    times = [of["wall_time"] for of in measured.values() if "wall_time" in of]
    found = [time for time in times if time.values and _refers(name, time.case, case)]
    if len(found) > 1:
        alike = [time for time in found if time.case.parameters == case.parameters]
        found = alike or found
    return tuple(found)


def _refers(name: str, other: Case, case: Case) -> bool:
    """Tell whether a reference means another case; ``#label`` means one in the same item."""
    if name.startswith("#"):
        return other.node_id == case.node_id and other.label == name[1:]
    return named(name, other)


def _lacking(measurement: Measurement | None, name: str, statistic: str) -> str:
    """Say why a statistic can't be taken of a measurement, "" when it can."""
    if measurement is None or not measurement.values:
        return (measurement.unsure if measurement else "") or f"{name} was not measured"
    return unusable(measurement.values, statistic)


def _untimed(*series: tuple[float, ...]) -> str:
    """Say that some round took no time, so that no ratio exists, "" when all did."""
    timed = all(min(values) > 0 for values in series)
    return "" if timed else "a round is too short for the clock"


def _inverse(metric: Metric, found: Estimate, *, amount: float, unsure: str) -> Figure:
    """Give amount over an estimate: low and high change sides, a low of zero leaves no bound."""
    if found.point <= 0:
        return Figure(metric, None, "the time is too short for the clock")
    high = amount / found.low if found.low > 0 else math.inf
    turned = dataclasses.replace(
        found, point=amount / found.point, low=amount / found.high, high=high
    )
    return Figure(metric, turned, unsure)
