"""Vacuum: make a project's store smaller, or try that on a copy and say what it would give."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.store.connection import StoreFile
from paceline.store.place import free_bytes
from paceline.store.sqlite import Store
from paceline.store.vacuum import Aside, Swept, aside_files, size_of, spool_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.store.retention import Retention

__all__ = ["Vacuumed", "vacuum"]

_BUSY = 5.0  # seconds that another writer is waited for: a person does, too


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """What went, the files beside the store, and its bytes before and after; None on a server."""

    swept: Swept
    aside: tuple[Aside, ...] = ()
    before: int | None = None
    after: int | None = None


def vacuum(  # noqa: PLR0913  (keyword-only, each is one part of the surroundings)
    store: Store,
    policy: Retention,
    *,
    dry_run: bool = False,
    spool: Path | None = None,
    busy: float = _BUSY,
    free: Callable[[Path], int] = free_bytes,
) -> Vacuumed:
    """Remove what a policy does not keep and what no run refers to, and give the disk back.

    A dry run does it all to a temporary copy. ``spool`` is where calls to a server wait; ``busy``
    is how long to wait for other writers, in seconds; ``free`` gives a folder's free bytes. A
    server frees its disk by itself.

    Raises:
        StoreError: another process writes, the disk is too full, or the store can't be used.
    """
    file = store.transactions
    left = spool_leftovers(spool, now=time.time()) if spool else ()
    if not isinstance(file, StoreFile):
        return Vacuumed(store.sweep(policy, dry_run=dry_run), left)
    before, aside = size_of(file.path), (*aside_files(file.path), *left)
    if before == 0:
        return Vacuumed(Swept((), 0, 0, 0), aside, 0, 0)
    if not dry_run:
        swept = _whole(file.path, policy, busy=busy, free=free)
        return Vacuumed(swept, aside, before, size_of(file.path))
    with tempfile.TemporaryDirectory(prefix="paceline-") as folder:
        copy = Path(folder) / file.path.name
        file.copy_to(copy)
        swept = _whole(copy, policy, busy=busy, free=free)
        return Vacuumed(swept, aside, before, size_of(copy))


def _whole(path: Path, policy: Retention, *, busy: float, free: Callable[[Path], int]) -> Swept:
    store, file = Store(path, clock=time.time, busy=busy), StoreFile(path, busy=busy)
    swept = store.sweep(policy)
    file.compact(free)
    return swept
