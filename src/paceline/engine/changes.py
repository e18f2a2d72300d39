"""Changes: where the level of a recorded series moved, at which commit, and what was said of it."""

from __future__ import annotations

import dataclasses
import math
import time
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.engine.line import in_order
from paceline.errors import UsageError
from paceline.stats.changepoint import detect
from paceline.store.triage import SeriesKey, State, Triage, TriageBook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.engine.line import Line
    from paceline.model import Run
    from paceline.stats.changepoint import ChangePoint
    from paceline.store.sqlite import Store

__all__ = ["Changes", "Shift", "book_of", "changes_of", "triaged"]

_LONGEST = 10_000  # runs that are looked at
_MOVED = 5  # runs by which a change point may move and still be the same


@dataclass(frozen=True, slots=True)
class Shift:
    """A change point of a series of runs.

    ``first`` is the first run of the new level. The change came after ``since``, the last run that
    surely had the old level, and no later than ``until``. ``said`` is what people made of it, None
    for a new one.
    """

    point: ChangePoint
    first: Run
    since: Run
    until: Run
    said: Triage | None = None

    @property
    def state(self) -> State:
        """What people made of it."""
        return self.said.state if self.said else State.NEW


@dataclass(frozen=True, slots=True)
class Changes:
    """The change points of one series, oldest first, over so many ``runs``."""

    series: SeriesKey
    shifts: tuple[Shift, ...]
    runs: int


def book_of(store: Store) -> TriageBook:
    """Give what people said about change points, kept beside the store's runs."""
    return TriageBook(store.transactions, clock=time.time)


def changes_of(store: Store, book: TriageBook, series: SeriesKey, line: Line) -> Changes:
    """Find the change points of the medians of a series over the complete runs of one line.

    Raises:
        StoreError: the store can't be read.
    """
    points = store.trend(series.case, series.metric, limit=_LONGEST)
    medians = {
        one.run: one.median
        for one in points
        if one.median is not None and math.isfinite(one.median)
    }
    members = in_order(
        (
            run
            for run in store.runs(complete_only=True)
            if run.id in medians and run.host.kind == series.host_kind and line.holds(run)
        ),
        line,
    )
    found = detect([medians[run.id] for run in members])
    return Changes(series, _with_what_was_said(found, members, book.about(series)), len(members))


def triaged(
    changes: Changes, book: TriageBook, reference: str, state: State, *, note: str = ""
) -> Changes:
    """Say what a change point is, by the start of a commit or of a run in its range.

    Raises:
        UsageError: no change point, or several, have such a commit or run.
        StoreError: the store can't be written.
    """
    shift = _meant(changes, reference)
    said = Triage(shift.first.id, shift.first.started, shift.point.size.point, state, note)
    book.say(changes.series, said, instead_of=shift.said)
    kept = dataclasses.replace(shift, said=None if state is State.NEW else said)
    shifts = tuple(kept if one is shift else one for one in changes.shifts)
    return dataclasses.replace(changes, shifts=shifts)


def _meant(changes: Changes, reference: str) -> Shift:
    """Find the change point of a reference; the first run's own names go before the range's."""
    if not changes.shifts:
        raise UsageError(
            "this series has no change point", remedy="see it by paceline history CASE"
        )
    for runs in (_first, _range):
        meant = [
            shift
            for shift in changes.shifts
            if any(name.startswith(reference) for run in runs(shift) for name in _names(run))
        ]
        if len(meant) == 1 and reference:
            return meant[0]
    known = ", ".join(_names(shift.first)[0][:10] for shift in changes.shifts)
    raise UsageError(
        f"{reference!r} names no single change point",
        remedy=f"name the first commit of one: {known}",
    )


def _first(shift: Shift) -> tuple[Run, ...]:
    return (shift.first,)


def _range(shift: Shift) -> tuple[Run, ...]:
    return (shift.first, shift.until)


def _names(run: Run) -> tuple[str, ...]:
    return tuple(name for name in (run.commit, run.id) if name)


def _with_what_was_said(
    points: Sequence[ChangePoint], runs: Sequence[Run], said: Iterable[Triage]
) -> tuple[Shift, ...]:
    """Give each point what was said of the nearest place within its reach, each word once."""
    shifts = [
        Shift(one, runs[one.index], runs[one.earliest - 1], runs[one.latest]) for one in points
    ]
    places = {run.id: place for place, run in enumerate(runs)}
    starts = sorted(run.started for run in runs)  # in the order of commits, not always of time
    pairs = sorted(
        (
            (
                _distance(shift.point, places.get(word.run, bisect_left(starts, word.started))),
                at,
                word,
            )
            for word in said
            for at, shift in enumerate(shifts)
            if (word.size > 0) == (shift.point.size.point > 0)
        ),
        key=lambda pair: (pair[0], pair[1], pair[2].started),
    )
    used: set[Triage] = set()
    for distance, at, word in pairs:
        if distance <= _MOVED and word not in used and shifts[at].said is None:
            used.add(word)
            shifts[at] = dataclasses.replace(shifts[at], said=word)
    return tuple(shifts)


def _distance(point: ChangePoint, place: int) -> int:
    """Tell how many runs a place lies outside of where the point may be."""
    return max(point.earliest - place, place - point.latest, 0)
