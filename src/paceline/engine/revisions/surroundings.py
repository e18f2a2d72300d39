"""Surroundings: the environment that Paceline runs in, which both sides get to see."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from paceline.engine.revisions.commands import run
from paceline.engine.revisions.layout import distribution_name, same_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Editable", "Line", "Surroundings", "observe_surroundings"]

_ASK = """
import json, site, sys
own = site.getsitepackages() + ([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])
print(json.dumps([path for path in dict.fromkeys([*sys.path, *own]) if path in own]))
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a ``.pth`` file: a folder for the path, or an import that runs at every start.

    ``owner`` is the distribution that brought it, "" if unknown.
    """

    text: str
    owner: str
    runs: bool


@dataclass(frozen=True, slots=True)
class Editable:
    """A distribution that is installed from the folder it is worked on in."""

    name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Surroundings:
    """An environment: its site folders in order of the path, their lines, what is editable."""

    python: Path
    sites: tuple[Path, ...]
    lines: tuple[Line, ...]
    editables: tuple[Editable, ...]


def observe_surroundings(environ: Mapping[str, str]) -> Surroundings:
    """Read the running interpreter's environment; nothing in it is executed.

    Raises:
        CommandError: the interpreter does not start.
    """
    ours = {name: value for name, value in environ.items() if name != "PYTHONPATH"}
    asked = run([sys.executable, "-P", "-c", _ASK], environ=ours, what="the interpreter")
    sites = tuple(Path(path) for path in json.loads(asked.splitlines()[-1]) if os.path.isdir(path))  # noqa: PTH112
    lines: list[Line] = []
    editables = []
    for site in sites:
        owners = {}
        for distribution in importlib.metadata.distributions(path=[str(site)]):
            name = distribution_name(distribution)
            if folder := _editable_folder(distribution):
                editables.append(Editable(name, folder))
            for file in distribution.files or ():
                if file.suffix == ".pth":
                    owners[file.name] = name
        for path in sorted(site.glob("*.pth")):
            if not path.name.startswith("."):
                lines += _lines(path, owners.get(path.name, ""))
    return Surroundings(Path(sys.executable), sites, tuple(lines), tuple(editables))


def _editable_folder(distribution: importlib.metadata.Distribution) -> Path | None:
    """Give the folder of an editable installation, from what the installer noted down."""
    noted = json.loads(distribution.read_text("direct_url.json") or "{}")
    url = urlsplit(noted.get("url", ""))
    if url.scheme != "file" or not noted.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(url.path))


def _lines(file: Path, owner: str) -> Iterator[Line]:
    """Read a ``.pth`` file as Python's site module does."""
    for written in file.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        line = written.rstrip()
        if line.startswith(("import ", "import\t")):
            yield Line(line, owner or _guess_owner(line, file), runs=True)
        elif line.strip() and not line.startswith("#"):
            yield Line(os.path.abspath(file.parent / line), owner, runs=False)  # noqa: PTH100


def _guess_owner(line: str, file: Path) -> str:
    """Read the owner from the name of an editable finder: ``__editable___NAME_1_0_finder``."""
    found = re.match(r"import\s+(?:__editable___|_)(\w+?)(?:_\d\w*_finder|_editable_loader)", line)
    return same_name(found[1]) if found else same_name(file.stem.removesuffix("-editable"))
