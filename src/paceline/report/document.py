"""Document: the one input of every renderer; whatever is said anywhere comes from it."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.model import SINGLE, Kind
from paceline.stats.interval import estimate
from paceline.stats.summary import summarise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.model import Case, CaseId, Estimate, Measurement, Resources, Run, Verdict
    from paceline.stats.summary import Summary

__all__ = ["SEVERITY", "Document", "Row", "build", "severity"]

TIME = "wall_time"
"""The metric of the benchmark table proper."""
ACCOMPANYING = frozenset({"first_call", "compile_time", "cpu_share"})
"""Metrics that come with every time; verbose detail and JSON show them."""
SEVERITY = (Kind.OVER_BUDGET, Kind.REGRESSED, Kind.UNSURE, Kind.NEW, Kind.IMPROVED, Kind.OK)
"""Worst first: what a row with several verdicts is called, and what a short report keeps."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement with everything that is said about it.

    ``throughput`` is in ``measurement.item_unit`` per second, None when no work was stated.
    """

    measurement: Measurement
    summary: Summary
    mean: Estimate
    median: Estimate
    throughput: Estimate | None
    status: Kind
    verdicts: tuple[Verdict, ...] = ()

    @property
    def timed(self) -> bool:
        """Whether the row belongs to the benchmark table proper."""
        return self.measurement.metric.name == TIME

    @property
    def single(self) -> bool:
        """Whether the row tells what a whole test or run took, or what a callable leaks."""
        return self.measurement.metric.name.startswith(SINGLE)

    @property
    def accompanies(self) -> bool:
        """Whether the row is worth a line only where it was asked for or judged."""
        return self.single or self.measurement.metric.name in ACCOMPANYING


@dataclass(frozen=True, slots=True)
class Document:
    """One run, ready to be said; ``duration`` of the whole run in seconds (0 when unknown).

    ``baseline`` names what was compared with ("main@1a2b3c4", "" for nothing); ``gone`` are
    the cases that the baseline has and the run has not. ``resources`` are what each test took,
    ``processes`` what each process did over the run; ``unvalued`` are the measurements without a
    value, for a reason that they hold; ``saved`` are the names of the store's baselines.
    """

    run: Run
    rows: tuple[Row, ...]
    verdicts: tuple[Verdict, ...] = ()
    gone: tuple[Case, ...] = ()
    baseline: str = ""
    notes: tuple[str, ...] = ()
    duration: float = 0.0
    resources: tuple[Resources, ...] = ()
    processes: tuple[Measurement, ...] = ()
    unvalued: tuple[Measurement, ...] = ()
    saved: tuple[str, ...] = ()

    @property
    def timed(self) -> tuple[Row, ...]:
        """The rows of the benchmark table proper."""
        return tuple(row for row in self.rows if row.timed)

    @property
    def others(self) -> tuple[Row, ...]:
        """The rows besides; what only accompanies a time is among them when it was judged."""
        return tuple(
            row for row in self.rows if not row.timed and (not row.accompanies or _told(row))
        )

    @property
    def cases(self) -> tuple[CaseId, ...]:
        """The measured cases, each once, in their order."""
        return tuple(dict.fromkeys(row.measurement.case.id for row in self.rows if not row.single))

    def of_kind(self, kind: Kind) -> tuple[Verdict, ...]:
        """The verdicts of one kind, in their order."""
        return tuple(verdict for verdict in self.verdicts if verdict.kind is kind)


def build(  # noqa: PLR0913  (each is one part of what a report says)
    run: Run,
    measurements: Iterable[Measurement],
    verdicts: Iterable[Verdict] = (),
    *,
    baseline: str = "",
    gone: Iterable[Case] = (),
    notes: Iterable[str] = (),
    duration: float = 0.0,
    level: float = 0.95,
) -> Document:
    """Summarise and estimate every measurement and put its verdicts beside it.

    A measurement without values gives no row: there is no figure to show.
    """
    found, taken = tuple(verdicts), tuple(measurements)
    measured = tuple(one for one in taken if one.values)
    own = {(one.case.id, one.metric.name) for one in measured}
    by_row: dict[tuple[CaseId, str], list[Verdict]] = {}
    for verdict in found:
        case, metric = verdict.case.id, verdict.metric.name
        # Ratios and throughput are judged on times and have no row of their own.
        at = (case, metric if (case, metric) in own else TIME)
        by_row.setdefault(at, []).append(verdict)
    rows = tuple(
        row_of(one, tuple(by_row.get((one.case.id, one.metric.name), ())), level=level)
        for one in measured
    )
    return Document(
        run,
        rows,
        found,
        tuple(gone),
        baseline,
        tuple(notes),
        duration,
        unvalued=tuple(one for one in taken if not one.values),
    )


def row_of(
    measurement: Measurement, verdicts: tuple[Verdict, ...] = (), *, level: float = 0.95
) -> Row:
    """Summarise one measurement; ``level`` is the confidence of its intervals."""
    mean = estimate(measurement.values, "mean", level=level)
    return Row(
        measurement=measurement,
        summary=summarise(measurement.values),
        mean=mean,
        median=estimate(measurement.values, "median", level=level),
        throughput=_throughput(measurement, mean),
        status=_status(measurement, verdicts),
        verdicts=verdicts,
    )


def severity(kind: Kind) -> int:
    """Rank a verdict, 0 for the worst."""
    return SEVERITY.index(kind)


def _told(row: Row) -> bool:
    """Tell whether a verdict on what only accompanies others needs a line."""
    return row.status is not Kind.OK if row.single else bool(row.verdicts)


def _status(measurement: Measurement, verdicts: tuple[Verdict, ...]) -> Kind:
    kinds = [verdict.kind for verdict in verdicts]
    if measurement.unsure:
        kinds.append(Kind.UNSURE)
    return min(kinds, key=severity, default=Kind.OK)


def _throughput(measurement: Measurement, mean: Estimate) -> Estimate | None:
    """Turn seconds per call into work per second: the interval's ends change places."""
    items = measurement.items
    if not items or measurement.metric.unit != "s" or mean.point <= 0:
        return None
    high = items / mean.low if mean.low > 0 else math.inf
    return dataclasses.replace(mean, point=items / mean.point, low=items / mean.high, high=high)
