"""Files: find and read the ``[tool.paceline]`` table of a project."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from paceline.errors import Place, SettingsError
from paceline.options import Entry
from paceline.settings.optin import has_table
from paceline.settings.resolve import Layer
from paceline.settings.toml_lines import key_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["file_layer"]

_TABLES = frozenset({"budgets", "policies", "profiles"})  # subtables that are no option sections


def file_layer(pyproject: Path) -> Layer:
    """Read the options of ``[tool.paceline]``, each with the line it stands on.

    Raises:
        SettingsError: the file is no TOML, or the table holds something that is no option.
    """
    if not has_table(pyproject):
        return Layer("file", {})
    try:
        text = pyproject.read_text(encoding="utf-8")
        table = tomllib.loads(text).get("tool", {}).get("paceline", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not a TOML file: {error}", place=Place(str(pyproject))) from error
    lines = key_lines(text)
    entries = {}
    for key, value in _flat(table):
        line = lines.get(("tool", "paceline", *key.split(".")), 0)
        entries[key] = Entry(value, Place(str(pyproject), line))
    return Layer("file", entries)


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for section, values in table.items():
        if section in _TABLES:
            continue
        if isinstance(values, dict):
            for name, value in values.items():
                yield f"{section}.{name}", value
        else:
            yield section, values
