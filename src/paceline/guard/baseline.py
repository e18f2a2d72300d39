"""Judge a run against a baseline."""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass

from paceline.guard.figure import index, unusable
from paceline.guard.grammar import Rule
from paceline.guard.limit import parse_subject
from paceline.guard.regression import Found, judge_pair
from paceline.model import Better, Case, Direction, Kind, Measurement, Metric, Run, Verdict
from paceline.stats.interval import estimate

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paceline.guard.figure import Measured

__all__ = ["Comparison", "Recorded", "judge_against"]

_ACCOMPANYING = frozenset({"first_call", "compile_time", "cpu_share"})
_USUAL = {"peak_memory": "max"}


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
    unreadable: str
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
    unreadable: str = "",
) -> Comparison:
    """Judge every figure of ``head`` against ``base``; None means that there is no baseline yet.

    A rule decides alone about its metric; the others are judged by ``threshold`` (relative) on the
    median, memory on its maximum. Figures that accompany wall time (first call, compile time,
    processor share) are judged only when a rule names them. ``whole`` is False for a run of a part
    of the suite, in which nothing can be called gone. ``unreadable`` says why a baseline that
    exists can't be read: every figure is then *unsure*.
    """
    subject = f"baseline {name}".rstrip()
    before = index(base.measurements) if base and not unreadable else {}
    now = index(head.measurements)
    differences = base.run.host.differences(head.run.host) if base else ()
    terms = _Terms(subject, "; ".join(differences), unreadable, level)
    verdicts = []
    for case_id, metrics in now.items():
        for metric, measurement in metrics.items():
            earlier = before.get(case_id, {}).get(metric)
            for rule in _rules(metric, rules, threshold=threshold):
                if earlier is None:
                    verdicts.append(_new(measurement, rule, terms=terms, first=base is None))
                else:
                    verdicts.append(_compared(earlier, measurement, rule=rule, terms=terms))
    verdicts += _missing(before, now, rules, terms)
    gone = [next(iter(of.values())).case for case_id, of in before.items() if case_id not in now]
    return Comparison(tuple(verdicts), tuple(gone) if whole else ())


def _rules(metric: str, rules: Sequence[Rule], *, threshold: float) -> tuple[Rule, ...]:
    named = tuple(rule for rule in rules if rule.metric == metric)
    if named or metric in _ACCOMPANYING:
        return named
    return (Rule(metric, _USUAL.get(metric, "median"), threshold),)


def _compared(base: Measurement, head: Measurement, *, rule: Rule, terms: _Terms) -> Verdict:
    doubt = terms.incomparable or base.unsure or head.unsure
    if not (base.values and head.values):
        found = Found(Kind.UNSURE, "one side holds no values")
    else:
        reason = unusable(base.values, rule.statistic) or unusable(head.values, rule.statistic)
        found = Found(Kind.UNSURE, reason) if reason else _found(base, head, rule, terms)
    if doubt:
        because = f"not judged: {doubt}; {found.because}"
        found = dataclasses.replace(found, kind=Kind.UNSURE, because=because)
    return _verdict(head, rule, found, terms=terms)


def _found(base: Measurement, head: Measurement, rule: Rule, terms: _Terms) -> Found:
    metric = _judged(head.metric, rule.statistic)
    return judge_pair(base.values, head.values, rule=rule, metric=metric, level=terms.level)


def _new(measurement: Measurement, rule: Rule, *, terms: _Terms, first: bool) -> Verdict:
    """Say that there is nothing to compare with, or that it can't be read."""
    because = "no baseline yet: nothing to compare with" if first else "not in the baseline"
    figure = None
    if measurement.values and not unusable(measurement.values, rule.statistic):
        figure = estimate(measurement.values, rule.statistic, level=terms.level)
    found = Found(Kind.NEW, because, figure)
    if terms.unreadable:
        found = Found(Kind.UNSURE, terms.unreadable, figure)
    return _verdict(measurement, rule, found, terms=terms)


def _missing(
    before: Measured, now: Measured, rules: Sequence[Rule], terms: _Terms
) -> Iterator[Verdict]:
    """Say which figures that a rule names were not measured again in cases that still run."""
    for case_id, metrics in before.items():
        for metric, measurement in metrics.items():
            if case_id in now and metric not in now[case_id]:
                for rule in rules:
                    if rule.metric == metric:
                        found = Found(Kind.UNSURE, "not measured now")
                        yield _verdict(measurement, rule, found, terms=terms)


def _verdict(measurement: Measurement, rule: Rule, found: Found, *, terms: _Terms) -> Verdict:
    metric = _judged(measurement.metric, rule.statistic)
    return Verdict(
        case=measurement.case,
        metric=metric,
        statistic=rule.statistic,
        kind=found.kind,
        figure=found.figure,
        limit=found.limit,
        because=found.because,
        subject=terms.subject,
        change=found.change,
        direction=Direction.MAX if metric.better is Better.LOWER else Direction.MIN,
    )


def _judged(metric: Metric, statistic: str) -> Metric:
    """Give the metric the unit and direction of its statistic (operations per second differ)."""
    subject = parse_subject(f"{metric.name}_{statistic}")
    return subject.metric if subject else metric
