"""Figures in words: quantities, intervals and ratios, said alike in every report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.guard.budget import told_apart
from paceline.model import Direction, Kind
from paceline.units import Scale, format_number, format_quantity, scale_for

if TYPE_CHECKING:
    from paceline.model import Estimate, Metric, Verdict
    from paceline.report.document import Row

__all__ = [
    "PROCESS_ONLY",
    "against_limit",
    "change_words",
    "count",
    "estimated",
    "interval",
    "is_budget",
    "is_floor",
    "quantity",
    "ratio_words",
    "spent_words",
    "status_word",
    "subject_words",
    "throughput_words",
]

PROCESS_ONLY = "this process only"
"""What every interval from one run is labelled: it leaves out how processes differ."""

_USUAL = 0.95
_PLAIN_FACTOR = 100.0
"""Factor from which decimals say nothing."""
_FAR = 1_000.0
"""Factor beyond which digits mislead."""
_NARROW = 2.0
"""Percent up to which ± with the longer arm misleads no one."""
_LOPSIDED = 1.5
"""How many times longer one arm of an interval may be before ± would mislead."""
_MORE_LESS = {"s": ("slower", "faster"), "B": ("larger", "smaller")}


def interval(estimate: Estimate, scale: Scale) -> str:
    """Write an interval as ``±0.4 %`` (the longer arm), or as ``[low…high]`` where arms differ.

    Where it does not stand at 95 % its level follows; ``±?`` says that there is no interval.
    """
    low, high = estimate.low, estimate.high
    if estimate.level <= 0 or not (math.isfinite(low) and math.isfinite(high)):
        return "±?"
    level = "" if math.isclose(estimate.level, _USUAL) else f" at {100 * estimate.level:.0f} %"
    short, long = sorted((estimate.point - low, high - estimate.point))
    share = 100 * long / abs(estimate.point or math.inf)
    if not estimate.point or short < 0 or (long > _LOPSIDED * short and share > _NARROW):
        ends = (format_number(end / scale.factor) for end in (low, high))
        return f"[{'…'.join(ends)}]{level}"
    return f"±{_percent(share)} %{level}"


def quantity(value: float, metric: Metric) -> str:
    """Write one figure of a metric in the unit that suits it; a ratio as in ``10.20×``."""
    if not math.isfinite(value):
        return "∞"
    rate = "/s" if metric.name == "throughput" and metric.unit == "B" else ""
    return format_quantity(value, metric.unit) + rate + ("×" if metric.name == "ratio" else "")


def estimated(estimate: Estimate, metric: Metric) -> str:
    """Write a figure and its interval, as in ``12.35 ms ±0.40 %``."""
    scale = scale_for((estimate.point,), metric.unit)
    return f"{quantity(estimate.point, metric)} {interval(estimate, scale)}"


def ratio_words(ratio: Estimate, metric: Metric) -> str:
    """Say head over base, as in ``1.02× slower [1.01…1.03]``.

    The factor is always 1 or more and its interval turns with it; ``not told apart`` follows
    where the interval holds 1.
    """
    turned = ratio.point < 1
    point, low, high = (
        (_inverse(ratio.point), _inverse(ratio.high), _inverse(ratio.low))
        if turned
        else (ratio.point, ratio.low, ratio.high)
    )
    word = _MORE_LESS.get(metric.unit, ("higher", "lower"))[turned]
    open_question = ", not told apart" if ratio.low <= 1 <= ratio.high else ""
    places = 2 if f"{low:.2f}" != f"{high:.2f}" else 3
    said, *ends = (_factor(number, places) for number in (point, low, high))
    return f"{said}× {word} [{'…'.join(ends)}]{open_question}"


def spent_words(verdict: Verdict) -> str:
    """Say a figure beside its limit, as in ``mean 148 ms of 120 ms, 123 %``."""
    return f"{subject_words(verdict)} {verdict.because}"


def change_words(verdict: Verdict) -> str:
    """Say a figure beside its base, as in ``median 14.6 ms from 12.3 ms, 1.19× slower […]``."""
    change, metric = verdict.change, verdict.metric
    if change is None:
        return verdict.because
    head, base = quantity(change.head.point, metric), quantity(change.base.point, metric)
    return f"{subject_words(verdict)} {head} from {base}, {ratio_words(change.ratio, metric)}"


def subject_words(verdict: Verdict) -> str:
    """Name what was judged: the statistic, and its metric unless that is the time of a call."""
    metric = verdict.metric.name
    return verdict.statistic if metric == "wall_time" else f"{metric} {verdict.statistic}"


def is_budget(verdict: Verdict) -> bool:
    """Tell a verdict on a budget from one on a baseline."""
    return verdict.subject.startswith("budget")


def is_floor(verdict: Verdict) -> bool:
    """Tell whether a limit is a least: what keeps it lies above the limit."""
    return verdict.direction is Direction.MIN


def against_limit(verdict: Verdict) -> tuple[str, str]:
    """Write a figure with its interval, and its limit as in ``≤ 120 ms``; "" for what is missing.

    Where both read alike and are not, digits are added until they differ.
    """
    figure, limit, metric = verdict.figure, verdict.limit, verdict.metric
    if limit is None:
        return (estimated(figure, metric) if figure else ""), ""
    bound = "≥ " if is_floor(verdict) else "≤ "
    if figure is None:
        return "", bound + quantity(limit, metric)
    said, allowed = quantity(figure.point, metric), quantity(limit, metric)
    if said == allowed and figure.point != limit:
        said, allowed = told_apart(figure.point, limit, metric)
    return f"{said} {interval(figure, scale_for((figure.point,), metric.unit))}", bound + allowed


def throughput_words(row: Row) -> str:
    """Say the work per second, "" when no work was stated."""
    if row.throughput is None:
        return ""
    point = row.throughput.point
    if row.measurement.item_unit == "B":
        return f"{format_quantity(point, 'B')}/s"
    return f"{format_quantity(point, '1/s')}"


def count(number: int, noun: str) -> str:
    """Write a number with its noun, as in ``1 regression`` or ``2 regressions``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def status_word(kind: Kind, *, warning: bool = False) -> str:
    """Write a verdict for a reader; a missed target is said although it is ok."""
    return "ok, target missed" if warning and kind is Kind.OK else kind.value


def _percent(share: float) -> str:
    """Write a percentage with two digits, and two decimals at most."""
    places = 0 if share >= 9.95 else 1 if share >= 0.995 else 2  # noqa: PLR2004  (where they round up)
    return f"{share:.{places}f}"


def _inverse(number: float) -> float:
    return 1 / number if number else math.inf


def _factor(number: float, places: int) -> str:
    if not math.isfinite(number):
        return "∞"
    if number > _FAR:
        return f">{_FAR:,.0f}"
    return f"{number:,.{places if number < _PLAIN_FACTOR else 0}f}"
