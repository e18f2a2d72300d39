"""Session: a connection through SQLAlchemy that answers as sqlite3's do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.store.postgresql.statements import fitting, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection as Session
    from sqlalchemy import CursorResult, Engine

    from paceline.store.postgresql.url import ServerUrl

__all__ = ["ServerConnection", "engine_for"]

# Seconds, but for the last: a line that is dead without a word is noticed in half a minute.
_LINE = {
    "connect_timeout": "5",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def engine_for(url: ServerUrl, *, kept: bool = False) -> Engine:
    """Make what connects to the server; it keeps no connection unless they are to be ``kept``.

    Raises:
        ImportError: the driver is not installed.
    """
    import sqlalchemy as sa  # noqa: PLC0415  (a third of a second: only a server needs it)

    address = sa.make_url(url.full)
    given = {name: value for name, value in _LINE.items() if name not in address.query}
    return sa.create_engine(
        address,
        poolclass=sa.QueuePool if kept else sa.NullPool,
        isolation_level="READ COMMITTED",
        connect_args={"fallback_application_name": "paceline", **given},
        hide_parameters=True,
        use_native_hstore=False,
    )


class _Answer:
    """The answer to one statement, all of it at hand."""

    def __init__(self, rowcount: int, rows: list[Any]) -> None:
        self.rowcount = rowcount
        self._rows = iter(rows)

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows


class ServerConnection:
    """A connection inside a transaction, for statements as SQLite reads them."""

    def __init__(self, session: Session) -> None:
        self._session = session.execution_options(preserve_rowcount=True)

    def execute(self, sql: str, parameters: tuple[Any, ...] = (), /) -> _Answer:
        """Run one statement."""
        text, places = statement(sql)
        return _answer(self._session.exec_driver_sql(text, fitting(parameters, places)))

    def executemany(self, sql: str, parameters: Iterable[tuple[Any, ...]], /) -> _Answer:
        """Run one statement for each row of parameters, sent together."""
        text, places = statement(sql)
        rows = [fitting(row, places) for row in parameters]
        if not rows:
            return _Answer(0, [])
        return _answer(self._session.exec_driver_sql(text, rows))


def _answer(result: CursorResult[Any]) -> _Answer:
    if not result.returns_rows:
        return _Answer(result.rowcount, [])
    rows = [tuple(row) for row in result]
    return _Answer(len(rows), rows)
