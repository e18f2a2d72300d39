"""Text: a file's bytes, its text and its JSON, whatever is wrong with it said with its place."""

from __future__ import annotations

import codecs
import json
import zlib
from typing import TYPE_CHECKING, Any

from paceline.errors import Place, StoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LARGEST", "decode", "parse_json", "read_bytes"]

LARGEST = 512 * 1024**2
"""Bytes of a file, gunzipped, that are read."""

_GZIP = b"\x1f\x8b"
_WITH_HEADER = 31  # zlib's word for a gzip file
_MARKS = (  # the longer first: UTF-16's mark begins UTF-32's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_REMEDY = "let the tool write the file again: it was cut short or changed"


class _TwiceError(ValueError):
    """A key that stands twice in one table."""


def read_bytes(path: Path, *, largest: int = LARGEST) -> bytes:
    """Read a file, gunzipped where it is gzip's.

    Raises:
        StoreError: the file can't be read, is cut short, or holds more than ``largest`` bytes.
    """
    place = Place(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        remedy = "name a file that is there and can be read"
        raise StoreError(f"can't be read: {error.strerror}", place=place, remedy=remedy) from error
    if data.startswith(_GZIP):
        data = _gunzip(data, place, largest)
    if len(data) > largest:
        raise StoreError(
            f"holds more than {largest // 1024**2} MiB", place=place, remedy="split the file"
        )
    return data


def decode(data: bytes, place: Place) -> str:
    """Read text: by its byte order mark, UTF-8 without one.

    Raises:
        StoreError: bytes that are none in that encoding.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StoreError(
            f"{data[error.start : error.start + 1]!r} is no {encoding} text: {error.reason}",
            place=Place(place.file, line),
            remedy=_REMEDY,
        ) from error


def parse_json(text: str, place: Place, *, remedy: str = _REMEDY) -> Any:
    """Read JSON; a key that stands twice in a table is refused.

    Raises:
        StoreError: the text is no JSON, or nested too deeply.
    """
    try:
        return json.loads(text, object_pairs_hook=_table)
    except json.JSONDecodeError as error:
        where = Place(place.file, error.lineno)
        raise StoreError(f"no JSON document: {error.msg}", place=where, remedy=remedy) from error
    except RecursionError as error:
        raise StoreError("is nested too deeply", place=place, remedy=remedy) from error
    except ValueError as error:  # a number of too many digits, a key that stands twice
        raise StoreError(f"no JSON document: {error}", place=place, remedy=remedy) from error


def _gunzip(data: bytes, place: Place, largest: int) -> bytes:
    """Unpack every member of a gzip file, up to a byte more than ``largest``."""
    found = bytearray()
    while data and len(found) <= largest:
        stream = zlib.decompressobj(_WITH_HEADER)
        try:
            found += stream.decompress(data, largest + 1 - len(found))
        except zlib.error as error:
            raise StoreError(f"no gzip file: {error}", place=place, remedy=_REMEDY) from error
        if not stream.eof and len(found) <= largest:
            raise StoreError("a gzip file that was cut short", place=place, remedy=_REMEDY)
        data = stream.unused_data.lstrip(b"\0")  # files may be filled up by zeros
    return bytes(found)


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise _TwiceError(f"the key {twice!r} stands twice")
    return found
