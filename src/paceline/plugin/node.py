"""Node: a forked worker as plugins that know pytest-xdist expect it on reports and in hooks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

__all__ = ["Node", "gatherers_of", "identity", "listeners_of", "worker_input"]


def identity(number: int) -> str:
    """Name a worker as pytest-xdist does."""
    return f"gw{number}"


def worker_input(number: int, *, workers: int, run: str) -> dict[str, Any]:
    """Give what pytest-xdist puts into ``config.workerinput``."""
    return {
        "workerid": identity(number),
        "workercount": workers,
        "testrunuid": run,
        "mainargv": list(sys.argv),
    }


class _Gateway:
    """The part of an execnet gateway that plugins read."""

    def __init__(self, name: str) -> None:
        self.id = name


class Node:
    """What ``report.node`` and the hooks about nodes give."""

    def __init__(self, config: pytest.Config, number: int, given: dict[str, Any]) -> None:
        self.config = config
        self.gateway = _Gateway(identity(number))
        self.workerinput = given
        self.workeroutput: dict[str, Any]  # not there before the worker has ended in order
        self.workerinfo = {
            "id": identity(number),
            "sysplatform": sys.platform,
            "version": sys.version,
            "version_info": tuple(sys.version_info),
            "executable": sys.executable,
            "cwd": str(config.invocation_params.dir),
        }

    def __repr__(self) -> str:
        return f"<Node {self.gateway.id}>"


def listeners_of(config: pytest.Config, name: str) -> list[object]:
    """Give the plugins that have a hook."""
    caller = getattr(config.hook, name, None)
    return [one.plugin for one in caller.get_hookimpls()] if caller is not None else []


def gatherers_of(config: pytest.Config) -> list[object]:
    """Give the plugins that hear of a worker's end, and have their say where its session ends."""
    sayers = [id(one) for one in listeners_of(config, "pytest_sessionfinish")]
    return [one for one in listeners_of(config, "pytest_testnodedown") if id(one) in sayers]
