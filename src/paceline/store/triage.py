"""Triage: what people said about change points, kept beside the runs.

Change points are found anew each time; what was said about one is kept with the run that began its
level, when that run started and which way the level moved, so that it finds its point again.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from paceline.model import RunId
from paceline.store.connection import StoreFile
from paceline.store.rows import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.store.transactions import Connection, Transactions

__all__ = ["SeriesKey", "State", "Triage", "TriageBook"]


class State(enum.Enum):
    """What people make of a change point; nobody has looked at a new one."""

    NEW = "new"
    CONFIRMED = "confirmed"
    EXPECTED = "expected"
    IGNORED = "ignored"


class SeriesKey(NamedTuple):
    """Which series: a case's id, a metric's name and a kind of host."""

    case: str
    metric: str
    host_kind: str


@dataclass(frozen=True, slots=True)
class Triage:
    """What was said about the level that began with ``run``, started in seconds since the epoch.

    ``size`` is the relative change as it was then.
    """

    run: RunId
    started: float
    size: float
    state: State
    note: str = ""


class TriageBook:
    """What was said, in the store's file or on its server; ``clock`` gives seconds since the epoch.

    Every method raises StoreError when the store can't be used.
    """

    def __init__(
        self, where: Path | Transactions, *, clock: Callable[[], float], busy: float = 30.0
    ) -> None:
        self._file = StoreFile(where, busy=busy) if isinstance(where, Path) else where
        self._clock = clock

    def about(self, series: SeriesKey) -> tuple[Triage, ...]:
        """Read what was said about a series, by the time of the runs."""
        return self._file.read(lambda connection: _read(connection, series))

    def say(self, series: SeriesKey, triage: Triage, *, instead_of: Triage | None = None) -> None:
        """Keep what is said about a change point; the state "new" keeps nothing.

        ``instead_of`` is what was said about it before, maybe with another run.
        """
        key = tuple(map(plain, series))
        said = self._clock()

        def write(connection: Connection) -> None:
            for old in (triage, instead_of or triage):
                connection.execute(
                    "DELETE FROM triage"
                    " WHERE case_id = ? AND metric = ? AND host_kind = ? AND run_id = ?",
                    (*key, plain(old.run)),
                )
            if triage.state is State.NEW:
                return
            told = (plain(triage.run), triage.started, triage.size, triage.state.value)
            connection.execute(
                "INSERT INTO triage"
                " (case_id, metric, host_kind, run_id, started, size, state, note, said)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*key, *told, plain(triage.note), said),
            )

        self._file.write(write)


def _read(connection: Connection, series: SeriesKey) -> tuple[Triage, ...]:
    rows = connection.execute(
        "SELECT run_id, started, size, state, note FROM triage"
        " WHERE case_id = ? AND metric = ? AND host_kind = ? ORDER BY started, run_id",
        tuple(map(plain, series)),
    )
    return tuple(
        Triage(RunId(run), started, size, State(state), note)
        for run, started, size, state, note in rows
    )
