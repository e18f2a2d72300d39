"""Layout: where a project's modules stand in its folder, and whether they must be built."""

from __future__ import annotations

import configparser
import re
import sys
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import importlib.metadata
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "Layout",
    "distribution_name",
    "layout_of",
    "modules_in",
    "read_ini",
    "read_toml",
    "same_name",
]

_PURE = ("flit_core", "flit", "poetry.core", "uv_build", "pdm.backend", "pdm.pep517", "hatchling")
_COMPILES = re.compile(
    r"\b(ext_modules|Extension|cythonize|cffi_modules|rust_extensions|mypycify|CMakeExtension)\b"
)
_ONE_FOLDER = re.compile(r"""package_dir\s*=\s*\{\s*["']{2}\s*:\s*["']([\w./-]+)["']\s*,?\s*\}""")
# What stands beside a package at the top of a project and is not the project.
_BESIDE = frozenset(
    {"setup", "conftest", "noxfile", "fabfile", "tasks", "test", "tests", "testing", "doc", "docs"}
    | {"example", "examples", "bench", "benchmark", "benchmarks", "performance", "perf", "script"}
    | {"scripts", "tools", "build", "dist", "ci", "requirements", "src", "lib", "vendor"}
)


_SOURCES = frozenset({"src", "lib", "python"})  # folders for modules and nothing else


@dataclass(frozen=True, slots=True)
class Layout:
    """A project's distribution name ("" if it has none), source folders and import names.

    ``sources`` are relative to the project's folder, "." is the folder itself. ``built`` says why
    its modules can't be used from there as they are, "" when they can. ``generated`` are files
    that a build writes beside the sources, such as the one that holds the version.
    """

    name: str
    sources: tuple[str, ...]
    modules: tuple[str, ...]
    built: str
    generated: tuple[str, ...] = ()


def layout_of(root: Path) -> Layout:
    """Read a project's layout from its own metadata and files."""
    table = read_toml(root / "pyproject.toml")
    ini = read_ini(root / "setup.cfg")
    sources = _sources(root, table, ini)
    modules = sorted({name for folder in sources for name in modules_in(root / folder)})
    name = table.get("project", {}).get("name") or ini.get("metadata", {}).get("name", "")
    return Layout(
        name=same_name(str(name or _get(table, "tool.poetry.name", ""))),
        sources=sources,
        modules=tuple(modules),
        built=_why_built(root, table, ini),
        generated=_generated(table),
    )


def same_name(name: str) -> str:
    """Write a distribution's name as the package index does, so that names can be compared."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def distribution_name(distribution: importlib.metadata.Distribution) -> str:
    """Give an installed distribution's name, "" where half an installation has none."""
    metadata = distribution.metadata
    return same_name(metadata["Name"]) if "Name" in metadata else ""


def modules_in(folder: Path) -> Iterator[str]:
    """List the modules and packages that a source folder makes importable."""
    if not folder.is_dir():
        return
    at_top = folder.name not in _SOURCES
    # At the top of a project a folder "code" or "types" is rather no module than Python's own.
    beside = _BESIDE | sys.stdlib_module_names if at_top else {"conftest"}
    for path in folder.iterdir():
        name = path.name.partition(".")[0]
        if not name.isidentifier() or name in beside or name.startswith("test_"):
            continue
        if path.is_dir() and path.name == name:
            if _is_package(path, at_top=at_top):
                yield name
        elif path.suffix in {".py", ".so", ".pyx"}:
            yield name


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file; one that is not there or not readable holds nothing."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def read_ini(file: Path) -> dict[str, dict[str, str]]:
    """Read an INI file; one that is not there or not readable holds nothing."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


def _is_package(folder: Path, *, at_top: bool) -> bool:
    """Tell packages from folders; in a source folder a namespace without a file of its own is one.

    At the top of a project any folder could be such a namespace, so only marked ones count there.
    """
    if (folder / "__init__.py").exists() or (folder / "__init__.pyx").exists():
        return True
    return not at_top and not folder.name.endswith("_egg-info") and any(folder.rglob("*.py"))


def _sources(root: Path, table: dict[str, Any], ini: dict[str, dict[str, str]]) -> tuple[str, ...]:
    """Find the source folders: what the metadata names, else "src", else the project itself."""
    named = [
        *_get(table, "tool.setuptools.packages.find.where", []),
        _get(table, "tool.setuptools.package-dir", {}).get("", ""),
        *ini.get("options.packages.find", {}).get("where", "").split(),
        _root_package_folder(ini.get("options", {}).get("package_dir", "")),
        *_ONE_FOLDER.findall(_text(root / "setup.py")),
        _get(table, "tool.maturin.python-source", ""),
        _get(table, "tool.pdm.build.package-dir", ""),
        *(str(package.get("from", "")) for package in _get(table, "tool.poetry.packages", [])),
        *(
            package.rpartition("/")[0]
            for package in _get(table, "tool.hatch.build.targets.wheel.packages", [])
        ),
    ]
    found = dict.fromkeys(str(folder).strip("/") or "." for folder in named if folder)
    there = [folder for folder in found if (root / folder).is_dir()]
    if not there and any(modules_in(root / "src")):
        there = ["src"]
    return tuple(there or ["."])


def _root_package_folder(lines: str) -> str:
    """Read the folder of all packages from setup.cfg's ``package_dir``."""
    for line in lines.splitlines():
        name, _, folder = line.partition("=")
        if not name.strip() and folder.strip():
            return folder.strip()
    return ""


def _why_built(root: Path, table: dict[str, Any], ini: dict[str, dict[str, str]]) -> str:
    """Say why the project has to be built before it can be imported, "" if it has not."""
    system = table.get("build-system", {})
    script = root / "setup.py"
    backend = str(system.get("build-backend", ""))
    if not backend and not script.exists() and "project" not in table and "metadata" not in ini:
        return ""
    if system.get("backend-path"):
        return "it brings its own build backend"
    if _get(table, "tool.hatch.build.hooks", {}).keys() - {"vcs", "version"}:
        return "hatchling runs build hooks"
    if table.get("tool", {}).get("poetry", {}).get("build"):
        return f"{backend} runs a build script"
    if not backend or backend.startswith("setuptools"):
        return _why_setuptools(script, table, ini)
    return "" if backend.startswith(_PURE) else f"{backend} builds it"


def _why_setuptools(script: Path, table: dict[str, Any], ini: dict[str, dict[str, str]]) -> str:
    if _get(table, "tool.setuptools.ext-modules", []):
        return "setuptools compiles extensions"
    text = _text(script)
    if _COMPILES.search(text):
        return "setuptools compiles extensions"
    renamed = {**_get(table, "tool.setuptools.package-dir", {})}
    lines = ini.get("options", {}).get("package_dir", "").splitlines()
    renamed.update((line.partition("=")[0].strip(), "") for line in lines if "=" in line)
    if any(renamed) or ("package_dir" in text and not _ONE_FOLDER.search(text)):
        return "setuptools takes packages from folders of other names"
    return ""


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _generated(table: dict[str, Any]) -> tuple[str, ...]:
    keys = (
        "tool.setuptools_scm.write_to",
        "tool.setuptools_scm.version_file",
        "tool.hatch.build.hooks.vcs.version-file",
        "tool.pdm.version.write_to",
    )
    return tuple(str(file) for key in keys if (file := _get(table, key, "")))


def _get(table: dict[str, Any], dotted: str, default: Any) -> Any:
    """Read an entry deep in a table; one of another kind than its default counts as none."""
    value: Any = table
    for key in dotted.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, type(default)) else default
