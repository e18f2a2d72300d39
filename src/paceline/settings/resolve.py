"""Resolve option classes that the caller hands over: default < file < environment < command line.

A layer maps an option's key ("section.name") to what its source holds and where that stands. Later
layers win. Markers are one more layer, laid on top for one test.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from paceline.errors import Place, SettingsError
from paceline.options import Entry, declarations, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Layer", "check_keys", "environment_layer", "resolve"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of settings; ``entries`` by option key."""

    name: str
    entries: Mapping[str, Entry]


def resolve(options: type[T], layers: Sequence[Layer]) -> T:
    """Make an instance of an option class; the last layer that holds a key gives its value.

    Raises:
        SettingsError: a value does not fit its option; the message names its place.
    """
    values: dict[str, Any] = {}
    for declaration in declarations(options):
        for layer in layers:
            entry = layer.entries.get(declaration.key)
            if entry is not None:
                values[declaration.name] = read(declaration, entry.value, entry.place)
    return options(**values)


def environment_layer(classes: Iterable[type], environment: Mapping[str, str]) -> Layer:
    """Collect the options that environment variables set."""
    entries = {}
    for options in classes:
        for declaration in declarations(options):
            raw = environment.get(declaration.environment)
            if raw is not None:
                place = Place(f"environment variable {declaration.environment}")
                entries[declaration.key] = Entry(raw, place)
    return Layer("environment", entries)


def check_keys(layer: Layer, classes: Iterable[type]) -> None:
    """Refuse keys that no option class declares.

    Raises:
        SettingsError: naming the key, its place and the nearest known one.
    """
    known = [declaration.key for options in classes for declaration in declarations(options)]
    for key, entry in layer.entries.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise SettingsError(
                f"unknown option {key!r}",
                place=entry.place,
                remedy=f"{hint}the options page lists them all (docs/options.md)",
            )
