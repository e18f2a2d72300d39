"""One server for all tests here, and an empty store or a database of its own for each."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from tests.postgresql.server import Server, programs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.unit.store.conftest import Shelf

    from paceline.store.postgresql.server import StoreServer

_TEMPLATE = "made"
_SHARED = "shared"
_NUMBERS = itertools.count(1)
_EMPTIED = (
    *("daily_tests", "daily_figures", "suite_facts", "triage", "baselines", "resources"),
    *("measurements", "metrics", "cases", "runs", "hosts"),
)
_NUMBERED = ("metrics", "cases", "runs", "hosts")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server whose database ``made`` holds the tables of an empty store."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL here: neither a wheel's nor Debian's programs")
    one = Server(folder)
    try:
        one.start()
        one.execute(f"CREATE DATABASE {_TEMPLATE}")
        _connected(one.url(_TEMPLATE)).write(lambda _connection: None)
        one.execute(f"CREATE DATABASE {_SHARED} TEMPLATE {_TEMPLATE}")
        yield one
    finally:
        one.stop()


def _connected(url: str) -> StoreServer:
    from paceline.store.postgresql.server import StoreServer  # noqa: PLC0415  (see above)
    from paceline.store.postgresql.url import parse_url  # noqa: PLC0415  (as above)

    return StoreServer(parse_url(url))


@pytest.fixture
def database(server: Server) -> Callable[..., str]:
    """Make a database, with the tables of a store unless it is to be ``empty``; give its name."""

    def make(*, empty: bool = False) -> str:
        name = f"test_{next(_NUMBERS)}"
        template = "template1" if empty else _TEMPLATE
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    return make


@pytest.fixture
def shelf(server: Server, tmp_path: Path) -> Shelf:
    """An empty store on the server: what is no matter of files passes as it does on a file.

    A database of its own for each test would take a minute more for all of them.
    """
    from tests.unit.store.conftest import Shelf  # noqa: PLC0415  (its namesake would be collected)

    restart = (f"ALTER TABLE {table} ALTER COLUMN number RESTART" for table in _NUMBERED)
    empty = (f"DELETE FROM {table}" for table in _EMPTIED)  # noqa: S608  (constants)
    server.execute("; ".join((*empty, *restart)), database=_SHARED)
    return Shelf(tmp_path / "nowhere", _connected(server.url(_SHARED)))
