"""Series: one metric of one case over runs, found by a name and written as a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.cli.changes import changes_as_builtins, changes_lines, percent
from paceline.cli.listing import GONE, SHORT, commit_of, when
from paceline.cli.sparkline import sparkline
from paceline.engine.line import in_order
from paceline.errors import UsageError
from paceline.guard.limit import nearest
from paceline.guard.selection import named
from paceline.model import Estimate
from paceline.report.json import run_as_builtins
from paceline.report.table import Align, Heading, decimals, lay_out, number, safe
from paceline.report.words import interval, quantity
from paceline.stats.interval import estimate
from paceline.units import scale_for

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from paceline.engine.changes import Changes, Shift
    from paceline.engine.line import Lines
    from paceline.model import Case, CaseId, Measurement, Metric, Run, RunId
    from paceline.store import trend
    from paceline.store.sqlite import Store

__all__ = ["Point", "Series", "find_series", "series_as_builtins", "series_text"]

_LOOKED_AT = 20
"""Runs whose cases a name is looked for in, the newest first."""


@dataclass(frozen=True, slots=True)
class Point:
    """The median in one run, None where it has no figure; level 0 says that it has no interval."""

    run: Run
    median: Estimate | None
    rounds: int
    unsure: str


@dataclass(frozen=True, slots=True)
class Series:
    """Points, the newest code first.

    ``elsewhere`` counts those left out for another kind of host, ``beside`` those on other
    branches; of the commits in ``gone`` nothing leads to any more.
    """

    case: CaseId
    metric: Metric
    points: tuple[Point, ...]
    elsewhere: int = 0
    beside: int = 0
    gone: frozenset[str] = frozenset()


def find_series(  # noqa: PLR0913  (keyword-only, each is one flag of the command)
    store: Store,
    asked: str,
    *,
    metric: str,
    limit: int,
    level: float,
    all_hosts: bool = False,
    lines: Lines,
) -> Series:
    """Read the series of the one case that ``asked`` names, on the newest run's kind of host.

    Raises:
        UsageError: no case, several cases, no such metric, or no run on these lines.
    """
    case = asked if store.series(asked, metric, limit=1) else _case(store, asked, metric)
    found, beside = _on_lines(store, case, metric, limit=limit, lines=lines)
    # Medians outlive raw values: the summary stays when retention drops these.
    kept = {one.run: one for one in store.trend(case, metric, limit=limit + beside)}
    first = found[0][0]
    here = {run.id: one for run, one in found if all_hosts or run.host.kind == first.host.kind}
    ordered = in_order((run for run, _one in found if run.id in here), lines.main)
    points = tuple(
        _point(run, here[run.id], kept.get(run.id), level=level) for run in reversed(ordered)
    )
    newest = here[first.id]
    left = len(found) - len(here)
    return Series(newest.case.id, newest.metric, points, left, beside, lines.gone)


def series_text(series: Series, changes: Changes, *, pure_ascii: bool = False) -> str:
    """Write the curve with its change points and a line for each run, all figures in one unit."""
    shifts = {shift.first.id: shift for shift in changes.shifts}
    known = [one.median.point for one in series.points if one.median]
    scale = scale_for(tuple(known), series.metric.unit)
    places = decimals(known, scale)
    several = len({one.run.branch for one in series.points}) > 1
    headings = [
        Heading("Started (UTC)", Align.LEFT),
        Heading("Run", Align.LEFT),
        Heading("Commit", Align.LEFT),
        *([Heading("Branch", Align.LEFT)] if several else []),
        Heading(f"Median ({scale.symbol})" if scale.symbol else "Median"),
        Heading("", Align.LEFT, gap=1),
        Heading("Rounds"),
        Heading("", Align.LEFT),
    ]
    rows = []
    for one in series.points:
        figure, arms = "?", ""
        if one.median:
            figure, arms = number(one.median.point, scale, places), interval(one.median, scale)
        said = safe(_remark(one, shifts.get(one.run.id)), pure_ascii=pure_ascii)
        facts = [when(one.run), one.run.id[:SHORT], commit_of(one.run, series.gone)]
        if several:
            facts.append(safe(one.run.branch, pure_ascii=pure_ascii, longest=30))
        rows.append([*facts, figure, arms, f"{one.rounds:,}", said])
    lines = [safe(f"{series.case}  {series.metric.name}", pure_ascii=pure_ascii, longest=200)]
    lines += _curve(series, shifts, pure_ascii=pure_ascii)
    lines += ["", *lay_out(headings, rows, pure_ascii=pure_ascii)]
    lines += changes_lines(changes, {one.run.id for one in series.points}, pure_ascii=pure_ascii)
    return "\n".join([*lines, *_left_out(series)])


def _left_out(series: Series) -> Iterator[str]:
    """Say what the table does not show, and what its star means."""
    if series.elsewhere:
        yield from ("", f"{series.elsewhere} more on other kinds of host: --all-hosts shows them")
    if series.beside:
        yield from ("", f"{series.beside} more on other branches: --all-branches shows them")
    if any(one.run.commit in series.gone for one in series.points):
        yield from ("", GONE)


def series_as_builtins(series: Series, changes: Changes) -> dict[str, Any]:
    """Give a series as builtins, figures in the metric's base unit, null for none."""
    return {
        "case": series.case,
        "metric": series.metric.name,
        "unit": series.metric.unit,
        "statistic": "median",
        "elsewhere": series.elsewhere,
        "beside": series.beside,
        "points": [
            {
                "run": run_as_builtins(one.run),
                "gone": one.run.commit in series.gone,
                "median": _estimate_as_builtins(one.median),
                "rounds": one.rounds,
                "unsure": one.unsure,
            }
            for one in series.points
        ],
        "change_points": changes_as_builtins(changes),
    }


