"""Records of a run as they arrive, and what a process as a whole took."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.model import METRICS, Case, Measurement, Resources
from paceline.probes.audit import AUDITED, UNHEARD
from paceline.probes.highwater import process_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paceline.probes.highwater import Window
    from paceline.probes.resources import Gauge

__all__ = ["RUN", "Records", "RunWatch", "audited", "collected", "lost_run", "run_time", "users_of"]

RUN = "run"
"""The node id of what a whole process took; its label is the worker's name."""

_UNTOLD = "this system does not tell resident memory"
_EMPTY = "no test ran in this process"
_FIXTURE = "fixture "
_TOP = "."


class Records:
    """The records of a run: the last attempt of a test and the longest set-up of a fixture.

    A shared fixture is set up in every worker that needs it, and more than once where its
    parameters alternate.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Resources] = {}

    def add(self, records: Iterable[Resources]) -> tuple[Resources, ...]:
        """Take records and give those that now stand for their case."""
        news = []
        for one in records:
            key = (one.case.node_id, one.case.label)
            known = self._kept.get(key) if one.case.label else None
            if known is None or (known.figures[0] or 0.0) <= (one.figures[0] or 0.0):
                self._kept[key] = one
                news.append(one)
        return tuple(news)

    @property
    def all(self) -> tuple[Resources, ...]:
        """Every record that stands, in the order in which their cases were met."""
        return tuple(self._kept.values())


class RunWatch:
    """Watches one process over its run: the peak from now on, the growth from the first test on."""

    def __init__(self, gauge: Gauge, worker: str = "") -> None:
        self._gauge = gauge
        self._case = Case(RUN, worker)
        self._window: Window | None = process_mark().open()
        self._before = math.nan
        self._ran = False
        self._found: tuple[Measurement, ...] = ()

    def collected(self) -> None:
        """Take down where the process stands before its first test: imports are no growth."""
        self._before = self._gauge.resident()
        self._ran = True

    def finish(self) -> tuple[Measurement, ...]:
        """Give peak and growth, in bytes; asked again it gives the same."""
        if self._window is not None:
            peak = process_mark().close(self._window)
            self._window = None
            resident = self._gauge.resident()
            growth = resident - self._before
            unsure = peak.unsure or ("" if math.isfinite(peak.bytes) else _UNTOLD)
            self._found = (
                self._measured("run_peak", max(peak.bytes, resident), unsure),
                self._measured("run_growth", growth, _UNTOLD if self._ran else _EMPTY),
            )
        return self._found

    def _measured(self, metric: str, figure: float, reason: str) -> Measurement:
        known = math.isfinite(figure)
        values = (figure,) if known else ()
        unsure = reason if metric == "run_peak" or not known else ""
        return Measurement(self._case, METRICS[metric], values, unsure=unsure)


def lost_run(worker: str) -> tuple[Measurement, ...]:
    """Say that a worker ended before it could tell what it took."""
    reason = f"worker {worker} ended before it told"
    return tuple(
        Measurement(Case(RUN, worker), METRICS[name], (), unsure=reason)
        for name in ("run_peak", "run_growth")
    )


def audited(case: Case, counts: Iterable[int]) -> tuple[Measurement, ...]:
    """Give the counts of audit events as measurements of a test."""
    return tuple(
        Measurement(case, metric, (), unsure=UNHEARD[metric.name])
        if metric.name in UNHEARD
        else Measurement(case, metric, (float(count),))
        for metric, count in zip(AUDITED, counts, strict=True)
    )


def run_time(seconds: float) -> Measurement:
    """Give how long the whole run took, as told by the process that hears every report."""
    return Measurement(Case(RUN), METRICS["run_time"], (seconds,))


def collected(
    files: Mapping[str, float], whole: float, *, worker: str = ""
) -> tuple[Measurement, ...]:
    """Give the seconds that each test file took to collect, and the whole collection first."""
    return (
        Measurement(Case(RUN, worker), METRICS["run_collection_time"], (whole,)),
        *(
            Measurement(Case(node_id), METRICS["collection_time"], (seconds,))
            for node_id, seconds in files.items()
        ),
    )


def users_of(
    records: Iterable[Resources], used: Mapping[str, Mapping[str, int]]
) -> tuple[Measurement, ...]:
    """Say of each shared fixture how many tests use it.

    ``used`` has, by the node id of a class or file, how many of its tests ask for each name. A
    fixture lives at a node: those of the tests at or below it are its users.
    """
    by_name: dict[str, list[tuple[str, int]]] = {}
    for node_id, names in used.items():
        for name, count in names.items():
            by_name.setdefault(name, []).append((node_id, count))
    shared = [one.case for one in records if one.case.label and one.turn.shared]
    return tuple(
        Measurement(case, METRICS["fixture_users"], (float(count),))
        for case in shared
        if (count := _users(case, by_name.get(_name(case), [])))
    )


def _name(case: Case) -> str:
    """Give the fixture's own name, without its parameter."""
    return case.label.removeprefix(_FIXTURE).partition("[")[0]


def _users(case: Case, used: Iterable[tuple[str, int]]) -> int:
    node = case.node_id
    below = (f"{node}/", f"{node}::")
    return sum(count for place, count in used if node in (_TOP, place) or place.startswith(below))
