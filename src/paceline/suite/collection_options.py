"""What can be set about finding tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["CollectionOptions"]


@dataclass(frozen=True, slots=True)
class CollectionOptions:
    """How tests are found, and whether they are only shown."""

    section: ClassVar[str] = "collection"

    dry_run: bool = option(
        False,
        flags={"--paceline-dry-run": True},
        help="List the tests in the order in which they would run, and run none.",
    )
    cache: bool = option(
        False,
        flags={"--paceline-collect-cache": True},
        help="Don't import test files that hold none of the tests asked for, as last collected.",
    )
    clear: bool = option(
        False,
        flags={"--paceline-cache-clear": True},
        help="Forget what earlier runs collected.",
    )
    prune: bool = option(
        True,
        flags={"--paceline-no-prune": False},
        help="Don't look for tests in environments and caches that pytest would search.",
    )
