"""Judge a run against a baseline."""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass

from paceline.guard.figure import index, unusable
from paceline.guard.grammar import Rule
from paceline.guard.history import Known, Pair, Recorded, learn
from paceline.guard.limit import parse_subject
from paceline.guard.policy import threshold_for
from paceline.guard.regression import Found, judge_pair, judge_stored
from paceline.model import (
    SINGLE,
    Better,
    Case,
    CaseId,
    Direction,
    Kind,
    Measurement,
    Metric,
    Verdict,
)
from paceline.stats.interval import estimate

if typing.TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from paceline.guard.figure import Measured
    from paceline.guard.policy import Policy

__all__ = ["ACCOMPANYING", "Comparison", "Recorded", "judge_against"]

ACCOMPANYING = frozenset(
    {"first_call", "compile_time", "cpu_share", "collection_time", "fixture_users"}
)
"""Metrics that come with every time; only a rule of the user's own judges them."""

_USUAL = {"peak_memory": "max"}
_STEADY = {**_USUAL, "wall_time": "min"}
"""Statistics that runs of the same code agree on best: a busy machine slows rounds, never speeds
them (Chen and Revels, 2016, arXiv:1608.04295)."""


_Asked: typing.TypeAlias = "tuple[Measurement, Rule, Measurement | None]"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A verdict for each figure compared; ``gone`` are the baseline's cases not measured now."""

    verdicts: tuple[Verdict, ...]
    gone: tuple[Case, ...] = ()


class _Usual(typing.NamedTuple):
    """How a figure is judged that no rule names; ``statistics`` by metric."""

    statistics: Mapping[str, str]
    threshold: float
    policies: Sequence[Policy]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What is the same for every figure of one comparison."""

    subject: str
    incomparable: str
    unreadable: str
    level: float
    known: Mapping[tuple[CaseId, str], Known]


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
    history: Iterable[Recorded] | None = None,
    policies: Sequence[Policy] = (),
) -> Comparison:
    """Judge every figure of ``head`` against ``base``; None means that there is no baseline yet.

    A rule decides alone about its metric, by the rounds of both processes; the others are judged
    by ``threshold`` (relative, or that of the case's policy): with ``history``, comparable runs
    without ``head``, by how far runs of the same code lie apart, else by the rounds as well.
    ``whole`` is False for a run of a part of the suite, in which nothing can be called gone;
    ``unreadable`` says why a baseline that exists can't be read: every figure is then *unsure*.
    """
    before = index(base.measurements) if base and not unreadable else {}
    now = index(head.measurements)
    differences = base.run.host.differences(head.run.host) if base else ()
    usual = _Usual(_USUAL if history is None else _STEADY, threshold, policies)
    asked = tuple(
        (one, rule, before.get(one.case.id, {}).get(one.metric.name))
        for metrics in now.values()
        for one in metrics.values()
        for rule in _rules(one, rules, usual)
    )
    known: Mapping[tuple[CaseId, str], Known] = {}
    if base and history is not None and not differences:
        known = learn(history, base, tuple(_pairs(asked, {rule.metric for rule in rules})))
    terms = _Terms(f"baseline {name}".rstrip(), "; ".join(differences), unreadable, level, known)
    verdicts = [_verdict_on(each, terms, first=base is None) for each in asked]
    verdicts += _missing(before, now, rules, terms)
    gone = (of for case, of in before.items() if case not in now) if whole else ()
    return Comparison(tuple(verdicts), tuple(_missed(gone, rules, usual)))


def _missed(
    gone: Iterable[Mapping[str, Measurement]], rules: Sequence[Rule], usual: _Usual
) -> Iterator[Case]:
    """Give the cases of which a rule would have compared a figure."""
    for figures in gone:
        if any(_rules(one, rules, usual) for one in figures.values()):
            yield next(iter(figures.values())).case


def _verdict_on(asked: _Asked, terms: _Terms, *, first: bool) -> Verdict:
    """Judge one figure by one rule, where there is an earlier one."""
    measurement, rule, earlier = asked
    if earlier is None:
        return _new(measurement, rule, terms=terms, first=first)
    return _compared(earlier, measurement, rule=rule, terms=terms)


def _rules(measurement: Measurement, rules: Sequence[Rule], usual: _Usual) -> tuple[Rule, ...]:
    metric = measurement.metric.name
    named = tuple(rule for rule in rules if rule.metric == metric)
    if named or metric in ACCOMPANYING or metric.startswith(SINGLE):
        return named
    threshold = threshold_for(measurement.case, usual.policies, usual.threshold)
    return (Rule(metric, usual.statistics.get(metric, "median"), threshold),)


def _pairs(asked: Iterable[_Asked], named: Container[str]) -> Iterator[Pair]:
    """Give what is compared by no rule of the user's own."""
    for measurement, rule, earlier in asked:
        if earlier is not None and rule.metric not in named:
            yield Pair(earlier, measurement, rule.statistic)


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
    known = terms.known.get((head.case.id, head.metric.name))
    if known is None:
        return judge_pair(base.values, head.values, rule=rule, metric=metric, level=terms.level)
    return judge_stored(
        base.values, head.values, rule=rule, metric=metric, level=terms.level, known=known
    )


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
