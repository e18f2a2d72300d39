"""Activation: which of the plugin's parts run in this process, and since when."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import pytest

from paceline.plugin.flags import FLAGS, INI
from paceline.settings.optin import has_table

if TYPE_CHECKING:
    from paceline.plugin.session import Session

__all__ = ["Role", "activate_if_asked", "opted_in", "role_of", "session_of", "wake"]

_SESSION = pytest.StashKey["Session"]()


class Role(enum.Enum):
    """What this process is to the run."""

    SINGLE = "single"
    WORKER = "worker"
    CONTROLLER = "controller"


def activate_if_asked(config: pytest.Config) -> None:
    """Start the session's part where flags or the table ask for it, or workers may report."""
    asked = opted_in(config) or any(_given(config, dest) for _, dest, *_ in FLAGS)
    asked = asked or any(config.getini(key) for key, _ in INI)
    if asked or role_of(config) is Role.CONTROLLER:
        wake(config)


def wake(config: pytest.Config) -> None:
    """Start the session's part if it does not run yet."""
    if _SESSION not in config.stash:
        from paceline.plugin.session import start  # noqa: PLC0415  (only where it is used)

        config.stash[_SESSION] = start(config, role=role_of(config), opted_in=opted_in(config))


def session_of(config: pytest.Config) -> Session:
    """Give the session's part of a process that is awake."""
    return config.stash[_SESSION]


def opted_in(config: pytest.Config) -> bool:
    """Tell whether runs are recorded and judged: by ``--paceline`` or a ``[tool.paceline]``."""
    return bool(config.getoption("paceline")) or has_table(config.rootpath / "pyproject.toml")


def role_of(config: pytest.Config) -> Role:
    """Tell a worker, a controller of workers and a plain process apart."""
    if hasattr(config, "workerinput"):
        return Role.WORKER
    distributed = config.getoption("dist", "no") != "no" or config.getoption("tx", None)
    return Role.CONTROLLER if distributed else Role.SINGLE


def _given(config: pytest.Config, dest: str) -> bool:
    return getattr(config.option, dest, None) not in {None, ()}
