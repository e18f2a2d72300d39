"""Role: what this process is to the run, and whether the run is recorded and judged."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from paceline.settings.optin import has_table

if TYPE_CHECKING:
    import pytest

__all__ = ["Role", "opted_in", "role_of"]


class Role(enum.Enum):
    """What this process is to the run."""

    SINGLE = "single"
    WORKER = "worker"
    CONTROLLER = "controller"


def opted_in(config: pytest.Config) -> bool:
    """Tell whether runs are recorded and judged: by ``--paceline`` or a ``[tool.paceline]``."""
    return bool(config.getoption("paceline")) or has_table(config.rootpath / "pyproject.toml")


def role_of(config: pytest.Config) -> Role:
    """Tell a worker, a controller of workers and a plain process apart."""
    if hasattr(config, "workerinput"):
        return Role.WORKER
    distributed = config.getoption("dist", "no") != "no" or config.getoption("tx", None)
    return Role.CONTROLLER if distributed else Role.SINGLE
