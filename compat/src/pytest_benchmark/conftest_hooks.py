"""Hooks of ``./conftest.py`` for the commands, which load no plugin and no other conftest."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

from paceline.report.dropin.grouping import group
from paceline.report.dropin.units import scale_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

__all__ = ["Config", "Hooks"]

_NAME = "conftest"


class Config:
    """As much of pytest's configuration as a hook can ask a command for."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options

    def getoption(self, name: str, default: Any = None) -> Any:
        """Give an option's value, ``default`` for one that the command has not."""
        return self._options.get(name, default)


class Hooks:
    """What ``conftest.py`` in ``folder`` defines, and Paceline's own where it defines nothing."""

    def __init__(self, folder: Path, *, mode: str) -> None:
        self._conftest = _load(folder / f"{_NAME}.py", mode)

    def scale_unit(self, *, config: Config, **asked: Any) -> tuple[str, float]:
        """Choose a table's scale."""
        own = getattr(self._conftest, "pytest_benchmark_scale_unit", None)
        found = own(config=config, **asked) if own else None
        return found or scale_of(**asked, time_unit=config.getoption("benchmark_time_unit"))

    def group_stats(
        self, *, benchmarks: Sequence[dict[str, Any]], group_by: str
    ) -> list[tuple[str | None, list[dict[str, Any]]]]:
        """Put entries into groups."""
        own = getattr(self._conftest, "pytest_benchmark_group_stats", None)
        asked = {"config": None, "benchmarks": list(benchmarks), "group_by": group_by}
        found = own(**asked) if own else None
        return list(found) if found else group(benchmarks, group_by)


def _load(file: Path, mode: str) -> ModuleType | None:
    if not file.is_file():
        return None
    folder = str(file.resolve().parent)
    if mode == "importlib":
        spec = importlib.util.spec_from_file_location(_NAME, file)
        if spec is None or spec.loader is None:
            return None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    sys.path.insert(0 if mode == "prepend" else len(sys.path), folder)
    return importlib.import_module(_NAME)
