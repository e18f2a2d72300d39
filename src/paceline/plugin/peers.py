"""Peers: other plugins that own a ``benchmark`` fixture; where one is installed, ours stands back.

The installed distribution is looked for, not the loaded plugin: the order in which pytest loads
plugins is not known when flags are registered, and two plugins with one flag stop pytest.
"""

from __future__ import annotations

import importlib.metadata
import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["standing_peer"]

_PEERS = (("pytest-benchmark", "benchmark"), ("pytest-codspeed", "codspeed"))


def standing_peer(pluginmanager: pytest.PytestPluginManager) -> str:
    """Name the installed plugin whose ``benchmark`` fixture stands, "" when ours does.

    The first peer that is installed decides: codspeed leaves the name to pytest-benchmark too.
    """
    for distribution, plugin in _PEERS:
        if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
            found = pluginmanager.get_plugin(plugin)
            if found is not None and not hasattr(found, "PACELINE_STYLE"):  # ours by its name
                return distribution
        elif _installed(distribution):
            return "" if pluginmanager.is_blocked(plugin) else distribution
    return ""


@cache
def _installed(distribution: str) -> bool:
    try:
        importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
