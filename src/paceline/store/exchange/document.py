"""One run as a JSON document: what ``paceline export`` writes and a comparison reads back.

History of the schema:
    1  schema, run, measurements; each as `paceline.model.codec` gives it
    2  measurements gain sites; resource_columns names what stands where in each of resources
    3  each of resources ends with its turn: worker, position, started, outcome, attempt, shared
    4  measurements gain summary, for values that are not at hand; the run gains tree
"""

from __future__ import annotations

import json
import reprlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from paceline.errors import Place, StoreError
from paceline.model import OUTCOMES, RESOURCES, Better
from paceline.model.codec import (
    FORMAT,
    FORMATS,
    OLD_RECORD_COLUMNS,
    RECORD_COLUMNS,
    decode_measurement,
    decode_resources,
    decode_run,
    encode_measurement,
    encode_resources,
    encode_run,
)
from paceline.store.exchange.text import parse_json
from paceline.units import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.model import Measurement, Resources, Run

__all__ = [
    "SCHEMA",
    "VERSION",
    "RunDocument",
    "dump_run",
    "load_run",
    "read_document",
    "read_run",
    "write_run",
]

SCHEMA = "paceline.run"
VERSION = 4

Check = Callable[[Any, str], None]

_LARGEST = 2**63 - 1  # what every store holds
_HUGE = sys.float_info.max
_NOT_FINITE = ("nan", "inf", "-inf")
_REMEDY = "export the run again: it was cut short, changed, or written by a newer Paceline"


class _Misfit(Exception):  # noqa: N818  (never leaves this module: read_run words it)
    """What does not fit, and the key path where it stands."""


class RunDocument(NamedTuple):
    """All that a document holds."""

    run: Run
    measurements: tuple[Measurement, ...]
    resources: tuple[Resources, ...] = ()


def write_run(
    run: Run, measurements: Iterable[Measurement], *, resources: Iterable[Resources] = ()
) -> dict[str, Any]:
    """Give a run with what it measured as builtins, in a fixed order of keys."""
    return {
        "schema": {"name": SCHEMA, "version": VERSION},
        "run": encode_run(run),
        "measurements": [encode_measurement(one) for one in measurements],
        "resource_columns": list(RECORD_COLUMNS),
        "resources": [encode_resources(one) for one in resources],
    }


def read_run(data: object, place: Place) -> tuple[Run, tuple[Measurement, ...]]:
    """Read a run with its measurements back, as `read_document` does."""
    document = read_document(data, place)
    return document.run, document.measurements


def read_document(data: object, place: Place) -> RunDocument:
    """Read a run with all that was kept of it; unknown keys are passed over.

    Raises:
        StoreError: the document is none of ours or does not fit; the message names the key path.
    """
    try:
        _SCHEMA(data, "")
        whole: Any = data
        _DOCUMENTS[whole["schema"]["version"]](data, "")
    except _Misfit as error:
        raise StoreError(str(error), place=place, remedy=_REMEDY) from error
    return RunDocument(
        decode_run(whole["run"]),
        tuple(map(decode_measurement, whole["measurements"])),
        tuple(map(decode_resources, whole.get("resources", ()))),
    )


def dump_run(
    run: Run, measurements: Iterable[Measurement], *, resources: Iterable[Resources] = ()
) -> str:
    """Write the document as JSON text."""
    return json.dumps(write_run(run, measurements, resources=resources), allow_nan=False) + "\n"


def load_run(text: str, place: Place) -> RunDocument:
    """Read the document from JSON text.

    Raises:
        StoreError: the text is no JSON, or does not fit.
    """
    return read_document(parse_json(text, place, remedy=_REMEDY), place)


def _record(fields: dict[str, Check]) -> Check:
    def check(data: Any, path: str) -> None:
        _expect(isinstance(data, dict), data, path, "a table of keys")
        for name, field in fields.items():
            inner = f"{path}.{name}" if path else name
            if name not in data:
                raise _Misfit(f"{inner} is missing")
            field(data[name], inner)

    return check


def _list_of(element: Check) -> Check:
    def check(data: Any, path: str) -> None:
        _expect(isinstance(data, list), data, path, "a list")
        for position, one in enumerate(data):
            element(one, f"{path}[{position}]")

    return check


def _in_order(*elements: Check) -> Check:
    def check(data: Any, path: str) -> None:
        fits = isinstance(data, list) and len(data) == len(elements)
        _expect(fits, data, path, f"a list of {len(elements)}")
        for position, (element, one) in enumerate(zip(elements, data, strict=True)):
            element(one, f"{path}[{position}]")

    return check


def _one_of(*allowed: object) -> Check:
    wanted = " or ".join(map(repr, allowed))

    def check(data: Any, path: str) -> None:
        fits = any(type(data) is type(one) and data == one for one in allowed)
        _expect(fits, data, path, wanted)

    return check


def _whole(least: int) -> Check:
    def check(data: Any, path: str) -> None:
        fits = type(data) is int and least <= data <= _LARGEST
        _expect(fits, data, path, f"a whole number from {least}")

    return check


