"""Facts: what runs taught about a suite, kept beside them and longer than they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from paceline.store.rows import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.store.transactions import Connection

__all__ = ["Fact", "FactKind", "delete_facts", "insert_facts", "read_facts"]

FactKind: TypeAlias = Literal["shuffled", "order_dependent", "exclusive", "unforked"]
"""A suite passed shuffled; a test depends on the order; a fixture owns what none may share; a test
fails wherever it is forked."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known of a suite.

    ``name`` is what it is about (a test, a file, a fixture; "." for the whole suite), ``value``
    JSON text in the words of who says it, ``run`` the run that taught it ("" for none), ``said``
    when it was kept, in seconds since the epoch.
    """

    kind: FactKind
    name: str
    value: str = "null"
    run: str = ""
    said: float = 0.0


def read_facts(connection: Connection) -> tuple[Fact, ...]:
    """Read every fact, by kind and name."""
    query = "SELECT kind, name, value, run_id, said FROM suite_facts ORDER BY kind, name"
    return tuple(Fact(*row) for row in connection.execute(query))


def insert_facts(connection: Connection, facts: Iterable[Fact], *, now: float) -> None:
    """Keep facts as said now, in seconds since the epoch; one of the same kind and name goes."""
    given = {(one.kind, plain(one.name)): one for one in facts}
    connection.executemany("DELETE FROM suite_facts WHERE kind = ? AND name = ?", given)
    connection.executemany(
        "INSERT INTO suite_facts (kind, name, value, run_id, said) VALUES (?, ?, ?, ?, ?)",
        [(*key, plain(one.value), plain(one.run), one.said or now) for key, one in given.items()],
    )


def delete_facts(connection: Connection, kind: FactKind, names: Iterable[str]) -> None:
    """Forget what is known about names; those of which nothing is known are passed over."""
    connection.executemany(
        "DELETE FROM suite_facts WHERE kind = ? AND name = ?",
        [(kind, plain(name)) for name in names],
    )
