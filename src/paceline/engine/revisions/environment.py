"""Environment: an interpreter that finds one side's modules first, then all that is installed.

It is a small virtual environment in the cache. Its one ``.pth`` file names the side's source
folders and then the current environment's site folders as plain folders: their own ``.pth`` files
don't act there, and with them no editable installation of the project.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import paceline
from paceline.engine.revisions.cache import digest_of
from paceline.engine.revisions.installing import install
from paceline.engine.revisions.layout import distribution_name, layout_of, same_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from paceline.engine.revisions.cache import Cache
    from paceline.engine.revisions.layout import Layout
    from paceline.engine.revisions.surroundings import Line, Surroundings
    from paceline.engine.revisions.trees import Tree

__all__ = ["Environment", "Wanted", "environment_of", "variables"]

_LINES = "paceline.pth"
_OWN = "paceline"
_HARNESS = frozenset({_OWN, "pytest", "pluggy", "iniconfig"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes into an environment of one's own, in this order.

    ``first`` are an installer's arguments for what must not be taken from the current environment,
    and ``whole`` adds what it requires, with its ``extras`` ("[a,b]"), where that is missing.
    What the current environment may satisfy comes from ``listed``, the text of a requirements file,
    from ``files``, others that stand in the tree, and from the requirements ``rest``. ``key``
    identifies the content of files among ``first``.
    """

    first: tuple[str, ...] = ()
    whole: bool = False
    extras: str = ""
    listed: str = ""
    files: tuple[Path, ...] = ()
    rest: tuple[str, ...] = ()
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.first or self.listed or self.files or self.rest)


@dataclass(frozen=True, slots=True)
class Environment:
    """A side's environment: its folder, its interpreter, the folder of its own packages."""

    folder: Path
    python: Path
    site: Path
    lines: tuple[str, ...]

    def installed(self) -> dict[str, str]:
        """Give its own distributions: name → version."""
        found = importlib.metadata.distributions(path=[str(self.site)])
        return {distribution_name(one): one.version for one in found}

    def modules_of(self, name: str) -> tuple[str, ...]:
        """List the top-level names that one of its own distributions makes importable."""
        tops = {
            file.parts[0].partition(".")[0]
            for one in importlib.metadata.distributions(path=[str(self.site)])
            if distribution_name(one) == same_name(name)
            for file in one.files or ()
            if file.suffix in {".py", ".so", ".pyd"}
        }
        return tuple(sorted(top for top in tops if top.isidentifier()))


def environment_of(  # noqa: PLR0913  (keyword-only, each is one thing that goes in)
    tree: Tree,
    layout: Layout,
    *,
    here: Surroundings,
    wanted: Wanted,
    use_sources: bool,
    cache: Cache,
    environ: Mapping[str, str],
    whose: str,
) -> Environment:
    """Make a side's environment, if it is not in the cache yet.

    Raises:
        MeasureError: something that goes into it can't be had.
    """
    lines = tuple(dict.fromkeys(_lines(tree, layout, here, use_sources=use_sources)))
    parts = [sys.version, os.path.realpath(sys.executable), str(here.python), *lines]
    if wanted:
        parts += [wanted.key, *wanted.first, str(wanted.whole), wanted.extras, *wanted.rest]
        parts += [wanted.listed, *map(str, wanted.files), *_packages(here)]
    key = digest_of(*parts)

    def make(folder: Path) -> None:
        made = _at(folder, lines)
        venv.EnvBuilder(symlinks=True, with_pip=False).create(made.folder)
        write = _writer(made)
        _install(made, wanted, write, folder=tree.root, environ=environ, whose=whose)
        for name in _harness(made, here) - {layout.name}:
            _uninstall(made, name)
        if use_sources and layout.name:
            _uninstall(made, layout.name)

    return _at(cache.entry("environments", key, make), lines)


def variables(
    environment: Environment, tree: Tree, *, environ: Mapping[str, str]
) -> dict[str, str]:
    """Give what a worker's environment variables must say besides the user's own.

    Folders of the user's tree in ``PYTHONPATH`` become those of the side.
    """
    paths = []
    for entry in environ.get("PYTHONPATH", "").split(os.pathsep):
        if entry:
            path = Path(os.path.realpath(entry))
            paths.append(str(_moved(path, tree) or ""))
    scripts = environment.python.parent
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONNOUSERSITE": "1",
        "VIRTUAL_ENV": str(environment.folder),
        "PATH": os.pathsep.join((str(scripts), str(Path(sys.executable).parent),
                                 environ.get("PATH", ""))),
    }  # fmt: skip


def _at(entry: Path, lines: tuple[str, ...]) -> Environment:
    folder = entry / "environment"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = folder / "lib" / version / "site-packages"
    return Environment(folder, folder / "bin" / "python", site, lines)


