"""Store: runs and their measurements, in one SQLite file or on a PostgreSQL server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from paceline.errors import StoreError
from paceline.model import Baseline, Run, RunId
from paceline.store import rows
from paceline.store.connection import StoreFile
from paceline.store.content import seal
from paceline.store.daily import roll_up
from paceline.store.facts import delete_facts, insert_facts, read_facts
from paceline.store.findings import findings
from paceline.store.past import read_past
from paceline.store.references import MEASURED, check_name, find_run
from paceline.store.resources import insert_resources, read_resources, read_times
from paceline.store.retention import prune
from paceline.store.trend import trend
from paceline.store.vacuum import sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from paceline.model import Measurement, Resources
    from paceline.store.facts import Fact, FactKind
    from paceline.store.retention import Retention
    from paceline.store.spool import Spool
    from paceline.store.transactions import Connection, Transactions
    from paceline.store.trend import Point
    from paceline.store.vacuum import Swept
    from paceline.suite.past import Past

__all__ = ["Store"]

_NEWEST = "ORDER BY runs.started DESC, runs.number DESC LIMIT ?"
_ALL = 2**62


class Store:
    """The runs of a project, kept in a file, or on the server that ``where`` reaches.

    A call opens the file, does one transaction and closes it; what it wrote is kept when it
    returns. ``clock`` gives seconds since the epoch; ``busy`` is how long to wait for other
    writers of a file, in seconds; ``spool`` is where calls may wait for a server. Every method
    raises StoreError when the store can't be used.
    """

    def __init__(
        self,
        where: Path | Transactions,
        *,
        clock: Callable[[], float],
        busy: float = 30.0,
        spool: Spool | None = None,
    ) -> None:
        self._clock = clock
        self.spool = spool
        self._file = StoreFile(where, busy=busy) if isinstance(where, Path) else where

    @property
    def transactions(self) -> Transactions:
        """Where the rows are: other books of the same store open it through this."""
        return self._file

    @property
    def name(self) -> str:
        """Where the rows are, for people: a path, or a URL without its password."""
        return self._file.name

    @property
    def path(self) -> Path:
        """The file, as an absolute path; of a server, its name.

        Only a file's store has one that can be opened.
        """
        return Path(self._file.name)

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

        def write(connection: Connection) -> None:
            rows.insert_measurements(connection, rows.run_number(connection, run_id), given)

        self._file.write(write)

    def keep_resources(self, run_id: RunId, records: Iterable[Resources]) -> None:
        """Keep what tests of a run took: all of the records, or none when this raises."""
        given = tuple(records)  # as above

        def write(connection: Connection) -> None:
            insert_resources(connection, rows.run_number(connection, run_id), given)

        self._file.write(write)

    def finish(self, run: Run) -> None:
        """Mark a run complete and keep its final facts."""

        def write(connection: Connection) -> None:
            rows.update_run(connection, run)
            number = rows.run_number(connection, run.id)
            roll_up(connection, number, started=run.started)
            seal(connection, number)

        self._file.write(write)

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
            f" AND {MEASURED if measured_only else '1 = 1'} {_NEWEST}"
        )
        wanted = (rows.plain(branch),) * 2 + (rows.plain(commit),) * 2
        most = _ALL if limit is None else limit
        return self._file.read(
            lambda connection: tuple(
                map(rows.as_run, connection.execute(query, (*wanted, int(complete_only), most)))
            )
        )

    def contents(self) -> dict[RunId, str]:
        """Read the hash of each run's content; a run that has not ended has none."""
        query = "SELECT id, content FROM runs WHERE content <> ''"
        return self._file.read(
            lambda connection: {RunId(name): found for name, found in connection.execute(query)}
        )

    def run(self, run_id: RunId) -> Run:
        """Read one run by its whole id."""
        return self._file.read(
            lambda connection: _run(connection, rows.run_number(connection, run_id))
        )

    def find(self, reference: str, *, besides: str = "") -> Run:
        """Find the run that a reference means.

        In this order: a baseline's name; ``latest`` or ``latest~2`` among complete runs; ``run:``
        and the start of a content's hash; a whole run id; a branch, or ``branch~2``, among its
        complete runs without the run ``besides``; the unique start of a run id; a commit or its
        unique start of four characters or more, and of its runs the newest complete one.
        """
        return self._file.read(
            lambda connection: _run(connection, find_run(connection, reference, besides=besides))
        )

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

        def write(connection: Connection) -> None:
            if not replace and _baselines(connection, name):
                raise StoreError(
                    f"there is a baseline {name!r} already", remedy="replace it by --replace"
                )
            connection.execute("DELETE FROM baselines WHERE name = ?", (name,))
            connection.execute(
                "INSERT INTO baselines (name, run_number, saved) VALUES (?, ?, ?)",
                (name, rows.run_number(connection, run_id), saved),
            )

        self._file.write(write)
        return Baseline(name, run_id, saved)

    def baselines(self) -> tuple[Baseline, ...]:
        """List baselines by name."""
        return self._file.read(_baselines)

    def remove_baseline(self, name: str) -> None:
        """Remove a baseline's name; its run stays until retention takes it."""

        def write(connection: Connection) -> None:
            if not connection.execute("DELETE FROM baselines WHERE name = ?", (name,)).rowcount:
                known = ", ".join(baseline.name for baseline in _baselines(connection))
                raise StoreError(f"no baseline {name!r}", remedy=f"known: {known or 'none'}")

        self._file.write(write)

    def prune(self, policy: Retention, *, dry_run: bool = False) -> tuple[RunId, ...]:
        """Remove what a policy does not keep; give the removed runs, newest first."""
        now = self._clock()
        if dry_run:
            return self._file.read(lambda c: prune(c, policy, now=now, dry_run=True))
        return self._file.write(lambda c: prune(c, policy, now=now, dry_run=False), alone=True)

    def sweep(self, policy: Retention, *, dry_run: bool = False) -> Swept:
        """Remove what a policy does not keep and what no run refers to; say what went.

        A dry run does so, too, and rolls it back.
        """
        now = self._clock()
        found: list[Swept] = []

        def write(connection: Connection) -> Swept:
            found[:] = [sweep(connection, policy, now=now)]
            if dry_run:
                raise _RolledBack
            return found[0]

        try:
            return self._file.write(write, alone=True)
        except _RolledBack:
            return found[0]

    def check(self) -> tuple[str, ...]:
        """Say what is wrong: damage, and runs that were cut off; nothing is moved or mended."""
        try:
            return self._file.examine(lambda c: (*self._file.damage(c), *findings(c)))
        except StoreError as error:
            return (str(error),)


class _RolledBack(Exception):  # noqa: N818  (never leaves this module: it ends a transaction)
    """What was done is not meant to last."""


def _run(connection: Connection, number: int) -> Run:
    query = f"SELECT {rows.RUN_COLUMNS} FROM {rows.RUN_TABLES} WHERE runs.number = ?"  # noqa: S608  (constants)
    return rows.as_run(connection.execute(query, (number,)).fetchone())


def _baselines(connection: Connection, name: str = "") -> tuple[Baseline, ...]:
    found = connection.execute(
        "SELECT baselines.name, runs.id, baselines.saved FROM baselines"
        " JOIN runs ON runs.number = baselines.run_number"
        " WHERE ? = '' OR baselines.name = ? ORDER BY baselines.name",
        (name, name),
    )
    return tuple(Baseline(kept, RunId(run), saved) for kept, run, saved in found)
