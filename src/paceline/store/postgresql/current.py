"""Bring a database to the current version of the schema by Alembic's revisions, once."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.store.faults import newer
from paceline.store.postgresql.faults import foreign
from paceline.store.schema import APPLICATION, TABLES, VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection as Session

    from paceline.store.postgresql.url import ServerUrl

__all__ = ["REVISIONS", "Guard", "check_version", "make_current", "move", "version_of"]

REVISIONS = Path(__file__).with_name("revisions")
VERSION_TABLE = "paceline_version"
_BUSY = "set_config('lock_timeout', '30s', true)"  # of this transaction alone
_QUERY = f"SELECT version_num, {_BUSY} FROM {VERSION_TABLE}"  # noqa: S608  (constants)


def version_of(session: Session, url: ServerUrl) -> int:
    """Read the schema version in a transaction of its own, 0 where there is no store.

    Raises:
        StoreError: it is newer than this Paceline, or our tables' names are taken.
    """
    with session.begin():
        return _version(session, url)


class Guard(enum.Enum):
    """Which lock a transaction takes, as SQL; it lasts as long as the transaction."""

    NONE = "NULL"
    SHARED = f"pg_advisory_xact_lock_shared({APPLICATION})"
    ALONE = f"pg_advisory_xact_lock({APPLICATION})"


def check_version(session: Session, url: ServerUrl, *, guard: Guard = Guard.NONE) -> None:
    """See that nobody has changed the store's version since it was found to be ours; take a lock.

    Who is alone waits for all others, and they wait for who is alone.

    Raises:
        StoreError: a newer Paceline has.
    """
    if guard is not Guard.NONE:
        session.exec_driver_sql(f"SELECT {_BUSY}, {guard.value}")
    number, _busy = session.exec_driver_sql(_QUERY).one()
    if number != str(VERSION):
        raise newer(url.shown, int(number))


def make_current(session: Session, url: ServerUrl) -> str:
    """Create the tables or step an older store up, in one transaction; say what it became.

    Of several writers that find an old store, the first one does it: the others wait and find it
    done.
    """
    with session.begin():
        session.exec_driver_sql(f"SELECT {_BUSY}, {Guard.ALONE.value}")
        version = _version(session, url)
        if version == VERSION:
            return ""
        move(session, str(VERSION))
        return f"schema version {version} became {VERSION}" if version else ""


def move(session: Session, revision: str, *, down: bool = False, folder: Path = REVISIONS) -> None:
    """Step to a revision inside the caller's transaction."""
    from alembic import command  # noqa: PLC0415  (most of a second: only a new store needs it)
    from alembic.config import Config  # noqa: PLC0415  (as above)

    config = Config(attributes={"connection": session, "version_table": VERSION_TABLE})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    step = command.downgrade if down else command.upgrade
    step(config, revision)


def _version(session: Session, url: ServerUrl) -> int:
    names = (VERSION_TABLE, *(table.name for table in TABLES))
    marks = ", ".join(["to_regclass(%s)::text"] * len(names))
    found = session.exec_driver_sql(f"SELECT {marks}", names).one()
    if found[0] is None:
        taken = next((name for name in found if name), "")
        if taken:
            raise foreign(url, taken)
        return 0
    number = session.exec_driver_sql(_QUERY).scalar() or "0"
    if not number.isdecimal():
        raise foreign(url, VERSION_TABLE)
    if int(number) > VERSION:
        raise newer(url.shown, int(number))
    return int(number)
