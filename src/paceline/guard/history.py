"""What earlier runs teach about a comparison: how far runs of the same code lie apart."""

from __future__ import annotations

import math
import typing
from dataclasses import dataclass

from paceline.guard.figure import index, unusable
from paceline.stats.runspread import RunSpread, levels, pooled, run_spread, slow_stretch
from paceline.stats.summary import quantile, statistic

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.model import CaseId, Measurement, Run, RunId

__all__ = ["ENOUGH", "Known", "Pair", "Recorded", "learn"]

ENOUGH = 10
"""Runs from which their spread is believed as it is."""

_ASSUMED = 0.2
"""Spread of runs, as the standard deviation of a logarithm, that few runs can't talk us out of."""
_SUITE_ERROR = 0.01
"""Probability that a suite of unchanged code has any verdict that says otherwise."""
_CROWD = 5  # benchmarks that make what they share believable
_EXACT = "B"  # figures in bytes barely differ between runs: nothing is assumed about them


class Recorded(typing.NamedTuple):
    """A run with what it measured."""

    run: Run
    measurements: Sequence[Measurement]


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure on both sides of a comparison, by its statistic."""

    base: Measurement
    head: Measurement
    statistic: str

    @property
    def logs(self) -> tuple[float, float] | None:
        """The logarithms of both figures, None where one has none."""
        base, head = (_log(one, self.statistic) for one in (self.base, self.head))
        return None if base is None or head is None else (base, head)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one figure: its ``spread`` between runs, and what else bears on it.

    ``level`` is the logarithm around which the runs next to the baseline's lie; ``shared`` is the
    difference, as a logarithm, that all ``crowd`` benchmarks show together (0 for too few);
    ``error`` is this figure's share of the suite's false alarms.
    """

    spread: RunSpread
    level: float
    shared: float
    crowd: int
    error: float

    @property
    def enough(self) -> bool:
        """Whether the spread is learnt rather than assumed."""
        return self.spread.runs >= ENOUGH


class _Past(typing.NamedTuple):
    """A run's measurements by case and metric."""

    id: RunId
    measured: Mapping[CaseId, Mapping[str, Measurement]]


def learn(
    history: Iterable[Recorded], base: Recorded, pairs: Sequence[Pair]
) -> Mapping[tuple[CaseId, str], Known]:
    """Learn about every figure from the runs before, the oldest first; by case and metric.

    The baseline's own run is one of them. Figures that are unsure, missing or not above zero teach
    nothing; a metric in bytes is left out until there are enough runs.
    """
    runs = _in_order(history, base)
    by_metric: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        if pair.logs is not None and not pair.base.unsure:
            by_metric.setdefault((pair.head.metric.name, pair.statistic), []).append(pair)
    error = _SUITE_ERROR / max(1, sum(map(len, by_metric.values())))
    found: dict[tuple[CaseId, str], Known] = {}
    for group in by_metric.values():
        found |= _taught(group, runs, base.run.id, error=error)
    return found


def _taught(
    pairs: Sequence[Pair], runs: Sequence[_Past], base: RunId, *, error: float
) -> Mapping[tuple[CaseId, str], Known]:
    series = [_series(pair, runs) for pair in pairs]
    assumed = 0.0 if pairs[0].head.metric.unit == _EXACT else _ASSUMED
    spreads = pooled(
        [
            run_spread(list(logs.values()), least=assumed if len(logs) < ENOUGH else 0.0)
            for logs, _slow in series
        ],
        (stretch for _logs, slow in series for stretch in slow) if assumed else (),
    )
    moves = sorted(head - before for before, head in filter(None, (pair.logs for pair in pairs)))
    shared = quantile(moves, 0.5) if len(moves) >= _CROWD else 0.0
    found = {}
    for pair, (logs, _slow), spread in zip(pairs, series, spreads, strict=True):
        if assumed or spread.runs >= ENOUGH:
            level = dict(zip(logs, levels(list(logs.values())), strict=True))[base]
            key = (pair.head.case.id, pair.head.metric.name)
            found[key] = Known(spread, level, shared, len(moves), error)
    return found


def _in_order(history: Iterable[Recorded], base: Recorded) -> tuple[_Past, ...]:
    runs = {one.run.id: one for one in (*history, base)}
    ordered = sorted(runs.values(), key=lambda one: one.run.started)
    return tuple(_Past(one.run.id, index(one.measurements)) for one in ordered)


def _series(pair: Pair, runs: Sequence[_Past]) -> tuple[dict[RunId, float], list[float]]:
    """Give a figure's logarithms by run, and the slow stretches of these runs."""
    logs: dict[RunId, float] = {}
    slow = []
    for run in runs:
        measured = run.measured.get(pair.head.case.id, {}).get(pair.head.metric.name)
        log = _log(measured, pair.statistic) if measured and not measured.unsure else None
        if measured is not None and log is not None:
            logs[run.id] = log
            slow.append(slow_stretch(measured.values))
    return logs, slow


def _log(measured: Measurement, name: str) -> float | None:
    if not measured.values or unusable(measured.values, name):
        return None
    figure = statistic(measured.values, name)
    return math.log(figure) if figure > 0 else None
