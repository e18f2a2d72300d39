"""Recorder: keep a run while it goes on; a store that fails costs a line, never a test."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from paceline.errors import StoreError
from paceline.store.faults import UnreachableError
from paceline.store.place import FOLDER, NAME
from paceline.store.retention import Retention
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from paceline.model import Measurement, Resources, Run
    from paceline.store.options import StoreOptions
    from paceline.store.spool import Keeper

__all__ = ["Recorder", "open_store", "retention"]

_PATIENCE = 1.0  # seconds between two writes while tests run


def open_store(root: Path, options: StoreOptions) -> Store:
    """Give the store of a project; its file is made when the first run is written.

    Raises:
        SettingsError: ``store.path`` is a URL that names no PostgreSQL database.
    """
    if "://" in options.path:
        from paceline.store.postgresql.server import StoreServer  # noqa: PLC0415  (only for a URL)
        from paceline.store.postgresql.url import parse_url  # noqa: PLC0415  (as above)
        from paceline.store.spool import Spool  # noqa: PLC0415  (as above)

        url = parse_url(options.path)
        spool = Spool(root / FOLDER / "spool" / url.key, clock=time.time)
        return Store(StoreServer(url), clock=time.time, spool=spool)
    path = root / options.path if options.path else root / FOLDER / NAME
    return Store(path, clock=time.time)


def retention(options: StoreOptions) -> Retention:
    """Give the policy by which old runs go."""
    return Retention(
        keep_runs=options.keep_runs, keep_days=options.keep_days, raw_runs=options.raw_runs
    )


class Recorder:
    """Writes what tests gave in batches; after the first fault it says so and writes no more."""

    def __init__(self, store: Store, run: Run, *, now: Callable[[], float]) -> None:
        self._store = store
        self._run = run
        self._now = now
        self._waiting: list[Measurement] = []
        self._records: list[Resources] = []
        self._keeper: Keeper = store
        self._begun = False
        self._failed = False
        self._written = now()
        self.notes: list[str] = []

    def add(self, measurements: Iterable[Measurement]) -> None:
        """Keep measurements, at the latest after a second's more tests."""
        self._waiting += measurements
        self._write_when_due()

    def add_resources(self, records: Iterable[Resources]) -> None:
        """Keep what tests took, at the latest after a second's more tests."""
        self._records += records
        self._write_when_due()

    def finish(self, run: Run, policy: Retention) -> None:
        """Write what waits, mark the run as it ended, and let old runs go."""
        self._guarded(self._flush)
        if run.complete:
            self._guarded(lambda: self._keeper.finish(run))
            if self._keeper is self._store:
                self._guarded(lambda: self._store.prune(policy))
        self.notes += self._store.notes
        spool = self._store.spool
        if spool and self._keeper is spool:
            self.notes.append(
                f"{self._store.name} is away: {spool.records} records wait in {spool.folder};"
                " the next run or `paceline deliver` sends them"
            )

    def _write_when_due(self) -> None:
        waits = self._waiting or self._records
        if waits and self._now() - self._written >= _PATIENCE:
            self._guarded(self._flush)

    def _flush(self) -> None:
        if not self._begun:
            self._deliver()
            self._keeper.begin(self._run)
            self._begun = True
        if self._waiting:
            self._keeper.append(self._run.id, self._waiting)
            self._waiting.clear()
        if self._records:
            self._keeper.keep_resources(self._run.id, self._records)
            self._records.clear()
        self._written = self._now()

    def _guarded(self, work: Callable[[], object]) -> None:
        if self._failed:
            return
        try:
            try:
                work()
            except UnreachableError:
                if not self._spool():
                    raise
                work()
        except StoreError as error:
            self._failed = True
            self.notes.append(f"not recorded: {error}".replace("\n", "; "))

    def _spool(self) -> bool:
        """Put the rest of the run into the spool, where there is one."""
        spool = self._store.spool
        if spool is None or self._keeper is spool:
            return False
        self._keeper = spool
        return True

    def _deliver(self) -> None:
        """Send what waits from earlier runs before this one begins."""
        spool = self._store.spool
        if spool is None or self._keeper is spool:
            return
        done = spool.deliver(self._store)
        self.notes += [f"not delivered: {one}" for one in done.refused]
        if done.calls:
            self.notes.append(f"{done.records} records of earlier runs were delivered")
