"""Installing: build a tree's wheel, and put packages into a side's own environment."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.engine.revisions.cache import digest_of
from paceline.engine.revisions.commands import CommandError, run
from paceline.engine.revisions.layout import distribution_name, read_toml, same_name
from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from paceline.engine.revisions.cache import Cache
    from paceline.engine.revisions.trees import Tree

__all__ = ["built_wheel", "clean", "install", "requirements_from_lock"]

# These would send packages elsewhere, or find them there.
_DIVERTING = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
_FLAGS = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "RUSTFLAGS", "ARCHFLAGS")


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of installers: nothing in it leads away from the side's folder."""
    return {name: value for name, value in environ.items() if name not in _DIVERTING}


def install(
    python: Path,
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str],
    whose: str,
    folder: Path | None = None,
) -> None:
    """Install packages for an interpreter, with pip or else with uv, run in a folder.

    Raises:
        MeasureError: they can't be had, or there is no installer.
    """
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    if importlib.util.find_spec("pip"):
        command = [*pip, "--no-warn-script-location", "--disable-pip-version-check"]
    elif uv := shutil.which("uv", path=environ.get("PATH")):
        command = [uv, "pip", "install", "--quiet", "--python", str(python)]
    else:
        raise _no_installer()
    try:
        run([*command, *arguments], environ=clean(environ), what="the installer", folder=folder)
    except CommandError as error:
        raise MeasureError(
            f"the environment of {whose} can't be built: {error.problem}",
            remedy="make the packages reachable, or compare where both sides want the same ones",
        ) from None


def built_wheel(
    tree: Tree, why: str, *, cache: Cache, environ: Mapping[str, str], whose: str
) -> Path:
    """Build a tree's wheel, if it is not in the cache yet.

    Raises:
        MeasureError: the build fails; the message holds the end of what it said.
    """
    wanted = _build_requirements(tree.root)
    here = {distribution_name(one): one.version for one in importlib.metadata.distributions()}
    isolated = any(name not in here for name in wanted)
    key = digest_of(
        tree.key,
        tree.inside,
        sys.version,
        sys.executable,
        str(isolated),
        *(f"{name}={here.get(name)}" for name in wanted),
        *(f"{name}={environ.get(name)}" for name in _FLAGS),
    )

    def make(folder: Path) -> None:
        source = folder / "source"
        shutil.copytree(tree.top, source, symlinks=True)
        try:
            _build(source / tree.inside, folder, isolated=isolated, environ=environ)
        except CommandError as error:
            raise MeasureError(
                f"{whose} can't be built ({why}): {error.problem}",
                remedy=f"try it by hand: git checkout {tree.commit or tree.said} && pip wheel .",
            ) from None
        shutil.rmtree(source)

    return next(cache.entry("wheels", key, make).glob("*.whl"))


def requirements_from_lock(root: Path, *, environ: Mapping[str, str]) -> str:
    """Write a uv.lock as a requirements file's text; "" without such a lock, or without uv."""
    uv = shutil.which("uv", path=environ.get("PATH"))
    if not uv or not (root / "uv.lock").is_file():
        return ""
    words = [
        "export",
        "--quiet",
        "--frozen",
        "--offline",
        "--no-emit-project",
        "--no-header",
        "--no-default-groups",
    ]
    try:
        return run([uv, *words], environ=clean(environ), what="uv", folder=root).decode()
    except CommandError:
        return ""


def _build(source: Path, target: Path, *, isolated: bool, environ: Mapping[str, str]) -> None:
    """Build with what is installed here where that is enough: it is what the user builds with."""
    if not importlib.util.find_spec("pip"):
        uv = shutil.which("uv", path=environ.get("PATH"))
        if not uv:
            raise _no_installer()
        flags = [] if isolated else ["--no-build-isolation"]
        command = [uv, "build", "--quiet", "--wheel", "--out-dir", str(target), *flags, str(source)]
        run(command, environ=clean(environ), what="uv")
        return
    flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir", str(target)]
    command = [sys.executable, "-m", "pip", "wheel", *flags]
    ours = _with_scripts(clean(environ))
    if isolated:
        run([*command, str(source)], environ=ours, what="pip wheel")
        return
    try:
        words = ["--no-build-isolation", "--check-build-dependencies", str(source)]
        run([*command, *words], environ=ours, what="pip wheel")
    except CommandError as first:
        # Too old a tool, or one that only the backend asks for: pip can fetch what is right.
        try:
            run([*command, str(source)], environ=ours, what="pip wheel")
        except CommandError:
            raise first from None


def _with_scripts(environ: dict[str, str]) -> dict[str, str]:
    """Let builds find the tools of this environment (meson, ninja), activated or not."""
    scripts = str(Path(sys.executable).parent)
    return {**environ, "PATH": f"{scripts}:{environ.get('PATH', '')}"}


def _build_requirements(root: Path) -> list[str]:
    system = read_toml(root / "pyproject.toml").get("build-system", {})
    wanted = system.get("requires", ["setuptools"])
    return sorted(same_name(re.split(r"[\[<>=!~;@ ]", str(one).strip())[0]) for one in wanted)


def _no_installer() -> MeasureError:
    return MeasureError(
        "an environment has to be built, and neither pip nor uv is here",
        remedy="python -m ensurepip",
    )
