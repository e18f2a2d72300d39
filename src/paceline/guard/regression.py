"""Decide whether a figure moved beyond noise and threshold, or whether that can't be told."""

from __future__ import annotations

import dataclasses
import math
import typing
from dataclasses import dataclass

from paceline.guard.budget import quantity
from paceline.guard.figure import ROUNDING, single
from paceline.guard.history import ENOUGH
from paceline.model import Better, Change, Estimate, Kind
from paceline.stats.change import compare
from paceline.stats.interval import estimate
from paceline.stats.summary import statistic

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.guard.grammar import Rule
    from paceline.guard.history import Known
    from paceline.model import Metric

__all__ = ["Found", "judge_pair", "judge_stored"]

_WORDS = {"s": ("slower", "faster"), "B": ("larger", "smaller")}
_FAR = 1_000.0
"""Factor beyond which digits say nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """What comparing two series came to; ``limit`` is in the metric's base unit."""

    kind: Kind
    because: str
    figure: Estimate | None = None
    limit: float | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class _Bound:
    """How far a figure may move: ``allowed`` and ``rounding`` in the base unit, then in words."""

    allowed: float
    rounding: float
    said: str

    def holds(self, moved: float) -> bool:
        return moved <= self.allowed + self.rounding


def judge_pair(
    base: Sequence[float], head: Sequence[float], *, rule: Rule, metric: Metric, level: float
) -> Found:
    """Judge what a rule allows on two series of finite values, in the metric's base unit."""
    before, after = (estimate(values, rule.statistic, level=level) for values in (base, head))
    bound = _bound(rule, metric, before.point, after.point)
    limit = before.point + bound.allowed * (1 if metric.better is Better.LOWER else -1)
    same = tuple(base) == tuple(head)
    positive = before.point > 0 and after.point > 0
    change = _change(base, head, rule=rule, bound=bound, level=level) if positive else None
    if change is None:
        kind, because = _without_ratio(before, after, rule=rule, metric=metric, level=level)
        if same:
            kind, because = Kind.OK, "unchanged"
        return Found(kind, because, after, limit)
    moved = _moved(change)
    if same:
        kind, why = Kind.OK, f", the same values; threshold {bound.said}"
    else:
        kind, why = _decide(moved, bound, rule=rule, metric=metric, level=level)
    because = f"{_said(change.ratio, metric)}{why}; this process only"
    return Found(kind, because, change.head, limit, change)


def judge_stored(  # noqa: PLR0913  (keyword-only, each is one thing the verdict rests on)
    base: Sequence[float],
    head: Sequence[float],
    *,
    rule: Rule,
    metric: Metric,
    level: float,
    known: Known,
) -> Found:
    """Judge two series of positive figures by how far runs of the same code lie apart.

    While too few runs are known, a difference within the threshold is judged by this process
    alone, and one beyond it by a wide spread that is assumed.
    """
    before, after = (statistic(values, rule.statistic) for values in (base, head))
    bound = _bound(rule, metric, before, after)
    if not known.enough and bound.holds(abs(after - before)):
        return judge_pair(base, head, rule=rule, metric=metric, level=level)
    change = _stored_change(before, after, bound=bound, level=level, known=known)
    kind, why = _decide_stored(change, bound, metric=metric, known=known)
    if tuple(base) == tuple(head):
        kind, why = Kind.OK, ", the same values"
    allowed = math.log1p(rule.threshold)
    seen = math.exp(known.spread.visible(error=known.error, threshold=allowed))
    because = f"{_said(change.ratio, metric)}{why}; threshold {bound.said}"
    limit = before + bound.allowed * (1 if metric.better is Better.LOWER else -1)
    because += f"; {_runs(known.spread.runs)} show changes from {_factor(seen)}× on"
    return Found(kind, because, change.head, limit, change)


def _stored_change(
    before: float, after: float, *, bound: _Bound, level: float, known: Known
) -> Change:
    """Give both figures and their ratio with intervals that hold the spread between runs."""
    spread = known.spread
    method = f"spread of {spread.runs} runs" if known.enough else "an assumed spread of runs"

    def around(point: float, half: float) -> Estimate:
        return Estimate(point, point * math.exp(-half), point * math.exp(half), level, method)

    own = spread.half_width(level=level, figures=1)
    ratio = around(after / before, spread.half_width(level=level, figures=2))
    beyond = abs(math.log(ratio.point)) > spread.reach(error=known.error)
    return Change(
        base=around(before, own),
        head=around(after, own),
        ratio=ratio,
        significant=beyond and not ratio.low <= 1 <= ratio.high,
        relevant=not bound.holds(abs(after - before)),
    )


def _decide_stored(
    change: Change, bound: _Bound, *, metric: Metric, known: Known
) -> tuple[Kind, str]:
    """Judge a change against what history shows, and say why where it can't be told."""
    lower = metric.better is Better.LOWER
    if not change.relevant:
        moved = _moved(change)
        held = bound.holds(moved.high if lower else -moved.low)
        return (Kind.OK, "") if held else (Kind.UNSURE, f", too wide to rule out {bound.said}")
    doubt = _doubt(change, known)
    if doubt:
        return Kind.UNSURE, f", {doubt}"
    return (Kind.REGRESSED if (change.ratio.point > 1) is lower else Kind.IMPROVED), ""


