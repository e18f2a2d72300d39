"""Sources of a collection: files and folders that decided which tests there are, as digests."""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from paceline.probes.audit import install

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Witness",
    "digest_of",
    "environment_digest",
    "imported_names",
    "project_files",
    "surroundings",
    "witness",
]

_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_CHAIN: Final = ("__init__.py", "conftest.py")
_UNSEEN: Final = frozenset({"subprocess.Popen", "os.system", "socket.connect", "os.fork"})
_LISTING: Final = frozenset({"os.listdir", "os.scandir"})
_NO_MATTER: Final = frozenset(
    {"keyword", "markexpr", "file_or_dir", "verbose", "maxfail", "lf", "failedfirst", "newfirst"}
    | {"last_failed_no_failures", "stepwise", "stepwise_skip", "usepdb", "trace", "capture"}
    | {"durations", "durations_min", "tbstyle", "reportchars", "showlocals", "color", "xmlpath"}
    | {"show_capture", "cacheclear", "cacheshow", "no_header", "no_summary", "collectonly"}
    | {
        "pythonwarnings",
        "fold_skipped",
        "basetemp",
        "code_highlight",
        "continue_on_collection_errors",
    }
)
"""Options that change what runs or what is said, never what is found."""


def digest_of(path: Path) -> str:
    """Digest a file's content, or a folder's names; "" where there is none."""
    try:
        if path.is_dir():
            found = (one.name for one in path.iterdir())
            names = sorted(name for name in found if not name.startswith((".", "__pyc")))
            content = "\n".join(names).encode("utf-8", "surrogateescape")
        else:
            content = path.read_bytes()
    except OSError:
        return ""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def environment_digest(config: pytest.Config) -> str:
    """Digest what every test file's collection depends on: interpreter, plugins, settings."""
    plugins = sorted(
        f"{one.project_name} {one.version}"
        for _, one in config.pluginmanager.list_plugin_distinfo()
    )
    options = {
        name: value if isinstance(value, str | int | float | list | tuple) else str(type(value))
        for name, value in sorted(vars(config.option).items())
        if name not in _NO_MATTER and not name.startswith("paceline")
    }
    settings = digest_of(config.inipath) if config.inipath else ""
    installed = [_changed(Path(sysconfig.get_path(one))) for one in ("purelib", "platlib")]
    facts = (sys.version, pytest.__version__, plugins, options, settings, installed)
    return hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()


def _changed(folder: Path) -> int:
    """Tell when something was last installed or removed, in ns; 0 where there is no folder."""
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


def surroundings(file: Path, root: Path) -> list[Path]:
    """List the conftest and package files that stand above a test file, within ``root``."""
    folders = [one for one in file.parents if one.is_relative_to(root)]
    return [path for one in folders for name in _CHAIN if (path := one / name).is_file()]


def imported_names(file: Path) -> frozenset[str]:
    """Name the modules that a file's import statements mention, each part by itself."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    return frozenset(part for name in _mentioned(tree) for part in name.split("."))


def _mentioned(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (one.name for one in node.names)
            if isinstance(node, ast.ImportFrom) and node.module:
                yield node.module


class Witness:
    """What was read, listed or done while test files were imported; open between two calls."""

    def __init__(self) -> None:
        self._root = ""
        self.read: set[str] = set()
        self.unseen = 0

    def start(self, root: Path) -> None:
        """Begin anew, for files and folders below ``root``."""
        self.read, self.unseen = set(), 0
        self._root = f"{root}{os.sep}"

    def finish(self) -> None:
        """Look away."""
        self._root = ""

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note one event of the interpreter; imports and pytest's own search are known anyway."""
        if not self._root:
            return
        if event in _UNSEEN:
            self.unseen += 1
        elif event in _LISTING or (event == "open" and _reads(*arguments)):
            path = arguments[0]
            caller = sys._getframe(1)  # noqa: SLF001  (inspect offers the same 10 ms later)
            if isinstance(path, str | os.PathLike) and not _by_machinery(caller):
                full = str(Path(path).absolute())
                if full.startswith(self._root):
                    self.read.add(full)


def _reads(_path: object, mode: str | None, flags: int) -> bool:
    """Tell a file that is read from one that is written: that is made, and decides nothing."""
    return not set(mode or "").intersection("wax+") and not flags & (os.O_WRONLY | os.O_RDWR)


def _by_machinery(frame: Any) -> bool:
    name = frame.f_code.co_filename
    return name.startswith("<frozen importlib") or f"{os.sep}_pytest{os.sep}" in name


@functools.cache
def witness() -> Witness:
    """Install the hook for good, as it can't be taken away, and give what it notes."""
    made = Witness()
    install(made.heard, "--paceline-collect-cache")
    return made


def project_files() -> set[Path]:
    """List the files of all loaded modules that are neither installed nor the interpreter's."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {
        path for file in files if isinstance(file, str) and not _is_installed(path := Path(file))
    }


def _is_installed(path: Path) -> bool:
    known = not _INSTALLED.isdisjoint(path.parts)
    return known or any(path.is_relative_to(folder) for folder in _interpreter())


@functools.cache
def _interpreter() -> tuple[Path, ...]:
    return tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
