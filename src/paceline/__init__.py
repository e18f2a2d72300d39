"""Paceline: performance engineering for pytest.

The public names load where they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
import typing

if typing.TYPE_CHECKING:
    from paceline.engine.benchmark import Result, measure
    from paceline.engine.forked.shared import shared
    from paceline.engine.timed import timed

__all__ = ["Result", "__version__", "measure", "shared", "timed"]

__version__ = "0.1.0"

_HOMES = {
    "Result": "paceline.engine.result",
    "measure": "paceline.engine.benchmark",
    "shared": "paceline.engine.forked.shared",
    "timed": "paceline.engine.timed",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'paceline' has no attribute {name!r}")
