"""Spool: what a server could not take waits in files, and is delivered later, in order, once.

History of the format:
    1  format, call, then run, or run_id with measurements or resources, as the codec gives them

A call is a file: whole or not there. Each kind of call may be repeated without a second row, so a
file that was delivered but not yet removed does no harm.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from paceline.errors import Place, StoreError
from paceline.model import RunId
from paceline.model.codec import (
    decode_measurement,
    decode_resources,
    decode_run,
    encode_measurement,
    encode_resources,
    encode_run,
)
from paceline.store.faults import UnreachableError, translated
from paceline.store.place import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from paceline.model import Measurement, Resources, Run

__all__ = ["Delivery", "Keeper", "Spool"]

_FORMAT = 1
_REFUSED = ".refused"


class Keeper(Protocol):
    """Who keeps a run: a store, or a spool until the store can."""

    def begin(self, run: Run) -> None:
        """Keep a run that has just started."""

    def append(self, run_id: RunId, measurements: Iterable[Measurement]) -> None:
        """Keep measurements of a run."""

    def keep_resources(self, run_id: RunId, records: Iterable[Resources]) -> None:
        """Keep what tests of a run took."""

    def finish(self, run: Run) -> None:
        """Mark a run complete and keep its final facts."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of waiting calls; ``records`` are measurements and tests' records in them.

    ``refused`` names files that the server will never take: they stay, and are passed over.
    """

    calls: int = 0
    records: int = 0
    refused: tuple[str, ...] = ()


class Spool:
    """A folder in which one server's calls wait; ``clock`` gives seconds since the epoch."""

    def __init__(self, folder: Path, *, clock: Callable[[], float]) -> None:
        self.folder = folder
        self._writer = f"{int(clock() * 1e6):018d}-{os.getpid()}-{os.urandom(4).hex()}"
        self._count = 0
        self.records = 0
        """Measurements and records that this object has put here."""

    def begin(self, run: Run) -> None:
        """Keep a run's start."""
        self._put({"call": "begin", "run": encode_run(run)})

    def append(self, run_id: RunId, measurements: Iterable[Measurement]) -> None:
        """Keep measurements of a run."""
        given = [encode_measurement(one) for one in measurements]
        self._put({"call": "append", "run_id": run_id, "measurements": given})
        self.records += len(given)

    def keep_resources(self, run_id: RunId, records: Iterable[Resources]) -> None:
        """Keep what tests of a run took."""
        given = [encode_resources(one) for one in records]
        self._put({"call": "keep_resources", "run_id": run_id, "resources": given})
        self.records += len(given)

    def finish(self, run: Run) -> None:
        """Keep a run's end."""
        self._put({"call": "finish", "run": encode_run(run)})

    def waiting(self) -> tuple[Path, ...]:
        """List the calls that wait: those of a run in their order, runs by their start."""
        return tuple(sorted(self.folder.glob("*.json")))

    def count(self) -> Delivery:
        """Count what waits, without a look at the server; what can't be read is one call."""
        files = self.waiting()
        records = 0
        for file in files:
            with contextlib.suppress(StoreError):
                records += _records(_read(file))
        return Delivery(len(files), records)

    def deliver(self, store: Keeper) -> Delivery:
        """Hand what waits to the store; where another process is at it, leave it to that one.

        Raises:
            UnreachableError: the server is still away; what it did not get waits on.
        """
        done = Delivery()
        if not self.waiting():
            return done
        with translated(self.folder), _alone(self.folder) as alone:
            for file in self.waiting() if alone else ():
                done = _deliver(file, store, done)
        return done

    def _put(self, call: dict[str, Any]) -> None:
        """Write a file that is there whole or not at all, also after a power cut."""
        with translated(self.folder):
            make_folder(self.folder.parents[1] / "spool")
            self.folder.mkdir(parents=True, exist_ok=True)
            self._count += 1
            file = self.folder / f"{self._writer}-{self._count:06d}.json"
            part = file.with_suffix(".part")
            with part.open("w", encoding="ascii") as stream:
                json.dump({"format": _FORMAT, **call}, stream)
                stream.flush()
                os.fsync(stream.fileno())
            part.rename(file)
            _sync(self.folder)


def _deliver(file: Path, store: Keeper, done: Delivery) -> Delivery:
    try:
        call = _read(file)
        _CALLS[call["call"]](store, call)
    except UnreachableError:
        raise
    except StoreError as error:
        kept = file.rename(file.with_name(file.name + _REFUSED))
        return Delivery(done.calls, done.records, (*done.refused, f"{kept}: {error.problem}"))
    file.unlink()
    return Delivery(done.calls + 1, done.records + _records(call), done.refused)


def _read(file: Path) -> dict[str, Any]:
    try:
        call: dict[str, Any] = json.loads(file.read_text("ascii"))
        fits = call["format"] == _FORMAT and call["call"] in _CALLS
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"no call can be read: {error}", place=Place(str(file))) from error
    if not fits:
        raise StoreError("the call is of an unknown format", place=Place(str(file)))
    return call


def _records(call: dict[str, Any]) -> int:
    return len(call.get("measurements", ())) + len(call.get("resources", ()))


def _begin(store: Keeper, call: dict[str, Any]) -> None:
    """Begin a run, unless the store has it: its start may have arrived before the line broke."""
    run = decode_run(call["run"])
    try:
        store.begin(run)
    except UnreachableError:
        raise
    except StoreError:
        store.append(run.id, ())  # fails, as it should, where the store does not have the run


def _append(store: Keeper, call: dict[str, Any]) -> None:
    store.append(RunId(call["run_id"]), map(decode_measurement, call["measurements"]))


def _keep_resources(store: Keeper, call: dict[str, Any]) -> None:
    store.keep_resources(RunId(call["run_id"]), map(decode_resources, call["resources"]))


def _finish(store: Keeper, call: dict[str, Any]) -> None:
    store.finish(decode_run(call["run"]))


_CALLS: dict[str, Callable[[Keeper, dict[str, Any]], None]] = {
    "begin": _begin,
    "append": _append,
    "keep_resources": _keep_resources,
    "finish": _finish,
}


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Tell whether no other process delivers from the folder; none begins while this lasts."""
    import fcntl  # noqa: PLC0415  (only a delivery needs it)

    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _sync(folder: Path) -> None:
    """Make a new name survive a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
