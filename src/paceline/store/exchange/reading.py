"""Reading: a file of any known format as runs, ready for a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.errors import Place, StoreError
from paceline.store.exchange.asv import Described, read_asv, read_described
from paceline.store.exchange.document import RunDocument, load_run
from paceline.store.exchange.durations import read_durations
from paceline.store.exchange.imported import UNDATED, Given, check_start, settle
from paceline.store.exchange.junit import read_junit
from paceline.store.exchange.kinds import Kind, recognise
from paceline.store.exchange.log import is_log, read_log
from paceline.store.exchange.text import decode, parse_json, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["read_file"]

_BENCHMARKS = "benchmarks.json"


def read_file(
    path: Path,
    *,
    kind: Kind | None = None,
    given: Given | None = None,
    is_file: Callable[[str], bool] = lambda _path: False,
) -> tuple[Kind, tuple[RunDocument, ...]]:
    """Read a file's runs and tell its format, recognised unless ``kind`` says it.

    ``is_file`` tells whether a path is a file of the project.

    Raises:
        StoreError: the file, or anything in it, can't be read.
    """
    data, place = read_bytes(path), Place(str(path))
    found = kind or recognise(data, place)
    said = given or Given()
    if found is Kind.PACELINE:
        return found, (_own(load_run(decode(data, place), place), place, said),)
    try:
        documents = _foreign(found, data, path, is_file)
    except RecursionError as error:
        remedy = "let the tool write the file again"
        raise StoreError("is nested too deeply", place=place, remedy=remedy) from error
    written = path.stat().st_mtime
    return found, tuple(
        settle(
            document,
            place,
            kind=found.value,
            data=data,
            position=position,
            given=said,
            otherwise=written,
        )
        for position, document in enumerate(documents)
    )


def _own(document: RunDocument, place: Place, given: Given) -> RunDocument:
    """Take one of our own as it is: what it says of itself isn't overruled.

    Raises:
        StoreError: something was said of it, or it holds a start that is no date.
    """
    if given.commit or given.branch or given.started != UNDATED:
        remedy = "leave out --commit, --branch and --started for this file"
        raise StoreError("says itself what it was run on", place=place, remedy=remedy)
    return check_start(document, place)


def _foreign(
    kind: Kind, data: bytes, path: Path, is_file: Callable[[str], bool]
) -> tuple[RunDocument, ...]:
    place = Place(str(path))
    if kind is Kind.JUNIT:
        return (read_junit(data, place, is_file=is_file),)
    text = decode(data, place)
    if kind is Kind.PEER:
        from paceline.store.dropin_exchange import from_peer  # noqa: PLC0415

        return from_peer(text, place)
    if kind is Kind.ASV:
        return (read_asv(parse_json(text, place), place, described=_described(path)),)
    if is_log(text) or not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return (read_log(text, place),)
    return (read_durations(parse_json(text, place), place),)


def _described(path: Path) -> dict[str, Described]:
    """Read what asv keeps beside its machines' folders; without it, names tell the kinds."""
    file = path.parent.parent / _BENCHMARKS
    if not file.is_file():
        return {}
    place = Place(str(file))
    return read_described(parse_json(decode(read_bytes(file), place), place), place)
