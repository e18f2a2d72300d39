"""Judge measurements against budgets."""

from __future__ import annotations

import dataclasses
import math
import typing
from dataclasses import dataclass

from paceline import units
from paceline.guard.figure import ROUNDING, figure_of, index, single
from paceline.guard.limit import RATIO
from paceline.guard.selection import matches
from paceline.model import METRICS, SINGLE, Direction, Kind, Verdict

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paceline.guard.figure import Figure
    from paceline.model import Budget, Case, Estimate, Measurement, Metric, Selector

__all__ = ["judge_budgets", "quantity", "share_words", "told_apart", "unspent"]

_READABLE = 10_000
_MOST = 8
"""Digits beyond which rounding alone tells figures apart."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What a figure comes to: share of the limit used, beyond limit or target, and the words."""

    spent: float
    broken: bool
    warning: bool
    because: str


def judge_budgets(
    budgets: Iterable[Budget],
    measurements: Iterable[Measurement],
    *,
    ran: Iterable[Case] = (),
    level: float = 0.95,
) -> tuple[Verdict, ...]:
    """Judge every budget on every measured case that it selects.

    ``ran`` holds the cases that ran, measured or not: a budget that selects some of them but no
    measured one gets one *unsure* verdict instead of silence.
    """
    measured = index(measurements)
    cases = _by_item(next(iter(metrics.values())).case for metrics in measured.values())
    items = _by_item(ran)
    unmeasured = {item: found for item, found in items.items() if item not in cases}
    verdicts: list[Verdict] = []
    for budget in budgets:
        selected = _selected(budget.selector, cases)
        for case in selected:
            figure = figure_of(budget, case, measured, level=level)
            if figure is not None:
                verdicts.append(_verdict(budget, case, figure))
        if not selected:
            silent = _selected(budget.selector, unmeasured) or _unlabelled(budget.selector, items)
            verdicts += [_nothing_measured(budget, silent)] if silent else []
    return tuple(verdicts)


def unspent(budgets: Iterable[Budget], verdicts: Iterable[Verdict]) -> tuple[Budget, ...]:
    """List the budgets of which no verdict speaks, such as those for a group that nothing is in."""
    said = {(verdict.subject, verdict.place) for verdict in verdicts}
    return tuple(one for one in budgets if (_subject(one), one.place) not in said)


def quantity(
    value: float, metric: Metric, *, scale: units.Scale | None = None, more: int = 0
) -> str:
    """Write a quantity without idle zeros, as in ``148 ms``; a ratio as ``8.2×``.

    It has four significant digits, and ``more``.
    """
    chosen = scale or units.scale_for((value,), metric.unit)
    figure = _digits(value / chosen.factor, more)
    if metric.name == RATIO.name:
        return f"{figure}×"
    space = "" if metric.unit == "1/s" else " "
    rate = "/s" if metric.name == "throughput" and metric.unit == "B" else ""
    return f"{figure}{space}{chosen.symbol}".rstrip() + rate


def share_words(spent: float) -> str:
    """Write a share in percent, with as many decimals as tell it from all of the limit."""
    if math.isinf(spent):
        return "∞ %"
    written = (f"{spent * 100:,.{places}f}" for places in range(_MOST))
    told = (text for text in written if text.rstrip("0") not in {"1", "100."})
    return f"{next(told, '100')} %"


def told_apart(
    point: float, limit: float, metric: Metric, *, scale: units.Scale | None = None
) -> tuple[str, str]:
    """Write a figure and its limit with as many digits as tell them apart."""
    for more in range(_MOST):
        figure, allowed = (
            quantity(value, metric, scale=scale, more=more) for value in (point, limit)
        )
        if figure != allowed:
            return figure, allowed
    return quantity(point, metric, scale=scale), quantity(limit, metric, scale=scale)


def _verdict(budget: Budget, case: Case, figure: Figure) -> Verdict:
    limit = _limit(budget)
    found, metric = figure.estimate, _worded(budget, figure.metric)
    judged = _judge(budget, found, limit=limit, metric=metric) if found is not None else None
    if figure.unsure or judged is None:
        kind, because = Kind.UNSURE, figure.unsure
        if judged is not None:
            because = f"{judged.because}; not judged: {figure.unsure}"
    else:
        kind = Kind.OVER_BUDGET if judged.broken else Kind.OK
        because = judged.because
    return Verdict(
        case=case,
        metric=metric,
        statistic=budget.statistic,
        kind=kind,
        figure=figure.estimate,
        limit=limit,
        because=because,
        subject=_subject(budget),
        spent=judged.spent if judged is not None else 0.0,
        warning=kind is Kind.OK and judged is not None and judged.warning,
        place=budget.place,
        direction=budget.direction,
    )


