"""Role: what this process is to the run, and whether the run is recorded and judged."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from paceline.settings.optin import find_project, has_table

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

__all__ = ["Role", "opted_in", "project_of", "role_of"]


class Role(enum.Enum):
    """What this process is to the run."""

    SINGLE = "single"
    WORKER = "worker"
    CONTROLLER = "controller"


def opted_in(config: pytest.Config) -> bool:
    """Tell whether runs are recorded and judged: by ``--paceline`` or a ``[tool.paceline]``."""
    return bool(config.getoption("paceline")) or has_table(project_of(config) / "pyproject.toml")


def project_of(config: pytest.Config) -> Path:
    """Find the folder that settings, budgets and the store belong to, as the commands find it.

    The nearest project at or above the folder where pytest was called, within pytest's rootdir.
    """
    root, called = config.rootpath, config.invocation_params.dir
    if not called.is_relative_to(root):
        return root
    found = find_project(called)
    return found if found.is_relative_to(root) else root


def role_of(config: pytest.Config) -> Role:
    """Tell a worker, a controller of workers and a plain process apart."""
    if hasattr(config, "workerinput"):
        return Role.WORKER
    distributed = config.getoption("dist", "no") != "no" or config.getoption("tx", None)
    return Role.CONTROLLER if distributed else Role.SINGLE
