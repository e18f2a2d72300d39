"""Store: runs and their measurements in one SQLite file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from paceline.errors import StoreError
from paceline.model import Baseline, Run, RunId
from paceline.store import rows
from paceline.store.connection import StoreFile
from paceline.store.facts import delete_facts, insert_facts, read_facts
from paceline.store.past import read_past
from paceline.store.references import MEASURED, check_name, find_run
from paceline.store.resources import insert_resources, read_resources, read_times
from paceline.store.retention import prune
from paceline.store.trend import trend
from paceline.store.values import decode_values

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from paceline.model import Measurement, Resources
    from paceline.store.facts import Fact, FactKind
    from paceline.store.retention import Retention
    from paceline.store.trend import Point
    from paceline.suite.past import Past

__all__ = ["Store"]

_NEWEST = "ORDER BY runs.started DESC, runs.number DESC LIMIT ?"
_ALL = -1  # SQLite's "no limit"


class Store:
    """The runs of a project, kept in the file at ``path``.

    A call opens the file, does one transaction and closes it; what it wrote is kept when it
    returns. ``clock`` gives seconds since the epoch; ``busy`` is how long to wait for other
    writers, in seconds. Every method raises StoreError when the file can't be used.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float], busy: float = 30.0) -> None:
        self._clock = clock
        self._file = StoreFile(path, busy=busy)

    @property
    def path(self) -> Path:
        """The file, as an absolute path."""
        return self._file.path

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened to the file so far: migrated, or found damaged and kept aside."""
        return self._file.notes

    def begin(self, run: Run) -> None:
        """Keep a run that has just started; it stays incomplete until `finish`."""
        self._file.write(lambda connection: rows.insert_run(connection, run))

    def append(self, run_id: RunId, measurements: Iterable[Measurement]) -> None:
        """Keep measurements of a run: all of them, or none when this raises."""
        given = tuple(measurements)  # whatever makes them may take its time, or use the store

        def write(connection: sqlite3.Connection) -> None:
            rows.insert_measurements(connection, rows.run_number(connection, run_id), given)

        self._file.write(write)

    def keep_resources(self, run_id: RunId, records: Iterable[Resources]) -> None:
        """Keep what tests of a run took: all of the records, or none when this raises."""
        given = tuple(records)  # as above

        def write(connection: sqlite3.Connection) -> None:
            insert_resources(connection, rows.run_number(connection, run_id), given)

        self._file.write(write)

    def finish(self, run: Run) -> None:
        """Mark a run complete and keep its final facts."""
        self._file.write(lambda connection: rows.update_run(connection, run))

    def runs(
        self,
        *,
        limit: int | None = None,
        branch: str = "",
        commit: str = "",
        complete_only: bool = False,
        measured_only: bool = False,
    ) -> tuple[Run, ...]:
        """List runs, newest first; empty texts select everything.

        ``measured_only`` leaves out runs that only hold what their tests took.
        """
        query = (
            f"SELECT {rows.RUN_COLUMNS} FROM {rows.RUN_TABLES}"  # noqa: S608  (constants)
            " WHERE (? = '' OR branch = ?) AND (? = '' OR commit_id = ?) AND complete >= ?"
            f" AND {MEASURED if measured_only else 1} {_NEWEST}"
        )
        wanted = (rows.plain(branch),) * 2 + (rows.plain(commit),) * 2
        most = _ALL if limit is None else limit
        return self._file.read(
            lambda connection: tuple(
                map(rows.as_run, connection.execute(query, (*wanted, complete_only, most)))
            )
        )

    def run(self, run_id: RunId) -> Run:
        """Read one run by its whole id."""
        return self._file.read(
            lambda connection: _run(connection, rows.run_number(connection, run_id))
        )

    def find(self, reference: str) -> Run:
        """Find the run that a reference means.

        In this order: a baseline's name; ``latest`` or ``latest~2`` among complete runs; a run id
        or its unique start; a commit or its unique start of four characters or more, and of its
        runs the newest complete one.
        """
        return self._file.read(lambda connection: _run(connection, find_run(connection, reference)))

    def measurements(
        self, run_id: RunId, *, metric: str = "", case: str = ""
    ) -> tuple[Measurement, ...]:
        """Read a run's measurements, in the order in which the store first met their cases.

        One whose raw values are gone has no values and is unsure, which says why.
        """
        query = (
            f"SELECT {rows.MEASUREMENT_COLUMNS} FROM {rows.MEASUREMENT_TABLES}"  # noqa: S608  (constants)
            " WHERE run_number = ? AND (? = '' OR metrics.name = ?) AND (? = '' OR cases.id = ?)"
            " ORDER BY case_number, metric_number"
        )
        wanted = (rows.plain(metric),) * 2 + (rows.plain(case),) * 2
        return self._file.read(
            lambda connection: tuple(
                map(
                    rows.as_measurement,
                    connection.execute(query, (rows.run_number(connection, run_id), *wanted)),
                )
            )
        )

    def resources(self, run_id: RunId) -> tuple[Resources, ...]:
        """Read what a run's tests took, in the order in which the store first met their cases."""
        return self._file.read(
            lambda connection: read_resources(connection, rows.run_number(connection, run_id))
        )

    def times(self, case_id: str, *, limit: int = 30) -> tuple[float | None, ...]:
        """Read what a test, or a fixture's set-up, took in the newest runs, newest first."""
        return self._file.read(lambda connection: read_times(connection, case_id, limit=limit))

    def past(self, *, runs: int = 10) -> Past:
        """Read what the newest ``runs`` that left records say to a plan of the next run."""
        return self._file.read(lambda connection: read_past(connection, runs=runs))

    def facts(self) -> tuple[Fact, ...]:
        """List what runs taught about the suite, by kind and name."""
        return self._file.read(read_facts)

    def keep_facts(self, facts: Iterable[Fact]) -> None:
        """Keep facts, each instead of one of the same kind and name; all of them or none."""
        given, now = tuple(facts), self._clock()
        self._file.write(lambda connection: insert_facts(connection, given, now=now))

    def forget_facts(self, kind: FactKind, names: Iterable[str]) -> None:
        """Forget what is known of one kind about these names."""
        given = tuple(names)
        self._file.write(lambda connection: delete_facts(connection, kind, given))

    def series(
        self, case_id: str, metric: str, *, limit: int = 100
    ) -> tuple[tuple[Run, Measurement], ...]:
        """Read a case's newest measurements of one metric with their runs, newest first."""
        width = rows.RUN_COLUMNS.count(",") + 1
        query = (
            f"SELECT {rows.RUN_COLUMNS}, {rows.MEASUREMENT_COLUMNS}"  # noqa: S608  (constants)
            f" FROM {rows.MEASUREMENT_TABLES} JOIN runs ON runs.number = run_number"
            " JOIN hosts ON hosts.number = runs.host_number"
            f" WHERE cases.id = ? AND metrics.name = ? {_NEWEST}"
        )
        wanted = (rows.plain(case_id), rows.plain(metric), limit)
        return self._file.read(
            lambda connection: tuple(
                (rows.as_run(row[:width]), rows.as_measurement(row[width:]))
                for row in connection.execute(query, wanted)
            )
        )

    def trend(self, case_id: str, metric: str, *, limit: int = 100) -> tuple[Point, ...]:
        """Read the summaries of a case's metric over complete runs, newest first."""
        return self._file.read(lambda connection: trend(connection, case_id, metric, limit=limit))

    def save_baseline(self, name: str, run_id: RunId, *, replace: bool = False) -> Baseline:
        """Keep a run under a name, out of reach of retention."""
        name, saved = check_name(name), self._clock()

        def write(connection: sqlite3.Connection) -> None:
            if not replace and _baselines(connection, name):
                raise StoreError(
                    f"there is a baseline {name!r} already", remedy="replace it by --replace"
                )
            connection.execute(
                "INSERT OR REPLACE INTO baselines (name, run_number, saved) VALUES (?, ?, ?)",
                (name, rows.run_number(connection, run_id), saved),
            )

        self._file.write(write)
        return Baseline(name, run_id, saved)

    def baselines(self) -> tuple[Baseline, ...]:
        """List baselines by name."""
        return self._file.read(_baselines)

    def remove_baseline(self, name: str) -> None:
        """Remove a baseline's name; its run stays until retention takes it."""

        def write(connection: sqlite3.Connection) -> None:
            if not connection.execute("DELETE FROM baselines WHERE name = ?", (name,)).rowcount:
                known = ", ".join(baseline.name for baseline in _baselines(connection))
                raise StoreError(f"no baseline {name!r}", remedy=f"known: {known or 'none'}")

        self._file.write(write)

    def prune(self, policy: Retention, *, dry_run: bool = False) -> tuple[RunId, ...]:
        """Remove what a policy does not keep; give the removed runs, newest first."""
        now = self._clock()
        if dry_run:
            return self._file.read(lambda c: prune(c, policy, now=now, dry_run=True))
        return self._file.write(lambda c: prune(c, policy, now=now, dry_run=False))

    def check(self) -> tuple[str, ...]:
        """Say what is wrong: damage, and runs that were cut off; nothing is moved or mended."""
        try:
            return self._file.examine(_findings)
        except StoreError as error:
            return (str(error),)


