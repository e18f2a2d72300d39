"""Category: what kind of test a test is, by its markers, else by the folder it lies in."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CATEGORIES", "SLOW_FROM", "category_of", "place_in_order", "rank", "speed_class"]

SLOW: Final = "slow"
_RANKS: Final = {
    "smoke": 0,
    "unit": 1,
    "": 2,
    "integration": 3,
    "regression": 3,
    "e2e": 4,
    "performance": 5,
    "benchmark": 5,
    "load": 5,
    "stress": 5,
    "memory": 5,
    "profile": 5,
    SLOW: 6,
}
CATEGORIES: Final = tuple(name for name in _RANKS if name)
"""Every category, in the order in which they run."""

# Folders called load, memory or profile are mostly about a subject of the project, not a category.
_FOLDERS: Final = {
    **{name: name for name in ("smoke", "unit", "integration", "regression", "e2e", "performance")},
    **{name: name for name in ("benchmark", "stress", SLOW)},
    "benchmarks": "benchmark",
    "end_to_end": "e2e",
    "end-to-end": "e2e",
}
_ROOTS: Final = frozenset({"test", "tests"})
_SUFFIXES: Final = ("_tests", "_test", "-tests", "-test")

MEDIUM_FROM: Final = 1.0
SLOW_FROM: Final = 10.0
"""The seconds beyond which a test is slow."""


def category_of(markers: Sequence[str], node_id: str) -> str:
    """Name a test's category, "" where it has none.

    The first of the markers, nearest first, that names a category; ``slow`` says how fast a test
    is rather than what kind it is, so it only counts where no other does. Without one, the folder
    of the node id that is named like a category, below ``tests`` before above it, outermost first.
    """
    kinds = [name for name in markers if name and name in _RANKS]
    kind = next((name for name in kinds if name != SLOW), "")
    return kind or (SLOW if kinds else _folder_category(node_id))


def rank(category: str) -> int:
    """Give a category's place in the order smoke, unit, integration, performance, slow.

    Tests without a category stand behind unit tests, since most of them are some.
    """
    return _RANKS.get(category, _RANKS[""])


def place_in_order(markers: Sequence[str], node_id: str) -> int:
    """Rank a test by its category, and last whatever is marked slow."""
    return rank(SLOW) if SLOW in markers else rank(category_of(markers, node_id))


def speed_class(seconds: float) -> Literal["fast", "medium", "slow"]:
    """Say how fast a test is: below 1 s, up to 10 s, or slower."""
    if seconds < MEDIUM_FROM:
        return "fast"
    return "medium" if seconds <= SLOW_FROM else "slow"


def _folder_category(node_id: str) -> str:
    folders = [name.lower() for name in node_id.partition("::")[0].split("/")[:-1]]
    roots = [number for number, name in enumerate(folders) if name in _ROOTS]
    below = roots[-1] + 1 if roots else 0
    names = chain(folders[below:], folders[:below])
    return next((found for name in names if (found := _FOLDERS.get(_bare(name), ""))), "")


def _bare(folder: str) -> str:
    """Drop what only says that a folder holds tests: ``unit_tests`` is ``unit``."""
    return next((folder.removesuffix(end) for end in _SUFFIXES if folder.endswith(end)), folder)
