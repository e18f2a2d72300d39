"""What can be set about the records of resources."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["Record", "ResourceOptions"]


class Record(enum.Enum):
    """Whether tests leave records of what they took."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ResourceOptions:
    """What every test and fixture set-up leaves, and how much of it the terminal says."""

    section: ClassVar[str] = "resources"

    record: Record = option(
        Record.ON,
        flag="--paceline-resources",
        metavar="KIND",
        help="Whether each test leaves a record of time, memory, threads and files: on or off.",
    )
    audit: bool = option(
        False,
        flags={"--paceline-audit": True},
        help="Count files opened, connections, subprocesses and sleeps of each test as well.",
    )
    show: bool = option(
        False,
        flags={"--paceline-show-resources": True},
        help="Show the resources section even when nothing in it is notable.",
    )
