"""How tables write an entry's name: ``short``, ``normal``, ``long`` or ``trial``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMS", "shown"]

_TRIAL = 4
_SOURCE = 12


def shown(entry: Mapping[str, Any], form: str) -> str:
    """Write an entry's name with its source, as much of both as the form says."""
    return FORMS[form](entry)


def _short(entry: Mapping[str, Any]) -> str:
    return _beside(entry["name"], _last(entry)[:_TRIAL]).removeprefix("test_")


def _normal(entry: Mapping[str, Any]) -> str:
    *folders, last = (entry.get("source") or "").split("/")
    return _beside(entry["name"], "/".join([*folders, last[:_SOURCE]]))


def _long(entry: Mapping[str, Any]) -> str:
    return _beside(entry["fullname"], entry.get("source") or "")


def _trial(entry: Mapping[str, Any]) -> str:
    return _last(entry)[:_TRIAL] or "????"


def _beside(name: str, source: str) -> str:
    return f"{name} ({source})" if source else name


def _last(entry: Mapping[str, Any]) -> str:
    source: str = entry.get("source") or ""
    return source.rpartition("/")[2]


FORMS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "short": _short,
    "normal": _normal,
    "long": _long,
    "trial": _trial,
}
