"""Project: where a project's settings, budgets and store are, for who is not pytest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from paceline.engine.options import CLASSES
from paceline.engine.recorder import open_store
from paceline.errors import UsageError
from paceline.guard.options import GuardOptions
from paceline.settings.budgets import load_budgets
from paceline.settings.files import file_layer
from paceline.settings.optin import find_project
from paceline.settings.resolve import Layer, check_keys, environment_layer, resolve
from paceline.store.options import StoreOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from paceline.model import Budget
    from paceline.options import Entry
    from paceline.store.sqlite import Store

__all__ = ["Project", "open_project"]

T = TypeVar("T")
_PYPROJECT = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder and the layers of its settings, the strongest last."""

    root: Path
    layers: tuple[Layer, ...]

    def options(self, kind: type[T]) -> T:
        """Resolve an option class.

        Raises:
            SettingsError: a value does not fit its option.
        """
        return resolve(kind, self.layers)

    def budgets(self) -> tuple[Budget, ...]:
        """Load the budgets of the table and of the budget file; markers hold others.

        Raises:
            SettingsError: everything that is wrong in either.
        """
        named = self.options(GuardOptions).budgets
        file = self.root / named if named else None
        return load_budgets(self.root, pyproject=self.root / _PYPROJECT, file=file)

    def store(self) -> Store:
        """Name the project's store; nothing is opened or made yet."""
        return open_store(self.root, self.options(StoreOptions))


def open_project(
    start: Path, environment: Mapping[str, str], *, given: Mapping[str, Entry] | None = None
) -> Project:
    """Find the project around a folder and read its settings: file < environment < ``given``.

    What pytest's own configuration sets (``paceline_…`` keys) is known to pytest alone.

    Raises:
        UsageError: ``start`` is no folder.
        SettingsError: the ``[tool.paceline]`` table holds what is no option.
    """
    if not start.is_dir():
        raise UsageError(f"the project {str(start)!r} is no folder", remedy="name a folder")
    root = find_project(start.resolve())
    table = file_layer(root / _PYPROJECT)
    check_keys(table, CLASSES)
    layers = (table, environment_layer(CLASSES, environment), Layer("command line", given or {}))
    return Project(root, layers)