def _text(data: Any, path: str) -> None:
    _expect(isinstance(data, str), data, path, "a text")


def _name(data: Any, path: str) -> None:
    _expect(isinstance(data, str) and data != "", data, path, "a text that is not empty")


def _flag(data: Any, path: str) -> None:
    _expect(isinstance(data, bool), data, path, "true or false")


def _finite(data: Any, path: str) -> None:
    """Accept a number that a float holds; comparing first, as a huge int has no float at all."""
    fits = type(data) in (int, float) and -_HUGE <= data <= _HUGE
    _expect(fits, data, path, "a finite number")


def _figure(data: Any, path: str) -> None:
    if data not in _NOT_FINITE:
        _finite(data, path)


def _known(data: Any, path: str) -> None:
    if data is not None:
        _finite(data, path)


def _summary(data: Any, path: str) -> None:
    if data is not None:
        _ROUNDS_AND_FIGURES(data, path)


def _place(data: Any, path: str) -> None:
    if data is not None:
        _FILE_AND_LINE(data, path)


def _pair(data: Any, path: str) -> None:
    fits = (
        isinstance(data, list) and len(data) == 2 and all(isinstance(part, str) for part in data)  # noqa: PLR2004  (a pair)
    )
    _expect(fits, data, path, "a pair of texts")


def _expect(fits: bool, data: Any, path: str, wanted: str) -> None:  # noqa: FBT001  (a condition)
    if not fits:
        raise _Misfit(f"{path or 'the document'} is {reprlib.repr(data)}, not {wanted}")


_PAIRS = _list_of(_pair)
_FILE_AND_LINE = _in_order(_text, _whole(0))
_ROUNDS_AND_FIGURES = _in_order(_whole(0), *(_known,) * 4)
_VERSIONS = _one_of(*range(1, VERSION + 1))
_SCHEMA = _record({"schema": _record({"name": _one_of(SCHEMA), "version": _VERSIONS})})
_HOST = _record(
    {
        "cpu": _text,
        "cores": _whole(0),
        "memory": _whole(0),
        "system": _text,
        "python": _text,
        "runner": _text,
    }
)
_OLD_RUN: dict[str, Check] = {
    "format": _one_of(*FORMATS[:-1]),
    "id": _name,
    "started": _finite,
    "host": _HOST,
    "commit": _text,
    "branch": _text,
    "dirty": _flag,
    "settings": _PAIRS,
    "complete": _flag,
}
_RUN: dict[str, Check] = {**_OLD_RUN, "format": _one_of(FORMAT), "tree": _text}
_CASE = _record(
    {
        "node_id": _name,
        "label": _text,
        "parameters": _PAIRS,
        "group": _text,
        "markers": _list_of(_text),
    }
)
_METRIC = _record(
    {
        "name": _name,
        "unit": _one_of(*NAMES),
        "better": _one_of(*(better.value for better in Better)),
        "help": _text,
    }
)
_SITE = _record(
    {
        "name": _text,
        "place": _place,
        "size": _finite,
        "count": _finite,
        "size_growth": _finite,
        "count_growth": _finite,
    }
)
_MEASUREMENT = {
    "case": _CASE,
    "metric": _METRIC,
    "values": _list_of(_figure),
    "iterations": _whole(1),
    "warmup": _whole(0),
    "items": _finite,
    "item_unit": _one_of("items", "B"),
    "conditions": _PAIRS,
    "unsure": _text,
    "extra": _PAIRS,
}
_FIRST = _record({"format": _one_of(1), **_MEASUREMENT})
_SECOND = _record({"format": _one_of(2), **_MEASUREMENT, "sites": _list_of(_SITE)})
_THIRD = _record({"format": _one_of(3), **_MEASUREMENT, "sites": _list_of(_SITE)})
_LATEST = _record(
    {
        "format": _one_of(FORMAT),
        **_MEASUREMENT,
        "sites": _list_of(_SITE),
        "stored_summary": _summary,
    }
)
_TURN = (_text, _whole(-1), _finite, _one_of("", *OUTCOMES), _whole(1), _finite)


def _with_records(
    number: int,
    measurement: Check,
    columns: tuple[str, ...],
    run: dict[str, Check] = _OLD_RUN,
) -> Check:
    """Check a document whose records are lists in the order of ``columns``."""
    turn = _TURN if columns is RECORD_COLUMNS else ()
    record = _in_order(
        *(_one_of(number), _name, _text, _text),
        *(_known,) * len(RESOURCES),
        *(_PAIRS, _list_of(_text), _PAIRS),
        *turn,
    )
    return _record(
        {
            "run": _record(run),
            "measurements": _list_of(measurement),
            "resource_columns": _in_order(*map(_one_of, columns)),
            "resources": _list_of(record),
        }
    )


_DOCUMENTS = {
    1: _record({"run": _record(_OLD_RUN), "measurements": _list_of(_FIRST)}),
    2: _with_records(2, _SECOND, OLD_RECORD_COLUMNS),
    3: _with_records(3, _THIRD, RECORD_COLUMNS),
    VERSION: _with_records(FORMAT, _LATEST, RECORD_COLUMNS, _RUN),
}
