"""Trees: a copy in the cache of what the user named, as it was, before anything is added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.engine.revisions.cache import digest_of
from paceline.engine.revisions.choices import Folder, Revision, WorkingTree, short
from paceline.engine.revisions.files import clone, content_of, copy_files, files_below, lay_over
from paceline.engine.revisions.repository import Changes, find_repository
from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from paceline.engine.revisions.cache import Cache
    from paceline.engine.revisions.repository import Repository

__all__ = ["Tree", "tree_of"]

_ATTEMPTS = 3
_SHOWN = 3  # paths in a note


@dataclass(frozen=True, slots=True)
class Tree:
    """A copied tree: ``top`` holds all, the project stands ``inside`` it ("." for all of it).

    ``origin`` is the folder of the user's that ``top`` copies. Equal keys, equal content.
    """

    top: Path
    inside: str
    origin: Path
    key: str
    said: str
    commit: str = ""
    dirty: bool = False
    notes: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.top / self.inside


def tree_of(
    choice: Revision | WorkingTree | Folder,
    *,
    root: Path,
    repository: Repository | None,
    cache: Cache,
    environ: Mapping[str, str],
) -> Tree:
    """Copy what was chosen into the cache, if it is not there yet.

    Raises:
        MeasureError: it can't be copied.
    """
    if isinstance(choice, Revision):
        if repository is None:
            raise MeasureError(f"{choice.said} is a commit, and there is no repository")
        return _committed(choice, root, repository, cache)
    if isinstance(choice, Folder):
        root = choice.path
        repository = find_repository(root, environ)
    if repository and repository.commit_of("HEAD") and repository.tracks(root):
        said = "" if isinstance(choice, WorkingTree) else choice.said
        return _working(said or "working tree", root, repository, cache)
    return _plain("working folder" if isinstance(choice, WorkingTree) else choice.said, root, cache)


def _committed(choice: Revision, root: Path, repository: Repository, cache: Cache) -> Tree:
    key = digest_of("commit", choice.commit)

    def make(folder: Path) -> None:
        clone(repository, choice.commit, folder / "tree")

    top = cache.entry("trees", key, make) / "tree"
    inside = root.relative_to(repository.top.resolve()).as_posix()
    if not (top / inside).is_dir():
        raise MeasureError(
            f"{choice.said} has no folder {inside!r}, where the project is now",
            remedy="name a later revision, or copy the old tree and name two folders",
        )
    notes = _notes(repository, choice.commit, ())
    return Tree(top, inside, repository.top.resolve(), key, choice.said, choice.commit, notes=notes)


def _working(said: str, root: Path, repository: Repository, cache: Cache) -> Tree:
    """Copy HEAD, and what is not committed over it; what changes meanwhile is taken anew."""
    commit = repository.commit_of("HEAD")
    for _ in range(_ATTEMPTS):
        changes = repository.changes()
        every = (*changes.present, *changes.absent)
        content = content_of(repository.top, every)
        key = digest_of("working", commit, content)

        def make(folder: Path, changes: Changes = changes) -> None:
            clone(repository, commit, folder / "tree")
            lay_over(repository.top, changes, folder / "tree")

        entry = cache.entry("trees", key, make)
        if content_of(entry / "tree", every) == content:
            break
        cache.discard(entry)
    else:
        raise MeasureError(
            f"files of {str(root)!r} change while they are copied",
            remedy="let what writes them come to its end, or let git ignore them",
        )
    count = f" + {len(changes)} changed file{'s' * (len(changes) != 1)}" if len(changes) else ""
    top = repository.top.resolve()
    return Tree(
        entry / "tree",
        root.relative_to(top).as_posix(),
        top,
        key,
        f"{said} ({short(commit)}{count})",
        commit,
        dirty=bool(len(changes)),
        notes=_notes(repository, commit, changes.nested),
    )


def _plain(said: str, root: Path, cache: Cache) -> Tree:
    """Copy a folder that git knows nothing of."""
    files = tuple(files_below(root))
    key = digest_of("folder", content_of(root, files))

    def make(folder: Path) -> None:
        (folder / "tree").mkdir()
        copy_files(root, files, folder / "tree")

    return Tree(cache.entry("trees", key, make) / "tree", ".", root, key, said)


def _notes(repository: Repository, commit: str, nested: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if modules := (*repository.submodules(commit), *nested):
        shown = ", ".join(modules[:_SHOWN]) + (" …" if len(modules) > _SHOWN else "")
        notes.append(f"submodules and repositories inside the tree are not copied: {shown}")
    if repository.uses_lfs():
        notes.append("files in git's large file storage are copied as pointers to them")
    return tuple(notes)
