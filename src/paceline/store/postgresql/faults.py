"""Say what is wrong with a server or what it refused, without a password."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

from paceline.errors import Place, StoreError
from paceline.store.faults import UnreachableError

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

    from paceline.store.postgresql.url import ServerUrl

__all__ = ["Fault", "explained", "fault_of", "foreign", "no_driver"]

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONTENTION = frozenset({"40001", "40P01", "23505"})
_PASSING = ("08", "25P03", "25006", "53", "55P03", "57")  # starts of codes of what may pass
_NO_PASSWORD = "give the password in the URL, by PGPASSWORD or in ~/.pgpass"  # noqa: S105  (advice)
_RIGHTS = "grant the role the right to connect, and to create and change tables in its schema"
_REMEDIES = {
    "42501": ("the role may not do this", _RIGHTS),
    "55P03": ("another process kept the store busy", "try again when it has ended"),
    "25006": ("the server is read-only", "name the primary server by store.path"),
    "53100": ("the server's disk is full", "free some space on the server"),
    "22003": ("a number does not fit", ""),
}
# Before a session begins, libpq gives a text and no code.
_REFUSALS = (
    (re.compile(r"password authentication failed|no password supplied"), _NO_PASSWORD),
    (re.compile(r'database ".*" does not exist'), "create it: createdb, or CREATE DATABASE"),
    (re.compile(r'role ".*" does not exist'), "create it: createuser, or CREATE ROLE"),
    (re.compile(r"no pg_hba.conf entry|authentication failed"), "let the server accept this role"),
    (re.compile(r"permission denied for database"), _RIGHTS),
    (re.compile(r"invalid (connection|URI)|invalid .* value"), "write the URL's options anew"),
)


class Fault(enum.Enum):
    """What to do about a failure."""

    CONTENTION = "try the transaction again"
    LOST = "connect again"
    REFUSED = "tell the user"


_UNCODED = {
    Fault.CONTENTION: ("other writers stood in the way", "try again when they have ended"),
    Fault.LOST: ("the server can't be reached", "see that it runs and that store.path names it"),
    Fault.REFUSED: ("the server refused", ""),
}


def fault_of(error: DBAPIError) -> Fault:
    """Tell what helps; without a code the session had not begun, or broke."""
    code = getattr(error.orig, "sqlstate", None) or ""
    if code in _CONTENTION:
        return Fault.CONTENTION
    if code.startswith(_PASSING):
        return Fault.LOST
    if code or not (error.connection_invalidated or _is_operational(error)):
        return Fault.REFUSED
    return Fault.REFUSED if _refusal(error) else Fault.LOST


def explained(error: DBAPIError, url: ServerUrl) -> StoreError:
    """Word a failure with its place and a remedy; what may pass, can be sent again later."""
    fault = fault_of(error)
    code = getattr(error.orig, "sqlstate", None) or ""
    problem, remedy = _REMEDIES.get(code, _UNCODED[fault])
    kind = StoreError if fault is Fault.REFUSED else UnreachableError
    return kind(
        f"{problem}: {_said(error)}", place=Place(url.shown), remedy=remedy or _refusal(error)
    )


def foreign(url: ServerUrl, table: str) -> StoreError:
    """Refuse a database in which our tables' names are taken."""
    return StoreError(
        f"the database holds a table {table!r} that is no Paceline store's: left untouched",
        place=Place(url.shown),
        remedy="give Paceline a database or a schema of its own",
    )


def no_driver(url: ServerUrl, error: ImportError) -> StoreError:
    """Ask for what talks to a server."""
    return StoreError(
        f"what talks to a PostgreSQL server is not installed: {error}",
        place=Place(url.shown),
        remedy="pip install 'paceline[postgresql]'",
    )


def _is_operational(error: DBAPIError) -> bool:
    return type(error).__name__ in ("OperationalError", "InterfaceError")


def _refusal(error: DBAPIError) -> str:
    text = str(error.orig)
    return next((remedy for pattern, remedy in _REFUSALS if pattern.search(text)), "")


def _said(error: DBAPIError) -> str:
    """Give the first line of what server or driver said: neither quotes a password."""
    lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()]
    told = [line for line in lines if "FATAL" in line] or lines
    return told[0] if told else type(error.orig).__name__