def _doubt(change: Change, known: Known) -> str:
    """Say why a change beyond the threshold may not be the code's, "" where nothing else fits."""
    runs = known.spread.runs
    if not change.significant:
        few = f"only {_runs(runs)} known: {ENOUGH - runs} more, or paceline ab"
        return "which runs of the same code reach too" if known.enough else few
    reach = known.spread.reach(error=known.error)
    log, sign = math.log(change.ratio.point), 1 if change.ratio.point > 1 else -1
    if sign * known.shared > 0 and sign * (log - known.shared) <= reach:
        together = _factor(math.exp(abs(known.shared)))
        return f"{together}× shared by {known.crowd} benchmarks: the machine, or all of the code"
    if sign * (math.log(change.head.point) - known.level) <= reach:
        return "the baseline's run lies off the runs around it"
    return ""


def _decide(
    moved: Estimate, bound: _Bound, *, rule: Rule, metric: Metric, level: float
) -> tuple[Kind, str]:
    """Judge a difference in the base unit and say why; ok is only what the interval rules out."""
    threshold = f"; threshold {bound.said}"
    lower = metric.better is Better.LOWER
    if moved.low == moved.high == 0:
        return Kind.OK, threshold
    if moved.level < level:
        few = f"too few rounds for {rule.statistic} at {level * 100:g} %"
        return Kind.UNSURE, ", from a single value" if single(moved) else f", {few}"
    if bound.holds(abs(moved.point)):
        if bound.holds(moved.high if lower else -moved.low):
            return Kind.OK, threshold
        return Kind.UNSURE, f", too wide to rule out {bound.said}"
    if moved.low <= 0 <= moved.high:
        return Kind.UNSURE, f", which may be noise{threshold}"
    return (Kind.REGRESSED if (moved.point > 0) is lower else Kind.IMPROVED), threshold


def _without_ratio(
    before: Estimate, after: Estimate, *, rule: Rule, metric: Metric, level: float
) -> tuple[Kind, str]:
    """Judge by the difference, which an absolute rule can do from zero as well."""
    moved = _difference(before, after)
    if moved.low == moved.high == 0:
        return Kind.OK, "unchanged"
    if rule.relative and before.point > 0 and after.point > 0:
        return Kind.UNSURE, "the interval of the ratio has no bound"
    if rule.relative:
        return Kind.UNSURE, "one side is not above zero, so there is no ratio"
    bound = _bound(rule, metric, before.point, after.point)
    kind, why = _decide(moved, bound, rule=rule, metric=metric, level=level)
    said = f"{quantity(after.point, metric)} from {quantity(before.point, metric)}"
    return kind, f"{said}{why}; this process only"


def _bound(rule: Rule, metric: Metric, before: float, after: float) -> _Bound:
    rounding = ROUNDING * max(abs(before), abs(after))
    if rule.relative:
        return _Bound(rule.threshold * before, rounding, f"{rule.threshold * 100:g} %")
    return _Bound(rule.threshold, rounding, quantity(rule.threshold, metric))


def _change(
    base: Sequence[float], head: Sequence[float], *, rule: Rule, bound: _Bound, level: float
) -> Change | None:
    """Compare, and call relevant what the bound does not hold; None beyond all numbers."""
    try:
        found = compare(base, head, statistic=rule.statistic, threshold=rule.threshold, level=level)
    except OverflowError:
        return None
    relevant = not bound.holds(abs(found.head.point - found.base.point))
    return dataclasses.replace(found, relevant=relevant)


def _moved(change: Change) -> Estimate:
    """Give head minus base, in the base unit, from their ratio."""
    ratio, base = change.ratio, change.base.point
    point, low, high = ((end - 1) * base for end in (ratio.point, ratio.low, ratio.high))
    return dataclasses.replace(ratio, point=point, low=low, high=high)


def _difference(before: Estimate, after: Estimate) -> Estimate:
    """Give after minus before, the arms of both combined.

    The difference that Zou and Donner (2008, doi:10.1002/sim.3095) build from two intervals.
    """
    point = after.point - before.point
    down = math.hypot(after.point - after.low, before.high - before.point)
    up = math.hypot(after.high - after.point, before.point - before.low)
    level = min(before.level, after.level)
    return Estimate(point, point - down, point + up, level, f"difference, {after.method}")


def _said(ratio: Estimate, metric: Metric) -> str:
    """Write ``1.34× slower [1.30 … 1.38]``; below 1 the factor is turned over."""
    more, less = _WORDS.get(metric.unit, ("higher", "lower"))
    ends, word = [ratio.point, ratio.low, ratio.high], more
    if ratio.point < 1:
        turned = (ratio.point, ratio.high, ratio.low)
        ends, word = [1 / end if end > 0 else math.inf for end in turned], less
    point, low, high = map(_factor, ends)
    return f"{point}× {word} [{low} … {high}]"


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def _factor(number: float) -> str:
    if math.isinf(number):
        return "∞"
    return f"{number:.2f}" if number <= _FAR else f">{_FAR:,.0f}"
