"""Preparation: make both sides of a comparison from what the user named."""

from __future__ import annotations

import dataclasses
import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paceline.engine.revisions.benchmarks import overlay_of
from paceline.engine.revisions.cache import opened
from paceline.engine.revisions.choices import Release, WorkingTree, choose
from paceline.engine.revisions.dependencies import (
    differing,
    requirement_files,
    wanted_requirements,
)
from paceline.engine.revisions.dressing import Additions, dressed, laid_over
from paceline.engine.revisions.environment import Wanted, environment_of, variables
from paceline.engine.revisions.installing import built_wheel, requirements_from_lock
from paceline.engine.revisions.layout import Layout, layout_of, same_name
from paceline.engine.revisions.releases import released
from paceline.engine.revisions.repository import find_repository
from paceline.engine.revisions.sides import Side
from paceline.engine.revisions.surroundings import observe_surroundings
from paceline.engine.revisions.trees import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from paceline.engine.revisions.cache import Cache
    from paceline.engine.revisions.choices import Choice
    from paceline.engine.revisions.environment import Environment
    from paceline.engine.revisions.repository import Repository
    from paceline.engine.revisions.surroundings import Surroundings
    from paceline.engine.revisions.trees import Tree

__all__ = ["prepare"]

_NAMES = ("base", "head")
_SHOWN = 4  # places or packages in a note


def prepare(  # noqa: PLR0913  (keyword-only, as the command line has them)
    base: str | None,
    head: str | None,
    *,
    root: Path,
    environ: Mapping[str, str],
    cache: Path,
    say: Callable[[str], None],
    benchmarks: Sequence[str] = (),
    use_base_benchmarks: bool = False,
) -> tuple[Side, Side]:
    """Make both sides: copies of their files and an environment for each.

    A side is a git revision, a folder (with a slash, or "."), or a release ("name==1.2",
    "name @ file"). Without ``base`` it is the merge base with the main branch, without ``head`` the
    working tree. ``benchmarks`` are paths below ``root``, node ids allowed; the head's go to both
    sides unless ``use_base_benchmarks``. Nothing is written but below ``cache``.

    Raises:
        UsageError: a side can't be found; the message names it and the remedy.
        MeasureError: a side can't be copied, built or installed.
    """
    root = root.resolve()
    repository = find_repository(root, environ)
    choices = choose(base, head, repository=repository, root=root)
    with opened(cache, repository.top if repository else root, say=say) as store:
        here = observe_surroundings(environ)
        work = _Work(root, repository, store, here, environ, say)
        trees = [work.tree(choice, name) for choice, name in zip(choices, _NAMES, strict=True)]
        drafts = _drafts(choices, trees)
        if not use_base_benchmarks and trees[0].key != trees[1].key:
            drafts = (_with_benchmarks(drafts, benchmarks), drafts[1])
        finished = [
            work.release(draft, draft.choice)
            if isinstance(draft.choice, Release)
            else work.source(draft)
            for draft in drafts
        ]
    return _side(finished, 0, work), _side(finished, 1, work)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A side in the making; ``differing`` names where its dependencies are not the other's."""

    name: str
    choice: Choice
    tree: Tree
    layout: Layout
    additions: Additions = field(default_factory=Additions)
    differing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Finished:
    name: str
    tree: Tree
    said: str
    environment: Environment
    modules: tuple[str, ...]
    sources: tuple[Path, ...]
    notes: tuple[str, ...]


def _drafts(choices: Sequence[Choice], trees: Sequence[Tree]) -> tuple[_Draft, _Draft]:
    own = not any(isinstance(choice, Release) for choice in choices)
    places = differing(trees[0].root, trees[1].root) if own else ()
    base, head = (
        _Draft(name, choice, tree, layout_of(tree.root), differing=places)
        for name, choice, tree in zip(_NAMES, choices, trees, strict=True)
    )
    return base, head


def _with_benchmarks(drafts: tuple[_Draft, _Draft], benchmarks: Sequence[str]) -> _Draft:
    """Lay the head's benchmark files over the base."""
    base, head = drafts
    overlay = overlay_of(head.tree.root, base.tree.root, head.layout, benchmarks)
    return dataclasses.replace(base, additions=laid_over(base.tree, head.tree, overlay))


