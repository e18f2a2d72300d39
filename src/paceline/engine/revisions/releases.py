"""Releases: an environment with one release of a package, and what it makes importable."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from paceline.engine.revisions.environment import Wanted, environment_of
from paceline.engine.revisions.files import content_of, files_below
from paceline.engine.revisions.layout import Layout, distribution_name, same_name
from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paceline.engine.revisions.cache import Cache
    from paceline.engine.revisions.choices import Release
    from paceline.engine.revisions.environment import Environment
    from paceline.engine.revisions.surroundings import Surroundings
    from paceline.engine.revisions.trees import Tree

__all__ = ["Released", "released"]


@dataclass(frozen=True, slots=True)
class Released:
    """An installed release: its environment, name for people, and top-level import names."""

    environment: Environment
    said: str
    modules: tuple[str, ...]


def released(  # noqa: PLR0913  (keyword-only, each is one thing that goes in)
    release: Release,
    *,
    tree: Tree,
    here: Surroundings,
    cache: Cache,
    environ: Mapping[str, str],
    whose: str,
) -> Released:
    """Install a release; of what it requires only what the current environment lacks.

    Raises:
        MeasureError: it can't be installed, or is not what its name says.
    """
    layout = Layout(same_name(release.name), (), (), "")
    wanted = Wanted(
        first=(release.requirement,), whole=True, extras=release.extras, key=_content(release)
    )
    made = environment_of(
        tree,
        layout,
        here=here,
        wanted=wanted,
        use_sources=False,
        cache=cache,
        environ=environ,
        whose=whose,
    )
    for one in importlib.metadata.distributions(path=[str(made.site)]):
        if distribution_name(one) == layout.name:
            plain = release.said == f"{release.name}{release.extras}=={one.version}"
            said = f"{release.name} {one.version}" + ("" if plain else f" ({release.said})")
            return Released(made, said, made.modules_of(layout.name))
    raise MeasureError(
        f"{release.requirement!r} installed no {release.name!r}",
        remedy="write the name that the package has on the index",
    )


def _content(release: Release) -> str:
    """Identify what a file holds; an index never changes a release."""
    place = release.requirement.partition(" @ ")[2] or release.requirement
    file = Path(url2pathname(urlsplit(place).path))
    if file.is_file():
        return content_of(file.parent, (file.name,))
    if file.is_dir():
        return content_of(file, files_below(file))
    return ""