def _run(connection: sqlite3.Connection, number: int) -> Run:
    query = f"SELECT {rows.RUN_COLUMNS} FROM {rows.RUN_TABLES} WHERE runs.number = ?"  # noqa: S608  (constants)
    return rows.as_run(connection.execute(query, (number,)).fetchone())


def _baselines(connection: sqlite3.Connection, name: str = "") -> tuple[Baseline, ...]:
    found = connection.execute(
        "SELECT baselines.name, runs.id, baselines.saved FROM baselines"
        " JOIN runs ON runs.number = baselines.run_number"
        " WHERE ? = '' OR baselines.name = ? ORDER BY baselines.name",
        (name, name),
    )
    return tuple(Baseline(kept, RunId(run), saved) for kept, run, saved in found)


def _findings(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Check pages, references and every blob, and list torn runs."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    for table, _row, target, _link in connection.execute("PRAGMA foreign_key_check"):
        found.append(f"a row of {table} refers to a row of {target} that is not there")
    lost = "SELECT 1 FROM resources WHERE case_number NOT IN (SELECT number FROM cases)"
    found += ["a row of resources refers to a row of cases that is not there"] * len(
        connection.execute(lost).fetchall()
    )
    blobs = connection.execute(
        "SELECT runs.id, cases.id, raw_values FROM measurements"
        " JOIN runs ON runs.number = run_number JOIN cases ON cases.number = case_number"
        " WHERE raw_values IS NOT NULL"
    )
    for run, case, blob in blobs:
        try:
            decode_values(blob)
        except ValueError as error:
            found.append(f"run {run}, {case}: {error}")
    for run, started in connection.execute("SELECT id, started FROM runs WHERE complete = 0"):
        day = dt.datetime.fromtimestamp(started, dt.UTC).isoformat(" ", "seconds")
        found.append(f"run {run} of {day} is incomplete: it was cut off or still goes on")
    return tuple(found)
