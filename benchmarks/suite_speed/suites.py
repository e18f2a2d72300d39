"""Which suites there are, and the commands that run them."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from suite_speed.made import MADE, make

__all__ = ["CATEGORIES", "MODES", "Suite", "found", "shop"]

MODES = ("load", "worksteal", "loadscope", "loadfile")
CATEGORIES = ("unit", "integration", "performance")
_SHOP = Path(__file__).parents[2] / "examples" / "shop"
_PYTEST = ("-m", "pytest", "-p", "no:cacheprovider")
_WITHOUT_US = ("-p", "no:paceline")


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite: its folder, the Python that runs it, arguments that always go with it."""

    name: str
    folder: Path
    python: str = sys.executable
    arguments: tuple[str, ...] = ()

    def plain(self, *more: str) -> list[str]:
        """Give the command of plain pytest: neither xdist nor we are loaded."""
        return self._command(*_WITHOUT_US, "-p", "no:xdist", *more)

    def timed(self) -> list[str]:
        """Give the command of plain pytest that also says how long tests took."""
        return self.plain("--durations=60", "--durations-min=0")

    def collection(self) -> list[str]:
        """Give the command that only collects."""
        return self.plain("--collect-only", "-q")

    def xdist(self, mode: str) -> list[str]:
        """Give the command of xdist with two workers."""
        return self._command(*_WITHOUT_US, "-n", "2", "--dist", mode)

    def ours(self, flags: tuple[str, ...]) -> list[str]:
        """Give our command."""
        return self._command(*flags)

    def _command(self, *more: str) -> list[str]:
        return [self.python, *_PYTEST, *more, *self.arguments]


def found(names: list[str], *, public: Path, above: Path) -> list[Suite]:
    """Make or find the suites of these names, in this order; all there are where none is named.

    Raises:
        KeyError: there is no suite of that name.
    """
    fetched = {one.name: one for one in _public(public / "suites.json")}
    suites = []
    for name in names or [*MADE, "shop", *fetched]:
        if name in MADE:
            suites.append(Suite(name, make(MADE[name](), above / name)))
        elif name == "shop":
            suites.append(shop(above))
        else:
            suites.append(fetched[name])
    return suites


def shop(above: Path) -> Suite:
    """Copy the worked suite, so that nothing is written into the checkout."""
    copy = above / "shop"
    if not copy.exists():
        left_out = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(_SHOP, copy, ignore=left_out)
    return Suite("shop", copy)


def _public(file: Path) -> list[Suite]:
    if not file.exists():
        return []
    return [
        Suite(one["name"], Path(one["folder"]), one["python"], tuple(one["arguments"]))
        for one in json.loads(file.read_text(encoding="utf-8"))
    ]
