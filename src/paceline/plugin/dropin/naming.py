"""Naming: prefixes and names of the files that a run leaves."""

from __future__ import annotations

import datetime as dt
import re

__all__ = ["automatic_prefix", "file_name", "now"]

_UNFIT = re.compile(r"[\\/:*?<>| ]")


def now() -> dt.datetime:
    """Give the present moment in UTC."""
    return dt.datetime.now(dt.UTC)


def automatic_prefix() -> str:
    """Name what has no name after the moment, as in ``benchmark_20261121_221500``."""
    return f"benchmark_{now():%Y%m%d_%H%M%S}"


def file_name(name: str) -> str:
    """Give a case's name as a file can have it, a row of unfit signs as one underscore."""
    return re.sub("_+", "_", _UNFIT.sub("_", name)) if _UNFIT.search(name) else name
