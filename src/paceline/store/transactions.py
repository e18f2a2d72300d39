"""What a store's queries run on: one transaction at a time, on a file or on a server.

Queries are written once, in the SQL that SQLite and PostgreSQL share, with ``?`` for parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Connection", "Cursor", "Transactions"]

T = TypeVar("T")


class Cursor(Protocol):
    """The answer to one statement."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def fetchone(self) -> Any:
        """Give the next row, None behind the last."""

    def fetchall(self) -> list[Any]:
        """Give the rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection inside a transaction; sqlite3's own fits as it is."""

    def execute(self, sql: str, parameters: tuple[Any, ...] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[tuple[Any, ...]], /) -> Cursor:
        """Run one statement for each row of parameters."""


class Transactions(Protocol):
    """Where a store's rows are; every call is one transaction and raises StoreError."""

    @property
    def name(self) -> str:
        """Where the rows are, for people: a path, or a URL without its password."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened to the store on the way."""

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that reads; a store that is not there reads as an empty one."""

    def write(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """Run work that writes: all of it is kept when this returns, nothing when it raises.

        No other writer works beside one that wants to be ``alone``, as who removes rows that others
        may be about to use.
        """

    def examine(self, work: Callable[[Connection], T]) -> T:
        """Run work that reads and leaves damage where it is."""

    def damage(self, connection: Connection) -> tuple[str, ...]:
        """Say what the database itself finds wrong."""
