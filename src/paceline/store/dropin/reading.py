"""Read a document of pytest-benchmark, releases 2 to 5: lenient with age, strict with damage."""

from __future__ import annotations

import json
import reprlib
import sys
from typing import TYPE_CHECKING, Any

from paceline.errors import Place, StoreError
from paceline.store.dropin.writing import FIELDS, figures

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["read"]

_HUGE = sys.float_info.max
_LARGEST = 2**63 - 1
_REMEDY = "save the run again, or leave this file out: it was cut short or is no such document"
_COUNTS = {"rounds": 1, "iterations": 1, "iqr_outliers": 0, "stddev_outliers": 0}
_NUMBERS = tuple(name for name in FIELDS if name not in {*_COUNTS, "outliers"})


class _Misfit(Exception):  # noqa: N818  (never leaves this module)
    """What does not fit, and the key path where it stands."""


def read(text: str, place: Place) -> dict[str, Any]:
    """Read and check a document; keys that an older release did not write are filled in.

    Every entry of the result has ``name``, ``fullname``, ``group``, ``param``, ``params``,
    ``extra_info``, ``options`` and ``stats`` with at least mean, rounds and iterations. Unknown
    keys are kept.

    Raises:
        StoreError: no JSON (with its line), or something that does not fit (with its key path).
    """
    try:
        found = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        where = Place(place.file, error.lineno)
        raise StoreError(f"no JSON document: {error.msg}", place=where, remedy=_REMEDY) from error
    except (RecursionError, ValueError) as error:  # nested too deeply; a number of too many digits
        raise StoreError(f"no such document: {error}", place=place, remedy=_REMEDY) from error
    try:
        return _document(found)
    except _Misfit as error:
        raise StoreError(str(error), place=place, remedy=_REMEDY) from error


def _document(found: Any) -> dict[str, Any]:
    _expect(isinstance(found, dict), found, "", "a table of keys")
    benchmarks = found.get("benchmarks")
    _expect(isinstance(benchmarks, list), benchmarks, "benchmarks", "a list")
    for name in ("machine_info", "commit_info"):
        _expect(isinstance(found.get(name, {}), dict), found.get(name), name, "a table of keys")
    for name in ("datetime", "version"):
        _expect(isinstance(found.get(name, ""), str), found.get(name), name, "a text")
    entries = [_entry(one, f"benchmarks[{place}]") for place, one in enumerate(benchmarks)]
    known = {"machine_info": {}, "commit_info": {}, "datetime": "", "version": ""}
    return {**known, **found, "benchmarks": entries}


def _entry(found: Any, path: str) -> dict[str, Any]:
    _expect(isinstance(found, dict), found, path, "a table of keys")
    name = found.get("name")
    _expect(isinstance(name, str) and name != "", name, f"{path}.name", "a text that is not empty")
    filled = {**_ABSENT, "fullname": name, **found}
    for key, (fits, wanted) in _KINDS.items():
        _expect(fits(filled.get(key)), filled.get(key), f"{path}.{key}", wanted)
    tables = {key: dict(filled[key] or {}) for key in ("extra_info", "options")}
    return {**filled, **tables, "stats": _stats(found.get("stats"), f"{path}.stats")}


def _stats(found: Any, path: str) -> dict[str, Any]:
    _expect(isinstance(found, dict), found, path, "a table of keys")
    data = found.get("data", [])
    _expect(isinstance(data, list), data, f"{path}.data", "a list")
    for place, value in enumerate(data):
        _number(value, f"{path}.data[{place}]")
    stats = {"iterations": 1, **(figures(data) if data else {}), **found}
    for name in ("mean", *(name for name in _NUMBERS if name in stats)):
        _number(stats.get(name), f"{path}.{name}")
    for name, least in _COUNTS.items():
        if name in stats or name == "rounds":
            _count(stats.get(name), f"{path}.{name}", least)
    stats.setdefault("ops", 1 / stats["mean"] if stats["mean"] else 0.0)
    stats.setdefault("outliers", _outliers(stats))
    _expect(isinstance(stats["outliers"], str), stats["outliers"], f"{path}.outliers", "a text")
    return stats


def _outliers(stats: dict[str, Any]) -> str:
    return f"{stats.get('stddev_outliers', '?')};{stats.get('iqr_outliers', '?')}"


def _number(value: Any, path: str) -> None:
    """Accept a number that a float holds; comparing first, as a huge int has no float at all."""
    fits = type(value) in (int, float) and -_HUGE <= value <= _HUGE
    _expect(fits, value, path, "a finite number")


def _count(value: Any, path: str, least: int) -> None:
    fits = type(value) is int and least <= value <= _LARGEST
    _expect(fits, value, path, f"a whole number from {least}")


def _expect(fits: bool, value: Any, path: str, wanted: str) -> None:  # noqa: FBT001  (a condition)
    if not fits:
        raise _Misfit(f"{path or 'the document'} is {reprlib.repr(value)}, not {wanted}")


def _text_or_nothing(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _table_or_nothing(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _list_of_tables(value: Any) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(one, dict) for one in value)
    )


_ABSENT: dict[str, Any] = {
    "group": None,
    "param": None,
    "params": None,
    "extra_info": {},
    "options": {},
}
_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "fullname": (lambda value: isinstance(value, str) and value != "", "a text that is not empty"),
    "group": (_text_or_nothing, "a text or null"),
    "param": (_text_or_nothing, "a text or null"),
    "params": (_table_or_nothing, "a table of keys or null"),
    "extra_info": (_table_or_nothing, "a table of keys"),
    "options": (_table_or_nothing, "a table of keys"),
    "cprofile": (_list_of_tables, "a list of tables"),
}
