"""Settings: the layers of this run, from pytest's own configuration and ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import pytest

from paceline.engine.options import CLASSES
from paceline.errors import Place
from paceline.options import Entry, declarations
from paceline.plugin.profiles import layer_of
from paceline.plugin.role import project_of
from paceline.settings.files import file_layer
from paceline.settings.resolve import Layer, check_keys, environment_layer, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "settings_of"]

T = TypeVar("T")
_SETTINGS = pytest.StashKey["Settings"]()


class Settings:
    """The resolved options of one run, an option class at a time."""

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self._layers = layers

    def get(self, options: type[T], marker: Mapping[str, Entry] | None = None) -> T:
        """Resolve an option class, a test's marker laid on top.

        Raises:
            SettingsError: a value does not fit.
        """
        layers = (*self._layers, Layer("marker", marker)) if marker else self._layers
        return resolve(options, layers)

    def changed(self) -> tuple[tuple[str, str], ...]:
        """List what was set anywhere, as text, for the record of the run."""
        entries = {
            key: str(entry.value) for layer in self._layers for key, entry in layer.entries.items()
        }
        return tuple(sorted(entries.items()))


def settings_of(config: pytest.Config) -> Settings:
    """Read the settings once for this process.

    Raises:
        SettingsError: an unknown key or unusable value in the ``[tool.paceline]`` table.
    """
    if _SETTINGS not in config.stash:
        config.stash[_SETTINGS] = Settings(_layers(config))
    return config.stash[_SETTINGS]


def _layers(config: pytest.Config) -> tuple[Layer, ...]:
    table = file_layer(project_of(config) / "pyproject.toml")
    check_keys(table, CLASSES)
    return (
        _plugin_layer(config),
        table,
        _ini_layer(config),
        layer_of(config),
        environment_layer(CLASSES, os.environ),
        _command_line_layer(config),
    )


def _plugin_layer(config: pytest.Config) -> Layer:
    """Let the plugin that stands in for pytest-benchmark by name ask for that style."""
    for name in ("benchmark", "pytest_benchmark.plugin"):
        style = getattr(config.pluginmanager.get_plugin(name), "PACELINE_STYLE", "")
        if style:
            return Layer("plugin", {"table.style": Entry(style, Place(f"plugin {name}"))})
    return Layer("plugin", {})


def _ini_layer(config: pytest.Config) -> Layer:
    place = Place(str(config.inipath or config.rootpath))
    entries = {}
    for options in CLASSES:
        for one in declarations(options):
            raw = config.getini(one.ini)
            if raw not in {None, ""}:
                entries[one.key] = Entry(raw, place)
    return Layer("pytest ini", entries)


def _command_line_layer(config: pytest.Config) -> Layer:
    entries = {}
    for options in CLASSES:
        for one in declarations(options):
            raw = getattr(config.option, one.ini, None)
            if raw is not None:
                entries[one.key] = Entry(raw, Place(f"command line {one.flag or one.key}"))
    return Layer("command line", entries)
