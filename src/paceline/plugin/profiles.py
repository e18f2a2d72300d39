"""Profiles: put a profile's arguments before the user's, before pytest reads them for good."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from paceline.engine.options import CLASSES
from paceline.errors import Place, SettingsError
from paceline.options import Entry, declarations
from paceline.plugin.pytest_internals import parse_again
from paceline.plugin.role import project_of
from paceline.settings.files import file_layer
from paceline.settings.profiles import load_profile, profile_layer
from paceline.settings.resolve import Layer, environment_layer, resolve
from paceline.suite.profile import ProfileOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paceline.suite.profile import Arguments, Profile

__all__ = ["apply_profile", "layer_of", "show_profile"]

_PROFILE = pytest.StashKey["Profile | None"]()
_LEFT_OUT = pytest.StashKey["tuple[Arguments, ...]"]()


def apply_profile(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Insert the chosen profile's arguments behind ``addopts`` and before the user's own.

    To be called first in ``pytest_load_initial_conftests``: pytest parses its ``args`` after it.

    Raises:
        UsageError: no such profile, or a wrong one.
    """
    given = parser.parse_known_args(args)
    try:
        chosen = _options(early_config, vars(given))
        profile = _load(early_config, chosen.name)
    except SettingsError as error:
        raise pytest.UsageError(str(error)) from error
    early_config.stash[_PROFILE] = profile
    if profile is None:
        return
    left_out = tuple(one for one in profile.arguments if not _applies(one, parser))
    early_config.stash[_LEFT_OUT] = left_out
    words = [word for one in profile.arguments if one not in left_out for word in one.words]
    at = _start_of_own(args, early_config.invocation_params.args)
    args[at:at] = words
    parse_again(early_config, parser, args)


def layer_of(config: pytest.Config) -> Layer:
    """Give the settings of the chosen profile; they stand between the files and the environment.

    Raises:
        SettingsError: no such profile, or a wrong one.
    """
    if _PROFILE not in config.stash:  # a process that was given its options without arguments
        config.stash[_PROFILE] = _load(config, _options(config, vars(config.option)).name)
    profile = config.stash[_PROFILE]
    return Layer("profile", {}) if profile is None else profile_layer(profile)


def show_profile(config: pytest.Config) -> Iterator[str]:
    """Say line by line what the chosen profile sets and from where."""
    profile = config.stash.get(_PROFILE, None)
    if profile is None:
        yield "no profile is chosen: name one by --paceline-profile=NAME"
        return
    yield f"profile {profile.name}"
    for one in profile.arguments:
        missing = one in config.stash[_LEFT_OUT]
        left_out = "; left out: nothing installed here knows it" if missing else ""
        yield f"  {' '.join(one.words)}  ({one.place}{left_out})"
    for key, entry in profile.settings:
        yield f"  {key} = {entry.value!r}  ({entry.place})"
    yield "  what stands on the command line wins over all of it"


def _options(config: pytest.Config, given: dict[str, object]) -> ProfileOptions:
    """Resolve which profile is meant; the command line is not in the configuration yet."""
    layers = (
        file_layer(project_of(config) / "pyproject.toml"),
        Layer("pytest ini", dict(_ini_entries(config))),
        environment_layer((ProfileOptions,), os.environ),
        Layer("command line", dict(_given_entries(given))),
    )
    return resolve(ProfileOptions, layers)


def _ini_entries(config: pytest.Config) -> Iterator[tuple[str, Entry]]:
    place = Place(str(config.inipath or config.rootpath))
    for one in declarations(ProfileOptions):
        raw = config.getini(one.ini)
        if raw:
            yield one.key, Entry(raw, place)


def _given_entries(given: dict[str, object]) -> Iterator[tuple[str, Entry]]:
    for one in declarations(ProfileOptions):
        raw = given.get(one.ini)
        if raw is not None:
            yield one.key, Entry(raw, Place(f"command line {one.flag or one.key}"))


def _load(config: pytest.Config, name: str) -> Profile | None:
    return load_profile(project_of(config), name, classes=CLASSES) if name else None


def _applies(one: Arguments, parser: pytest.Parser) -> bool:
    """Tell whether this pytest, with the plugins that it has, knows optional arguments."""
    if not one.optional:
        return True
    _, unknown = parser.parse_known_and_unknown_args(list(one.words))
    return not unknown


def _start_of_own(args: Sequence[str], own: Sequence[object]) -> int:
    """Find where the user's own arguments begin: pytest puts all others before them."""
    texts = [str(word) for word in own]
    start = len(args) - len(texts)
    return start if list(args[start:]) == texts else 0