def _writer(made: Environment) -> Callable[[], None]:
    def write() -> None:
        text = "".join(f"{line}\n" for line in made.lines)
        (made.site / _LINES).write_text(text, encoding="utf-8", errors="surrogateescape")

    return write


def _install(  # noqa: PLR0913  (keyword-only, each is one thing that an installer needs)
    made: Environment,
    wanted: Wanted,
    write: Callable[[], None],
    *,
    folder: Path,
    environ: Mapping[str, str],
    whose: str,
) -> None:
    """Install first what must be the side's own, then what the current environment lacks."""
    if wanted.first:
        install(made.python, ["--no-deps", *wanted.first], environ=environ, whose=whose)
    write()
    steps = []
    if wanted.listed:
        file = made.folder.parent / "requirements.txt"
        file.write_text(wanted.listed, encoding="utf-8")
        steps.append(["-r", str(file)])
    steps += (["-r", str(file)] for file in wanted.files)
    own = made.installed() if wanted.whole else {}
    steps.append([*wanted.rest, *(f"{name}{wanted.extras}=={own[name]}" for name in own)])
    for step in filter(None, steps):
        install(made.python, step, environ=environ, whose=whose, folder=folder)


def _uninstall(made: Environment, name: str) -> None:
    """Take a distribution out again."""
    for one in list(importlib.metadata.distributions(path=[str(made.site)])):
        if distribution_name(one) != name:
            continue
        for file in one.files or ():
            path = Path(str(one.locate_file(file)))
            if path.is_relative_to(made.site):
                path.unlink(missing_ok=True)
            if file.parts[0].endswith(".dist-info"):
                shutil.rmtree(made.site / file.parts[0], ignore_errors=True)
        shutil.rmtree(made.site / name, ignore_errors=True)


def _harness(made: Environment, here: Surroundings) -> set[str]:
    """Name the distributions that measure, not what is measured: both sides share the current ones.

    A requirements file may pin another pytest, and plugins; sides would then differ in more than
    their code.
    """
    current = {
        distribution_name(one)
        for site in here.sites
        for one in importlib.metadata.distributions(path=[str(site)])
    }
    plugins = {
        distribution_name(one)
        for one in importlib.metadata.distributions(path=[str(made.site)])
        if one.entry_points.select(group="pytest11")
    }
    return {*_HARNESS, *(plugins & current)}


def _packages(here: Surroundings) -> Iterator[str]:
    """Name what is installed here: what was satisfied then may not be now."""
    for site in here.sites:
        yield from sorted(path.name for path in site.glob("*.dist-info"))


def _lines(tree: Tree, layout: Layout, here: Surroundings, *, use_sources: bool) -> Iterator[str]:
    """Give the lines of the ``.pth`` file, the side's own folders first."""
    if use_sources:
        yield from (str((tree.root / source).resolve()) for source in layout.sources)
    for editable in here.editables:
        if editable.folder.is_relative_to(tree.origin) and editable.name != layout.name:
            beside = tree.top / editable.folder.relative_to(tree.origin)
            yield from (str(beside / source) for source in layout_of(beside).sources)
    yield from map(str, here.sites)
    for line in here.lines:
        is_own = bool(layout.name) and line.owner == layout.name
        if not line.runs and not is_own and (path := _moved(Path(line.text), tree)):
            yield str(path)
    if _OWN not in layout.modules:
        own = Path(paceline.__file__).parent.parent
        if own not in here.sites:
            yield str(own)
    yield from (
        line.text for line in here.lines if line.runs and _may_run(line, tree, layout, here)
    )


def _moved(path: Path, tree: Tree) -> Path | None:
    """Give the side's counterpart of a folder of the user's tree, None when it has none.

    An environment that stands in the user's tree stays where it is.
    """
    if not path.is_relative_to(tree.origin) or path.is_relative_to(sys.prefix):
        return path
    there = tree.top / path.relative_to(tree.origin)
    return there if there.exists() else None


def _may_run(line: Line, tree: Tree, layout: Layout, here: Surroundings) -> bool:
    """Tell whether an import at start-up stays: not if it finds the project in the user's tree."""
    if layout.name and line.owner == layout.name:
        return False
    inside = (one.name for one in here.editables if one.folder.is_relative_to(tree.origin))
    if line.owner and line.owner in inside:
        return False
    module = line.text.removeprefix("import").strip().partition(";")[0].partition(",")[0].strip()
    files = (site / f"{module}.py" for site in here.sites)
    return not any(
        str(tree.origin) in file.read_text(encoding="utf-8", errors="replace")
        for file in files
        if file.is_file()
    )
