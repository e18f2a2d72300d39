"""Category markers: the names that everybody uses, registered where nobody else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["MARKERS", "register_markers"]

MARKERS = (
    "unit: tests one piece of code by itself.",
    "smoke: says whether anything works at all; runs first.",
    "integration: tests pieces together, or with a database, files or a service.",
    "regression: keeps a mended fault mended.",
    "e2e: tests the whole from end to end.",
    "performance: tests how fast or how large something is.",
    "benchmark: measures with the benchmark fixture.",
    "load: tests behaviour under the expected load.",
    "stress: tests behaviour beyond the expected load.",
    "memory: tests how much memory something takes.",
    "profile: is run to be profiled.",
    "slow: takes long; runs last, and is skipped by --paceline-skip-slow.",
    "fast: takes less than a second.",
    "memory_intensive(mb): needs much memory; never runs beside another such test.",
    "cpu_intensive(cores): keeps processors busy; few such tests run at a time.",
    "requires_network: is skipped where there is no network.",
    "serial: runs while no other test does.",
    "uses(*names, places=1): needs named resources; a resource has one place unless settings say.",
    "depends_on(*names): runs after the named tests, and can be skipped when one of them fails.",
    "timeout(seconds): fails when it takes longer.",
    "xdist_group(name): runs on the same worker as the others of its group.",
)
_OWNERS = {"timeout": "timeout", "xdist_group": "xdist", "benchmark": "benchmark"}


def register_markers(config: pytest.Config) -> None:
    """Register each marker that neither the project nor the plugin it belongs to registers."""
    known = {_bare(line) for line in config.getini("markers")}
    for line in MARKERS:
        name = _bare(line)
        if name not in known and not config.pluginmanager.has_plugin(_OWNERS.get(name, "")):
            config.addinivalue_line("markers", line)


def _bare(line: str) -> str:
    """Take the name from a marker's line: ``uses(*names): …`` is ``uses``."""
    return line.partition(":")[0].partition("(")[0].strip()
