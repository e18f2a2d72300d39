"""Open the store's file for one transaction and close it again.

No connection stays open between calls, and none is open across a fork: SQLite forbids to carry
one into a child (https://www.sqlite.org/howtocorrupt.html, section 2.6), so a fork in another
thread waits for the transaction's end.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from paceline.errors import Place, StoreError
from paceline.store.daily import ROLLED_UP, rebuild
from paceline.store.faults import (
    DamagedError,
    another_program,
    free_name,
    newer,
    no_room,
    read_only,
    set_aside,
    translated,
)
from paceline.store.migrations import migrate, run_script
from paceline.store.place import access, free_bytes, is_local, make_folder
from paceline.store.schema import APPLICATION, VERSION, Dialect, ddl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paceline.store.transactions import Connection

__all__ = ["StoreFile", "fresh_in_memory"]

T = TypeVar("T")

_OPEN = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_OPEN.acquire, after_in_parent=_OPEN.release, after_in_child=_OPEN.release
    )


class StoreFile:
    """The one file: ``read`` and ``write`` run work inside one transaction each.

    ``busy`` is how long to wait for other writers, in seconds; ``notes`` collects what happened to
    the file on the way (an older store migrated, a damaged one kept aside).
    """

    def __init__(self, path: Path, *, busy: float) -> None:
        self.path = path.absolute()
        self.notes: tuple[str, ...] = ()
        self._busy = busy
        self._journal = ""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that reads; a store that is not there reads as an empty one."""
        with _OPEN:
            return self._surviving(lambda: self._read(work))

    def write(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:  # noqa: ARG002
        """Run work that writes: all of it is kept when this returns, nothing when it raises.

        A file has one writer at a time, so each is ``alone``.
        """
        with _OPEN:
            return self._surviving(lambda: self._write(work))

    def examine(self, work: Callable[[Connection], T]) -> T:
        """Run work that reads and leaves a damaged file where it is."""
        with _OPEN, translated(self.path):
            return self._read(work)

    def copy_to(self, target: Path) -> None:
        """Copy what the store holds now into a fresh file; nothing here changes."""
        with closing(sqlite3.connect(target)) as copy:
            self.examine(lambda connection: cast("sqlite3.Connection", connection).backup(copy))

    def compact(self, free: Callable[[Path], int] = free_bytes) -> None:
        """Give the disk back what removed rows took; ``free`` gives a folder's free bytes.

        SQLite writes what stays into a temporary file, and from there into the journal
        (https://www.sqlite.org/lang_vacuum.html).

        Raises:
            StoreError: too little disk is free for that, or another process uses the store.
        """
        with _OPEN, translated(self.path):
            found = access(self.path)
            if not found.there:
                return
            if not found.writable:
                raise read_only(self.path)
            with self._opened(found.query) as connection:
                needed = _bytes_in_use(connection)
                for folder in (self.path.parent, Path(tempfile.gettempdir())):
                    if free(folder) < 2 * needed:  # both may be one disk
                        raise no_room(self.path, folder, needed=2 * needed, free=free(folder))
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @property
    def name(self) -> str:
        """The file's absolute path, as text."""
        return str(self.path)

    def damage(self, connection: Connection) -> tuple[str, ...]:
        """Check pages and references."""
        pages = (str(row[0]) for row in connection.execute("PRAGMA integrity_check"))
        found = [page for page in pages if page != "ok"]
        for table, _row, target, _link in connection.execute("PRAGMA foreign_key_check"):
            found.append(f"a row of {table} refers to a row of {target} that is not there")
        return tuple(found)

    def _surviving(self, attempt: Callable[[], T]) -> T:
        """Go on with a fresh store, once, where a damaged one stands."""
        with translated(self.path):
            if self.path.is_dir():
                raise StoreError(
                    "a directory stands where the store's file should be",
                    place=Place(str(self.path)),
                    remedy="move it away, or name another file by store.path",
                )
            try:
                with translated(self.path):
                    return attempt()
            except DamagedError:
                if not access(self.path).writable:
                    raise
            note = set_aside(self.path)
            if note:
                self.notes += (note,)
            return attempt()

    def _read(self, work: Callable[[Connection], T]) -> T:
        found = access(self.path)
        if not found.there:
            with fresh_in_memory() as connection:
                return work(connection)
        with self._opened(found.query) as connection:
            if found.writable:
                self._make_current(connection)
            elif self._version(connection) < VERSION:
                with self._migrated_in_memory(connection) as current:
                    return work(current)
            connection.execute("BEGIN")
            return work(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        found = access(self.path)
        if not found.writable:
            raise read_only(self.path)
        if not found.there:
            make_folder(self.path)
        with self._opened(found.query) as connection:
            self._make_current(connection)
            self._choose_journal(connection)
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
            return result

    @contextlib.contextmanager
    def _opened(self, query: str) -> Iterator[sqlite3.Connection]:
        """Open and close; closing rolls an unfinished transaction back."""
        if not self._journal:
            self._journal = "wal" if is_local(self.path.parent) else "delete"
        uri = f"{self.path.as_uri()}?{query}"
        with closing(sqlite3.connect(uri, uri=True, timeout=self._busy)) as connection:
            connection.isolation_level = None
            if self._journal != "wal":
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # no shared memory needed
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")  # kept through a power cut, too
            yield connection

    def _choose_journal(self, connection: sqlite3.Connection) -> None:
        """Set the journal when no one else is about; otherwise a later call will."""
        (current,) = connection.execute("PRAGMA journal_mode").fetchone()
        if current == self._journal:
            return
        try:
            connection.execute(f"PRAGMA journal_mode = {self._journal}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise

    def _version(self, connection: sqlite3.Connection) -> int:
        """Read the schema version, 0 for an empty file; refuse what is not ours or newer."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application == APPLICATION:
            if version > VERSION:
                raise newer(self.path, version)
            return int(version)
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application or version or tables:
            raise another_program(self.path)
        return 0

    def _make_current(self, connection: sqlite3.Connection) -> None:
        """Give an empty file its tables and an older store the current ones, in one transaction."""
        if self._version(connection) == VERSION:
            return
        connection.execute("BEGIN IMMEDIATE")
        version = self._version(connection)  # another process may have been faster
        if version == 0:
            _create(connection)
        elif version < VERSION:
            copy = self._keep_copy(version)
            try:
                _modernise(connection, version)
            except sqlite3.Error:
                copy.unlink()  # nothing changed, so the next try makes it again
                raise
            became = f"schema version {version} became {VERSION}"
            self.notes += (f"{self.path}: {became}; the older store is kept as {copy.name}",)
        connection.execute("COMMIT")

    def _keep_copy(self, version: int) -> Path:
        """Copy the store through a second connection: the first holds the write lock by now."""
        copy = free_name(self.path, f"v{version}-")
        part = copy.with_name(copy.name + ".part")
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
        part.rename(copy)
        return copy

    @contextlib.contextmanager
    def _migrated_in_memory(self, source: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        """Bring an older store to the current version where its folder can't be written."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            if self._version(source):
                source.backup(connection)
                _modernise(connection, self._version(source))
            else:
                _create(connection)
            yield connection


@contextlib.contextmanager
def fresh_in_memory() -> Iterator[sqlite3.Connection]:
    """Open an empty store that is nowhere: what reads as one where none is."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        _create(connection)
        yield connection


def _modernise(connection: sqlite3.Connection, version: int) -> None:
    migrate(connection, VERSION)
    if version < ROLLED_UP:
        rebuild(connection)


def _create(connection: sqlite3.Connection) -> None:
    run_script(connection, ddl(Dialect.SQLITE))
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _bytes_in_use(connection: sqlite3.Connection) -> int:
    sizes = ("page_count", "freelist_count", "page_size")
    pages, unused, size = (connection.execute(f"PRAGMA {one}").fetchone()[0] for one in sizes)
    return int((pages - unused) * size)
