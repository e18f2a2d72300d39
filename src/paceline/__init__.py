"""Paceline: performance engineering for pytest.

The public names load where they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from paceline.engine.benchmark import Result, measure, timed

__all__ = ["Result", "__version__", "measure", "timed"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in __all__:
        from paceline.engine import benchmark  # noqa: PLC0415  (loads where it is used)

        return getattr(benchmark, name)
    raise AttributeError(f"module 'paceline' has no attribute {name!r}")
