"""Server: one transaction at a time on PostgreSQL, tried again where that may help.

A call connects, does one transaction and disconnects, as a call on a file does: nothing stays open
across other people's forks. psycopg closes no connection that another process opened.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from paceline.store.connection import fresh_in_memory
from paceline.store.postgresql.current import Guard, check_version, make_current, version_of
from paceline.store.postgresql.faults import Fault, explained, fault_of, no_driver
from paceline.store.postgresql.session import ServerConnection, engine_for
from paceline.store.schema import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection as Session
    from sqlalchemy import Engine

    from paceline.store.postgresql.url import ServerUrl
    from paceline.store.transactions import Connection

__all__ = ["Patience", "StoreServer"]

T = TypeVar("T")
_AWAY: set[str] = set()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between attempts, in seconds, and by what.

    ``lost`` is for a server that can't be reached, ``contention`` for a transaction that another
    one stood in the way of; ``longest`` after the first attempt none is made any more.
    """

    lost: tuple[float, ...] = (0.1, 0.2, 0.4, 0.8, 1.6)
    contention: tuple[float, ...] = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
    longest: float = 10.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


class StoreServer:
    """A store on a server: ``read`` and ``write`` run work inside one transaction each.

    A server that stayed away once is asked only once in each later call of this process, until it
    answers: a suite opens its store several times, and its tests don't wait for it. What asks often
    and never forks, as a dashboard, may have its connections ``kept``.
    """

    def __init__(
        self, url: ServerUrl, *, patience: Patience | None = None, kept: bool = False
    ) -> None:
        self.url = url
        self.notes: tuple[str, ...] = ()
        self._patience = patience or Patience()
        self._engine: Engine | None = None
        self._kept = kept
        self._known = False

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self.url.shown

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that reads; a database without a store reads as an empty one."""
        return self._persistent(lambda: self._read(work))

    def write(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """Run work that writes; after a lost connection it is run again, so it must bear that.

        Writers work side by side, but for one that wants to be ``alone``.
        """
        guard = Guard.ALONE if alone else Guard.SHARED
        return self._persistent(lambda: self._write(work, guard))

    def examine(self, work: Callable[[Connection], T]) -> T:
        """Run work that reads."""
        return self.read(work)

    def damage(self, connection: Connection) -> tuple[str, ...]:  # noqa: ARG002  (the protocol's)
        """Leave pages and references to the server: it guards both."""
        return ()

    def close(self) -> None:
        """Close connections that were kept."""
        if self._engine is not None:
            self._engine.dispose()

    def _persistent(self, attempt: Callable[[], T]) -> T:
        try:
            from sqlalchemy.exc import DBAPIError  # noqa: PLC0415  (only a server needs it)
        except ImportError as error:
            raise no_driver(self.url, error) from error
        lost = iter(() if self.url.full in _AWAY else self._patience.lost)
        contention = iter(self._patience.contention)
        until = self._patience.now() + self._patience.longest
        while True:
            try:
                result = attempt()
            except ImportError as error:
                raise no_driver(self.url, error) from error
            except DBAPIError as error:
                fault = fault_of(error)
                waits: Iterator[float] = contention if fault is Fault.CONTENTION else lost
                wait = None if fault is Fault.REFUSED else next(waits, None)
                if wait is None or self._patience.now() > until:
                    _AWAY.update({self.url.full} if fault is Fault.LOST else ())
                    raise explained(error, self.url) from None
                self._patience.sleep(wait)
            else:
                _AWAY.discard(self.url.full)
                return result

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._connected() as session:
            if not (self._known or self._make_current(session, create=False)):
                with fresh_in_memory() as empty:
                    return work(empty)
            session.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with session.begin():
                check_version(session, self.url)
                return work(ServerConnection(session))

    def _write(self, work: Callable[[Connection], T], guard: Guard) -> T:
        with self._connected() as session:
            if not self._known:
                self._make_current(session, create=True)
            with session.begin():
                check_version(session, self.url, guard=guard)
                return work(ServerConnection(session))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Session]:
        if self._engine is None:
            self._engine = engine_for(self.url, kept=self._kept)
        with self._engine.connect() as session:
            yield session

    def _make_current(self, session: Session, *, create: bool) -> bool:
        """Tell whether there is a store, having brought an older one up to date."""
        version = version_of(session, self.url)
        if version == 0 and not create:
            return False
        if version != VERSION:
            became = make_current(session, self.url)
            self.notes += (f"{self.name}: {became}",) if became else ()
        self._known = True
        return True