def _nothing_measured(budget: Budget, silent: tuple[Case, ...]) -> Verdict:
    where = "the test it selects" if len(silent) == 1 else f"the {len(silent)} tests it selects"
    return Verdict(
        case=silent[0],
        metric=_worded(budget, RATIO if budget.metric == RATIO.name else METRICS[budget.metric]),
        statistic=budget.statistic,
        kind=Kind.UNSURE,
        figure=None,
        limit=_limit(budget),
        because=f"nothing was measured in {where}",
        subject=_subject(budget),
        place=budget.place,
        direction=budget.direction,
    )


def _subject(budget: Budget) -> str:
    return f"budget {budget.name}"


def _by_item(cases: Iterable[Case]) -> Mapping[str, tuple[Case, ...]]:
    found: dict[str, tuple[Case, ...]] = {}
    for case in cases:
        found[case.node_id] = (*found.get(case.node_id, ()), case)
    return found


def _selected(selector: Selector, items: Mapping[str, tuple[Case, ...]]) -> tuple[Case, ...]:
    """List a selector's cases; a marker's own item is looked up, for there may be many of both."""
    some = (items.get(selector.node_id, ()),) if selector.node_id else items.values()
    return tuple(case for cases in some for case in cases if matches(selector, case))


def _unlabelled(selector: Selector, items: Mapping[str, tuple[Case, ...]]) -> tuple[Case, ...]:
    """List the items that one exact name with a label means; a pattern may well mean others."""
    item, _, _label = selector.pattern.rpartition("#")
    if not item or "*" in item or "?" in item:
        return ()
    return _selected(dataclasses.replace(selector, pattern=item), items)


def _limit(budget: Budget) -> float:
    """Give the limit with its tolerance."""
    slack = budget.tolerance if budget.direction is Direction.MAX else -budget.tolerance
    return budget.limit * (1 + slack)


def _worded(budget: Budget, metric: Metric) -> Metric:
    """Give the metric whose words fit: bytes for a throughput that is limited in bytes."""
    return dataclasses.replace(metric, unit="B") if budget.item_unit == "B" else metric


def _judge(budget: Budget, found: Estimate, *, limit: float, metric: Metric) -> _Judgement:
    """Compare the point with the limit, and say when the interval holds the limit."""
    spent = _share(budget.direction, found.point, limit)
    broken = _beyond(budget.direction, found.point, limit)
    words = [_of(budget, found.point, limit=limit, metric=metric)]
    if limit or broken:
        words[0] += f", {share_words(spent)}"
    missed = budget.target is not None and _beyond(budget.direction, found.point, budget.target)
    if budget.target is not None and missed:
        words.append(f"misses its target of {quantity(budget.target, metric)}")
    if single(found) and not metric.name.startswith(SINGLE):
        words.append("a single value, no interval")
    elif found.low <= limit <= found.high and found.low != found.high:
        words.append("the limit lies within the interval")
    return _Judgement(spent, broken, missed, "; ".join(words))


def _of(budget: Budget, point: float, *, limit: float, metric: Metric) -> str:
    """Write ``148 ms of 120 ms``, with the tolerance when there is one."""
    scale = _one_scale(point, limit, metric=metric)
    figure, allowed = told_apart(point, limit, metric, scale=scale)
    if budget.direction is Direction.MIN:
        allowed = f"at least {allowed}"
    if not budget.tolerance:
        return f"{figure} of {allowed}"
    sign = "+" if budget.direction is Direction.MAX else "−"
    declared = quantity(budget.limit, metric, scale=scale)
    return f"{figure} of {allowed} ({declared} {sign} {budget.tolerance * 100:g} %)"


def _digits(figure: float, more: int) -> str:
    """Write a number; without ``more`` digits as every report does."""
    places = max(0, 4 - len(str(int(abs(figure))))) + more
    text = f"{figure:,.{places}f}" if more else units.format_number(figure)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _one_scale(point: float, limit: float, *, metric: Metric) -> units.Scale | None:
    """Choose one scale for both, None where one of them would be unreadable in it."""
    scale = units.scale_for((point, limit), metric.unit)
    return scale if max(point, limit) / scale.factor < _READABLE else None


def _share(direction: Direction, point: float, limit: float) -> float:
    """Give the share of the limit that is used: all there is and more where that is nothing."""
    used, whole = (point, limit) if direction is Direction.MAX else (limit, point)
    if whole > 0:
        return used / whole
    return math.inf if used > 0 else 0.0


def _beyond(direction: Direction, point: float, limit: float) -> bool:
    """Tell whether a point breaks a limit; exactly the limit keeps it, whatever rounding does."""
    more, less = (point, limit) if direction is Direction.MAX else (limit, point)
    return more > less + ROUNDING * abs(limit)
