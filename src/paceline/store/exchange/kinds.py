"""Kinds: the formats that can be imported, and how a file shows which one it is."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from paceline.errors import StoreError
from paceline.store.exchange.document import SCHEMA
from paceline.store.exchange.durations import is_durations
from paceline.store.exchange.log import is_log
from paceline.store.exchange.text import decode, parse_json

if TYPE_CHECKING:
    from paceline.errors import Place

__all__ = ["Kind", "UnrecognisedError", "recognise"]

_KNOWN = "known: Paceline's, pytest-benchmark's, asv's, JUnit XML, and durations of tests"
_BLANK = b"\xef\xbb\xbf \t\r\n"
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # marks of UTF-16, whose "<" is two bytes


class Kind(enum.Enum):
    """A format."""

    PACELINE = "paceline"
    PEER = "pytest-benchmark"
    ASV = "asv"
    JUNIT = "junit"
    DURATIONS = "durations"


class UnrecognisedError(StoreError):
    """A file that holds no runs in any format that is known; in a folder it is passed over."""


def recognise(data: bytes, place: Place) -> Kind:
    """Tell a file's format by what it holds, whatever its name.

    Raises:
        StoreError: it is none that is known, or no sound file of its format.
    """
    start = data[:64].lstrip(_BLANK)
    if start.startswith(_WIDE):
        start = start[2:].replace(b"\0", b"").lstrip(_BLANK)
    if start.startswith(b"<"):
        return Kind.JUNIT
    if data.startswith(b"PAR1"):
        remedy = "Parquet is written only: export the run as json instead"
        raise UnrecognisedError("is a Parquet file", place=place, remedy=remedy)
    text = decode(data, place)
    if not text.strip():
        raise StoreError("is empty", place=place, remedy=_KNOWN)
    if is_log(text):
        return Kind.DURATIONS
    if not text.lstrip().startswith(("{", "[")):
        remedy = f"{_KNOWN}; of a log, the section that pytest --durations=0 -vv prints"
        raise UnrecognisedError("is in no format that is known", place=place, remedy=remedy)
    kind = _of(parse_json(text, place), place)
    if kind is None:
        raise UnrecognisedError("is JSON of no format that is known", place=place, remedy=_KNOWN)
    return kind


def _of(data: Any, place: Place) -> Kind | None:
    if isinstance(data, dict):
        schema = data.get("schema")
        if isinstance(schema, dict) and schema.get("name") == SCHEMA:
            return Kind.PACELINE
        if "machine_info" in data or isinstance(data.get("benchmarks"), list):
            return Kind.PEER
        if "result_columns" in data or {"commit_hash", "results"} <= data.keys():
            return Kind.ASV
        if _beside_asv(data):
            remedy = "name the folder of results, or the files in its machines' folders"
            said = "describes asv's benchmarks or machine and holds no figure"
            raise UnrecognisedError(said, place=place, remedy=remedy)
    return Kind.DURATIONS if data and is_durations(data) else None


def _beside_asv(data: dict[str, Any]) -> bool:
    """Tell asv's ``machine.json`` and ``benchmarks.json``."""
    benchmarks = [one for name, one in data.items() if name != "version"]
    described = all(isinstance(one, dict) and "param_names" in one for one in benchmarks)
    return {"machine", "os", "version"} <= data.keys() or (bool(benchmarks) and described)
