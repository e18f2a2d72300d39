"""Imported: what holds for every run that comes from a file, and what the file may not say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paceline.errors import StoreError
from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId, Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paceline.errors import Place
    from paceline.store.exchange.document import RunDocument

__all__ = [
    "UNDATED",
    "Given",
    "check_start",
    "foreign_run",
    "record",
    "run_time",
    "settle",
    "unknown_host",
]

UNDATED = 0.0
"""The start of a run whose file doesn't say it."""

_RUN = "run"
_LATEST = 253_370_764_800.0  # the year 9999, the last one that dates can hold
_ID = 32  # hexadecimal digits, as a recorded run's id has
_NO_TURN = Turn()


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of a file besides; ``started`` in seconds since the epoch, 0 for nothing."""

    commit: str = ""
    branch: str = ""
    started: float = UNDATED


def foreign_run(kind: str, *, host: Host | None = None, started: float = UNDATED) -> Run:
    """Begin a run of a foreign format: complete, and compared with no run that was measured."""
    return Run(
        RunId(""),
        started,
        host or unknown_host(kind),
        settings=(("imported", kind),),
        complete=True,
    )


def unknown_host(kind: str) -> Host:
    """Stand in for a host that the file doesn't tell; it is comparable with its like alone."""
    return Host("", 0, 0, "", "", f"imported {kind}")


def settle(  # noqa: PLR0913  (each bears on the run's id)
    document: RunDocument,
    place: Place,
    *,
    kind: str,
    data: bytes,
    position: int,
    given: Given,
    otherwise: float,
) -> RunDocument:
    """Give a foreign run what was said of it, its id by content, and a start.

    ``position`` tells apart several runs of one file; ``otherwise`` is the start where neither
    the file nor ``given`` says one.
    """
    words = (kind, str(position), given.commit, given.branch, repr(given.started))
    digest = hashlib.sha256("\0".join(words).encode("utf-8", "backslashreplace") + b"\0" + data)
    run = replace(
        document.run,
        id=RunId(digest.hexdigest()[:_ID]),
        commit=given.commit or document.run.commit,
        branch=given.branch or document.run.branch,
        started=given.started or document.run.started or otherwise,
    )
    return check_start(document._replace(run=run), place)


def check_start(document: RunDocument, place: Place) -> RunDocument:
    """Refuse a start that is no date: every list of runs would stumble over it.

    Raises:
        StoreError: a start before 1970 or after the year 9999.
    """
    started = document.run.started
    if not 0 <= started < _LATEST:
        raise StoreError(
            f"the run's start {started!r} is no date between 1970 and 9999, in seconds since 1970",
            place=place,
            remedy="mend it in the file, or say it by --started",
        )
    return document


def run_time(seconds: float) -> Measurement:
    """Make the measurement of a whole run."""
    return Measurement(Case(_RUN), METRICS["run_time"], (seconds,))


def record(
    node_id: str,
    figures: Mapping[str, float],
    *,
    unsure: Mapping[str, str] | None = None,
    turn: Turn = _NO_TURN,
) -> Resources:
    """Make a test's record of the few figures that a foreign file has, by metric."""
    return Resources(
        Case(node_id),
        tuple(figures.get(name) for name in RESOURCES),
        tuple((unsure or {}).items()),
        turn,
    )
