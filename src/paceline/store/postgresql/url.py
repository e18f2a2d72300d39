"""The URL of a store on a server, and how it is said without its password."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from paceline.errors import SettingsError

__all__ = ["ServerUrl", "parse_url"]

_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_DRIVER = "postgresql+psycopg"
_SECRETS = frozenset({"password", "passfile", "sslpassword"})
_HIDDEN = "***"


@dataclass(frozen=True, slots=True, repr=False)
class ServerUrl:
    """Where a store is; only ``full`` holds the password, ``shown`` is for people and files."""

    full: str
    shown: str

    @property
    def key(self) -> str:
        """Name the place in 16 hexadecimal digits, whatever the password."""
        return hashlib.sha256(self.shown.encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"ServerUrl({self.shown!r})"


def parse_url(text: str) -> ServerUrl:
    """Read a store's URL.

    Raises:
        SettingsError: it names no PostgreSQL database; the message holds no password.
    """
    scheme, _, rest = text.partition("://")
    try:
        parts = urlsplit(f"postgresql://{rest}")
        port = parts.port
    except ValueError:  # what it quotes may be a part of the password
        raise _unusable("the store's URL can't be read: encode what is special in it") from None
    if scheme not in _SCHEMES:
        raise _unusable(f"{scheme!r} names no database that keeps a store")
    if "@" in parts.path or not parts.path.strip("/"):
        raise _unusable("the store's URL names no database: encode what is special in it")
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    named, signed, _ = parts.netloc.rpartition("@")
    query = urlencode(
        [
            (name, _HIDDEN if name in _SECRETS else value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ],
        safe="/*",
    )
    place = f"{named.partition(':')[0]}{signed}{host}" + (f":{port}" if port else "")
    shown = f"postgresql://{place}{parts.path}" + (f"?{query}" if query else "")
    return ServerUrl(f"{_DRIVER}://{rest}", shown)


def _unusable(problem: str) -> SettingsError:
    return SettingsError(
        problem,
        remedy="write store.path as postgresql://user@host/database, or as a file's path",
    )