@dataclass(frozen=True, slots=True)
class _Work:
    """What both sides are made from."""

    root: Path
    repository: Repository | None
    cache: Cache
    here: Surroundings
    environ: Mapping[str, str]
    say: Callable[[str], None]

    def tree(self, choice: Choice, name: str) -> Tree:
        """Copy a side's files; a release measures with those of the working tree."""
        self.say(f"preparing {name}")
        return tree_of(
            WorkingTree() if isinstance(choice, Release) else choice,
            root=self.root,
            repository=self.repository,
            cache=self.cache,
            environ=self.environ,
        )

    def source(self, draft: _Draft) -> _Finished:
        """Finish a side that is made of files: build it if needed, and find it its packages."""
        layout, tree, additions = draft.layout, draft.tree, draft.additions
        built = layout.built or self._ungenerated(draft)
        if built:
            self.say(f"building {draft.name}: {built}")
            whose = f"the {draft.name} side, {tree.said},"
            wheel = built_wheel(tree, built, cache=self.cache, environ=self.environ, whose=whose)
            additions = dataclasses.replace(additions, wheel=wheel, layout=layout)
        elif layout.generated:
            additions = dataclasses.replace(additions, given=self._generated(draft))
        worn = dressed(tree, additions, self.cache)
        wanted, note = self._wanted(draft, additions.wheel)
        environment = environment_of(
            worn,
            layout,
            here=self.here,
            wanted=wanted,
            use_sources=not built,
            cache=self.cache,
            environ=self.environ,
            whose=draft.name,
        )
        sources = (environment.site, *(worn.root / source for source in layout.sources))
        notes = (*tree.notes, *((f"built: {built}",) if built else ()), *note)
        if draft.differing:
            notes += _extra(environment, layout.name)
        modules = set(layout.modules)
        if built and additions.wheel:
            modules.update(environment.modules_of(additions.wheel.name.partition("-")[0]))
        return _Finished(
            name=draft.name,
            tree=worn,
            said=tree.said,
            environment=environment,
            modules=tuple(sorted(modules)),
            sources=sources,
            notes=notes,
        )

    def release(self, draft: _Draft, release: Release) -> _Finished:
        """Finish a side that is a release: its files hold no module that would hide it."""
        self.say(f"installing {release.said}")
        made = released(
            release,
            tree=draft.tree,
            here=self.here,
            cache=self.cache,
            environ=self.environ,
            whose=draft.name,
        )
        hiding = _hiding(draft, made.modules)
        removed = (*draft.additions.removed, *hiding)
        worn = dressed(
            draft.tree, dataclasses.replace(draft.additions, removed=removed), self.cache
        )
        notes = _extra(made.environment, same_name(release.name))
        if hiding:
            notes += (f"left out of its files, as it would hide the release: {_some(hiding)}",)
        return _Finished(
            name=draft.name,
            tree=worn,
            said=made.said,
            environment=made.environment,
            modules=made.modules,
            sources=(made.environment.site,),
            notes=notes,
        )

    def _wanted(self, draft: _Draft, wheel: Path | None) -> tuple[Wanted, tuple[str, ...]]:
        """Find what a side's environment needs besides the current one, and say from where."""
        first = (str(wheel),) if wheel else ()
        key = wheel.parent.name if wheel else ""
        if not draft.differing:
            return Wanted(first=first, key=key), ()
        root = draft.tree.root
        said = f"dependencies differ in {_some(draft.differing)}: an environment was made from"
        if listed := requirements_from_lock(root, environ=self.environ):
            return Wanted(first=first, listed=listed, key=key), (f"{said} uv.lock",)
        files = requirement_files(root)
        rest = wanted_requirements(root)
        if files or rest is not None:
            wanted = Wanted(first=first, files=files, rest=rest or (), key=key)
            places = [file.relative_to(root).as_posix() for file in files]
            return wanted, (f"{said} {_some([*places, 'pyproject.toml'][: len(files) or 1])}",)
        if wheel is None:
            whose = f"the {draft.name} side, {draft.tree.said},"
            why = "to read what it requires"
            wheel = built_wheel(
                draft.tree, why, cache=self.cache, environ=self.environ, whose=whose
            )
        wanted = Wanted(first=(str(wheel),), whole=True, key=wheel.parent.name)
        return wanted, (f"{said} its own metadata",)

    def _generated(self, draft: _Draft) -> tuple[tuple[str, Path], ...]:
        """Find in the user's tree the files that a build would write, such as the version's."""
        own = draft.tree.origin / draft.tree.inside
        return tuple(
            (file, own / file)
            for file in draft.layout.generated
            if (own / file).is_file() and not (draft.tree.root / file).exists()
        )

    def _ungenerated(self, draft: _Draft) -> str:
        """Say which file only a build can write."""
        own = draft.tree.origin / draft.tree.inside
        for file in draft.layout.generated:
            if not (draft.tree.root / file).exists() and not (own / file).exists():
                return f"the build writes {file}"
        return ""


def _side(finished: Sequence[_Finished], index: int, work: _Work) -> Side:
    """Put a side together; what must not be loaded there is all that is the other's or older."""
    own, other = finished[index], finished[1 - index]
    foreign = [own.tree.origin, other.tree.origin, work.root]
    if other.tree.top != own.tree.top:
        foreign.append(other.tree.top)
    if other.environment.folder != own.environment.folder:
        foreign.append(other.environment.folder)
    for site in work.here.sites:
        named = (path for name in own.modules for path in (site / name, site / f"{name}.py"))
        foreign += [path for path in named if path.exists()]
    return Side(
        name=own.name,
        said=own.said,
        root=own.tree.root,
        python=own.environment.python,
        environment=variables(own.environment, own.tree, environ=work.environ),
        commit=own.tree.commit,
        dirty=own.tree.dirty,
        notes=own.notes,
        project_modules=own.modules,
        foreign=tuple(dict.fromkeys(foreign)),
        sources=own.sources,
    )


def _hiding(draft: _Draft, modules: Sequence[str]) -> tuple[str, ...]:
    """List what of a tree would be found before an installed package of the same name."""
    return tuple(
        path
        for source in draft.layout.sources
        for name in modules
        for path in (posixpath.normpath(f"{source}/{name}{ending}") for ending in ("", ".py"))
        if (draft.tree.root / path).exists()
    )


def _extra(environment: Environment, own: str) -> tuple[str, ...]:
    """Say which packages an environment has for itself, besides the project's."""
    installed = environment.installed()
    extra = [f"{name} {installed[name]}" for name in sorted(installed) if name != own]
    return (f"packages of its own: {_some(extra)}",) if extra else ()


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
