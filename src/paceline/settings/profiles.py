"""Load profiles from ``[tool.paceline.profiles]``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from paceline.errors import Place, SettingsError
from paceline.options import Entry
from paceline.settings.optin import has_table
from paceline.settings.resolve import Layer, check_keys
from paceline.settings.toml_lines import key_lines
from paceline.suite.profile import find_profile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from paceline.settings import toml_lines
    from paceline.suite.profile import Profile

__all__ = ["load_profile", "profile_layer"]

_TABLE = ("tool", "paceline", "profiles")


def load_profile(root: Path, name: str, *, classes: Iterable[type]) -> Profile:
    """Load one profile as the project at ``root`` sees it; its settings are options of ``classes``.

    Raises:
        SettingsError: no such profile, no TOML, or what is wrong in the tables, with its place.
    """
    profile = find_profile(name, _tables(root / "pyproject.toml"))
    check_keys(profile_layer(profile), classes)
    return profile


def profile_layer(profile: Profile) -> Layer:
    """Give a profile's settings as a layer; it belongs between the files and the environment."""
    return Layer(f"profile {profile.name}", dict(profile.settings))


def _tables(pyproject: Path) -> Mapping[str, Entry]:
    if not has_table(pyproject):
        return {}
    try:
        text = pyproject.read_text(encoding="utf-8")
        found: object = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"not a TOML file: {error}", place=Place(pyproject.name)) from error
    for key in _TABLE:
        found = found.get(key, {}) if isinstance(found, Mapping) else {}
    entry = _placed(found, _TABLE, file=pyproject.name, lines=key_lines(text))
    if not isinstance(entry.value, Mapping):
        raise SettingsError(
            f"profiles is no table but {entry.value!r}",
            place=entry.place,
            remedy="write one table for each profile, as in [tool.paceline.profiles.nightly]",
        )
    return entry.value


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
