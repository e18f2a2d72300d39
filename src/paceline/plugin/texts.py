"""Texts: what users hand over, as text that every process, store and report can carry."""

from __future__ import annotations

import builtins
import json
import re
import reprlib
from typing import Any

__all__ = ["as_json", "shown", "text_of"]

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # differs between runs and says nothing
_LONGEST = 200


class _Repr(reprlib.Repr):
    """Shortens containers as reprlib does, and takes addresses out before it cuts one in two."""

    def repr_instance(self, x: object, level: int) -> str:  # noqa: ARG002  (reprlib's signature)
        return _ADDRESS.sub("", builtins.repr(x))


_REPR = _Repr()


def text_of(value: object) -> str:
    """Give a value as text without lone surrogates, which no encoding can carry."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def shown(value: object) -> str:
    """Give a short representation that stays the same between runs."""
    try:
        text = _REPR.repr(value)
    except Exception as error:  # noqa: BLE001  (the user's own __repr__)
        text = f"<{type(value).__name__} whose repr raised {type(error).__name__}>"
    return text_of(text)[:_LONGEST]


def as_json(value: Any) -> str:
    """Give a value as JSON text; what JSON does not know becomes its representation."""
    try:
        return text_of(json.dumps(value, default=shown, sort_keys=True))
    except (TypeError, ValueError):  # keys of several kinds, or a circle
        return json.dumps(shown(value))
