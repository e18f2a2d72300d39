"""Judge a run against a baseline."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from paceline.guard.budget import quantity
from paceline.guard.figure import index, single
from paceline.guard.grammar import Rule
from paceline.guard.limit import parse_subject
from paceline.model import Better, Case, Change, Kind, Measurement, Metric, Run, Verdict
from paceline.stats.change import compare
from paceline.stats.interval import estimate
from paceline.stats.summary import statistic

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.model import Estimate

__all__ = ["Comparison", "Recorded", "judge_against"]

_ACCOMPANYING = frozenset({"first_call", "compile_time", "cpu_share"})
_USUAL = {"peak_memory": "max"}
_WORDS = {"s": ("slower", "faster"), "B": ("larger", "smaller")}


class Recorded(typing.NamedTuple):
    """A run with what it measured."""

    run: Run
    measurements: Sequence[Measurement]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A verdict for each figure compared; ``gone`` are the baseline's cases not measured now."""

    verdicts: tuple[Verdict, ...]
    gone: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class _Terms:
    """What is the same for every figure of one comparison."""

    subject: str
    incomparable: str
    level: float


def judge_against(  # noqa: PLR0913  (keyword-only, each is one setting of a comparison)
    base: Recorded | None,
    head: Recorded,
    *,
    name: str = "",
    rules: Sequence[Rule] = (),
    threshold: float = 0.1,
    level: float = 0.95,
    whole: bool = True,
) -> Comparison:
    """Judge every figure of ``head`` against ``base``; None means that there is no baseline yet.

    A rule decides alone about its metric; the others are judged by ``threshold`` (relative) on the
    median, memory on its maximum. Figures that accompany wall time (first call, compile time,
    processor share) are judged only when a rule names them. ``whole`` is False for a run of a part
    of the suite, in which nothing can be called gone.
    """
    subject = f"baseline {name}".rstrip()
    before = index(base.measurements) if base else {}
    differences = base.run.host.differences(head.run.host) if base else ()
    terms = _Terms(subject, "; ".join(differences), level)
    verdicts = []
    for case_id, metrics in index(head.measurements).items():
        for metric, measurement in metrics.items():
            earlier = before.get(case_id, {}).get(metric)
            for rule in _rules(metric, rules, threshold=threshold):
                if earlier is None:
                    verdicts.append(_new(measurement, rule, terms=terms, first=base is None))
                else:
                    verdicts.append(_compared(earlier, measurement, rule=rule, terms=terms))
    now = {measurement.case.id for measurement in head.measurements}
    gone = [next(iter(of.values())).case for case_id, of in before.items() if case_id not in now]
    return Comparison(tuple(verdicts), tuple(gone) if whole else ())


def _rules(metric: str, rules: Sequence[Rule], *, threshold: float) -> tuple[Rule, ...]:
    named = tuple(rule for rule in rules if rule.metric == metric)
    if named or metric in _ACCOMPANYING:
        return named
    return (Rule(metric, _USUAL.get(metric, "median"), threshold),)


def _new(measurement: Measurement, rule: Rule, *, terms: _Terms, first: bool) -> Verdict:
    because = "no baseline yet: nothing to compare with" if first else "not in the baseline"
    figure = None
    if measurement.values:
        figure = estimate(measurement.values, rule.statistic, level=terms.level)
    return Verdict(
        case=measurement.case,
        metric=_judged(measurement.metric, rule.statistic),
        statistic=rule.statistic,
        kind=Kind.NEW,
        figure=figure,
        limit=None,
        because=because,
        subject=terms.subject,
    )


def _compared(base: Measurement, head: Measurement, *, rule: Rule, terms: _Terms) -> Verdict:
    metric = _judged(head.metric, rule.statistic)
    doubt = terms.incomparable or base.unsure or head.unsure
    limit, change, figure = None, None, None
    if not (base.values and head.values):
        kind, because = Kind.UNSURE, "one side holds no values"
    else:
        before = statistic(base.values, rule.statistic)
        after = statistic(head.values, rule.statistic)
        relative = _relative(rule, before)
        limit = before * (1 + relative * (1 if metric.better is Better.LOWER else -1))
        if before > 0 and after > 0:
            change = compare(
                base.values,
                head.values,
                statistic=rule.statistic,
                threshold=relative,
                level=terms.level,
            )
            figure = change.head
            kind, because = _judge(change, metric)
            because = f"{because}; threshold {_threshold(rule, metric)}; this process only"
        else:
            figure = estimate(head.values, rule.statistic, level=terms.level)
            kind, because = _without_ratio(before, after)
    if doubt:
        kind, because = Kind.UNSURE, f"not judged: {doubt}; {because}"
    return Verdict(
        case=head.case,
        metric=metric,
        statistic=rule.statistic,
        kind=kind,
        figure=figure,
        limit=limit,
        because=because,
        subject=terms.subject,
        change=change,
    )


def _judge(change: Change, metric: Metric) -> tuple[Kind, str]:
    said = _said(change.ratio, metric)
    if not change.relevant:
        return Kind.OK, said
    if single(change.base) or single(change.head):
        return Kind.UNSURE, f"{said}, from a single value"
    if not change.significant:
        return Kind.UNSURE, f"{said}, which may be noise"
    worse = (change.ratio.point > 1) is (metric.better is Better.LOWER)
    return (Kind.REGRESSED if worse else Kind.IMPROVED), said


def _without_ratio(before: float, after: float) -> tuple[Kind, str]:
    if before == after:
        return Kind.OK, "unchanged"
    return Kind.UNSURE, "one side is not above zero, so there is no ratio"


def _said(ratio: Estimate, metric: Metric) -> str:
    """Write ``1.34× slower [1.30 … 1.38]``; below 1 the factor is turned over."""
    more, less = _WORDS.get(metric.unit, ("higher", "lower"))
    if ratio.point >= 1:
        return f"{ratio.point:.2f}× {more} [{ratio.low:.2f} … {ratio.high:.2f}]"
    low = f"{1 / ratio.low:.2f}" if ratio.low > 0 else "∞"
    return f"{1 / ratio.point:.2f}× {less} [{1 / ratio.high:.2f} … {low}]"


def _threshold(rule: Rule, metric: Metric) -> str:
    if rule.relative:
        return f"{rule.threshold * 100:g} %"
    return quantity(rule.threshold, metric)


def _relative(rule: Rule, before: float) -> float:
    """Give a rule's threshold as a share of the baseline's figure."""
    if rule.relative:
        return rule.threshold
    return rule.threshold / before if before > 0 else 0.0


def _judged(metric: Metric, statistic: str) -> Metric:
    """Give the metric the unit and direction of its statistic (operations per second differ)."""
    subject = parse_subject(f"{metric.name}_{statistic}")
    return subject.metric if subject else metric
