"""Vacuum: remove what nothing needs any more, and know what lies beside the store's file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from paceline.store.retention import Removed, pruned

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.store.retention import Retention
    from paceline.store.transactions import Connection

__all__ = ["Aside", "Swept", "aside_files", "size_of", "spool_leftovers", "sweep"]

_ASIDE = re.compile(r"\.(?:corrupt-\d+(?:-wal|-shm|-journal)?|v\d+-\d+(?:\.part)?)")
_JOURNALS = ("", "-wal", "-journal")
_DAY = 86_400.0
_ORPHANS = {
    "cases": "DELETE FROM cases WHERE number NOT IN (SELECT case_number FROM measurements)"
    " AND number NOT IN (SELECT case_number FROM resources)",
    "hosts": "DELETE FROM hosts WHERE number NOT IN (SELECT host_number FROM runs)",
}


@dataclass(frozen=True, slots=True)
class Swept:
    """What went: runs, the raw values of so many others, and descriptions that no run needs."""

    removed: tuple[Removed, ...]
    thinned: int
    cases: int
    hosts: int


class Aside(NamedTuple):
    """A file kept beside the store: a damaged or an older store, or what a server refused.

    ``size`` is in bytes.
    """

    path: Path
    size: int


def sweep(connection: Connection, policy: Retention, *, now: float) -> Swept:
    """Remove what a policy does not keep, then the cases and hosts that no run refers to."""
    before = {table: _count(connection, table) for table in _ORPHANS}
    found = pruned(connection, policy, now=now, dry_run=False)
    for orphans in _ORPHANS.values():
        connection.execute(orphans)
    gone = {table: count - _count(connection, table) for table, count in before.items()}
    return Swept(found.removed, found.thinned, gone["cases"], gone["hosts"])


def aside_files(store: Path) -> tuple[Aside, ...]:
    """List what migrations and damage left beside a store's file, by name."""
    if not store.parent.is_dir():
        return ()
    names = sorted(store.parent.glob(f"{store.name}.*"))
    found = [one for one in names if _ASIDE.fullmatch(one.name.removeprefix(store.name))]
    return tuple(Aside(one, one.stat().st_size) for one in found if one.is_file())


def spool_leftovers(folder: Path, *, now: float) -> tuple[Aside, ...]:
    """List what a server refused for good, and what was cut off while it was put into the spool.

    ``now`` is in seconds since the epoch: a file of the last day may still be written.
    """
    refused = folder.glob("*/*.refused")
    parts = (one for one in folder.glob("*/*.part") if now - one.stat().st_mtime > _DAY)
    return tuple(Aside(one, one.stat().st_size) for one in sorted((*refused, *parts)))


def size_of(store: Path) -> int:
    """Give the bytes of a store's file with its journals."""
    files = (store.with_name(store.name + suffix) for suffix in _JOURNALS)
    return sum(file.stat().st_size for file in files if file.exists())


def _count(connection: Connection, table: str) -> int:
    """Count the rows of a table; names come from this module alone."""
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return int(count)
