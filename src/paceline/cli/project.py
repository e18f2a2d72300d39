"""The project a command is about; arguments named by an option's key are its strongest settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from paceline.engine.project import Project, open_project
from paceline.errors import Place
from paceline.options import Entry

if TYPE_CHECKING:
    import argparse

    from paceline.cli.console import Console

__all__ = ["project_of"]


def project_of(arguments: argparse.Namespace, console: Console) -> Project:
    """Open the project named by ``--project`` or around the current folder.

    Raises:
        UsageError: no such folder.
        SettingsError: settings that can't be used.
    """
    place = Place("command line")
    given = {
        key: Entry(value, place)
        for key, value in vars(arguments).items()
        if "." in key and value is not None
    }
    return open_project(Path(arguments.project), console.environment, given=given)
