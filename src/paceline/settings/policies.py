"""Load policies from ``[tool.paceline.policies]``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from paceline.errors import Place, SettingsError
from paceline.guard.policy import parse_policies
from paceline.options import Entry
from paceline.settings.optin import has_table
from paceline.settings.toml_lines import key_lines

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.guard.policy import Policy
    from paceline.settings import toml_lines

__all__ = ["load_policies"]

_TABLE = ("tool", "paceline", "policies")


def load_policies(root: Path) -> tuple[Policy, ...]:
    """Load every policy of the project at ``root``, in its order; places name the file and line.

    Raises:
        SettingsError: the file is no TOML; or everything that is wrong in the table.
    """
    pyproject = root / "pyproject.toml"
    if not has_table(pyproject):
        return ()
    try:
        text = pyproject.read_text(encoding="utf-8")
        found: object = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not a TOML file: {error}", place=Place(pyproject.name)) from error
    lines = key_lines(text)
    for key in _TABLE:
        found = found.get(key, {}) if isinstance(found, Mapping) else {}
    entry = _placed(found, _TABLE, file=pyproject.name, lines=lines)
    if not isinstance(entry.value, Mapping):
        raise SettingsError(
            "policies is no table",
            place=entry.place,
            remedy='write one line for each group, as in nightly = "monitor"',
        )
    return parse_policies(entry.value)


def _placed(
    value: object, path: toml_lines.Path, *, file: str, lines: Mapping[toml_lines.Path, int]
) -> Entry:
    """Give every key of a table its place."""
    place = Place(file, lines.get(path, 0))
    if isinstance(value, Mapping):
        inner = {
            key: _placed(one, (*path, key), file=file, lines=lines) for key, one in value.items()
        }
        return Entry(inner, place)
    return Entry(value, place)