def _on_lines(
    store: Store, case: str, metric: str, *, limit: int, lines: Lines
) -> tuple[list[tuple[Run, Measurement]], int]:
    """Read the newest measurements on some lines, and count those beside them that are as new.

    Raises:
        UsageError: there is none.
    """
    asked = limit
    while True:
        found = store.series(case, metric, limit=asked)
        ours = [pair for pair in found if lines.holds(pair[0])]
        if len(ours) >= limit or len(found) < asked:
            break
        asked *= 4
    if not ours:
        where = f"the branch {lines.main.branch}" if lines.main.branch else "what is checked out"
        raise UsageError(
            f"{case} has no run on {where}",
            remedy=f"--all-branches shows {len(found)} on others",
        )
    return ours[:limit], len(found) - len(ours)


def _case(store: Store, asked: str, metric: str) -> CaseId:
    """Find the one recorded case that a name means, in the newest run that has any such."""
    seen: dict[CaseId, Case] = {}
    for run in store.runs(limit=_LOOKED_AT):
        metrics = {(one.case.id, one.metric.name): one.case for one in store.measurements(run.id)}
        cases = {case.id: case for case in metrics.values()}
        seen |= cases
        meant = [case for case in cases.values() if named(asked, case)]
        meant = meant or [case for case in cases.values() if asked in case.id]
        having = [case.id for case in meant if (case.id, metric) in metrics]
        if len(having) == 1:
            return having[0]
        if len(having) > 1:
            listed = ", ".join(having[:10])
            raise UsageError(f"{len(having)} cases match {asked!r}", remedy=f"name one: {listed}")
        if meant:
            known = sorted({name for case, name in metrics if case == meant[0].id})
            raise UsageError(
                f"{meant[0].id} has no metric {metric!r}", remedy=f"it has {', '.join(known)}"
            )
    names = tuple(sorted({case.name for case in seen.values()}))
    raise UsageError(
        f"no recorded case matches {asked!r}",
        remedy=nearest(asked, names) if names else "record a run: paceline run",
    )


def _point(run: Run, measurement: Measurement, kept: trend.Point | None, *, level: float) -> Point:
    """Estimate from raw values; without them the kept median stands, without an interval."""
    if measurement.values:
        median = estimate(measurement.values, "median", level=level)
        return Point(run, median, measurement.rounds, measurement.unsure)
    if kept is None or kept.median is None:
        return Point(run, None, measurement.rounds, measurement.unsure)
    median = Estimate(kept.median, kept.median, kept.median, 0.0, "kept summary")
    return Point(run, median, kept.rounds, measurement.unsure)


def _remark(point: Point, shift: Shift | None) -> str:
    torn = "" if point.run.complete else "incomplete run"
    moved = f"level {percent(shift.point.size.point)}" if shift else ""
    return "; ".join(word for word in (moved, torn, point.unsure) if word)


def _curve(series: Series, shifts: Container[RunId], *, pure_ascii: bool) -> Iterator[str]:
    """Draw the medians, oldest first, and a caret under the first run of each new level."""
    points = series.points[::-1]
    medians = [one.median.point if one.median else None for one in points]
    known = [value for value in medians if value is not None]
    if len(known) > 1:
        marks = sparkline(medians, pure_ascii=pure_ascii)
        low, high = quantity(min(known), series.metric), quantity(max(known), series.metric)
        yield safe(f"{marks}  {low} to {high}, oldest first", pure_ascii=pure_ascii, longest=300)
        carets = "".join("^" if one.run.id in shifts else " " for one in points).rstrip()
        if carets:
            yield carets


def _estimate_as_builtins(found: Estimate | None) -> dict[str, Any] | None:
    """JSON has no word for what is not finite."""
    if found is None:
        return None
    ends = {"point": found.point, "low": found.low, "high": found.high, "level": found.level}
    return {name: value if math.isfinite(value) else None for name, value in ends.items()}
