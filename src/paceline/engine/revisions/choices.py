"""Choices: what the two words of the command line mean."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.errors import UsageError

if TYPE_CHECKING:
    from paceline.engine.revisions.repository import Repository

__all__ = ["Choice", "Folder", "Release", "Revision", "WorkingTree", "choose", "short"]

_RELEASE = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?P<extras>\[[\w,. -]*\])?\s*"
    r"(?P<rest>(?:===?|~=|>=|<=|!=|<|>)\s*[\w.!+*-].*|@\s+\S.*)"
)
_ARCHIVES = (".whl", ".tar.gz", ".zip")
_PATHS = ("./", "../", "/", "~")
_SHORT = 8  # digits of a commit for people


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of the repository; ``said`` names it for people."""

    commit: str
    said: str


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """The user's working tree with what is not committed."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; ``said`` is what the user wrote."""

    path: Path
    said: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a package; an installer takes ``requirement``, ``extras`` are as in "[a,b]"."""

    requirement: str
    name: str
    extras: str = ""
    said: str = ""


Choice = Revision | WorkingTree | Folder | Release


def choose(
    base: str | None, head: str | None, *, repository: Repository | None, root: Path
) -> tuple[Choice, Choice]:
    """Find what both sides are; one that is not given has a default.

    Raises:
        UsageError: a word means nothing here, or there is nothing to default to.
    """
    chosen_head = WorkingTree() if head is None else _meaning(head, repository, root)
    if base is None:
        return _default_base(chosen_head, repository), chosen_head
    return _meaning(base, repository, root), chosen_head


def short(commit: str) -> str:
    """Shorten a commit for people."""
    return commit[:_SHORT]


def _meaning(word: str, repository: Repository | None, root: Path) -> Choice:
    """Find what one word means: a folder, a release, else a revision."""
    path = (root / Path(word).expanduser()).resolve()
    if word.endswith(_ARCHIVES) and path.is_file():
        return Release(str(path), _distribution(path.name), said=path.name)
    if word in {".", ".."} or word.startswith(_PATHS):
        return _folder(word, path)
    if match := _RELEASE.fullmatch(word):
        return _release(match, root)
    if repository and (commit := _commit(word, repository)):
        return commit
    if "/" in word.rstrip("/") and path.is_dir():
        return _folder(word, path)
    raise _unknown(word, repository, is_folder=path.is_dir())


def _folder(word: str, path: Path) -> Folder:
    if not path.is_dir():
        raise UsageError(f"{word!r} is no folder", remedy="name a folder, a revision or a release")
    return Folder(path, word)


def _release(match: re.Match[str], root: Path) -> Release:
    """Read a release; a file after "@" is taken relative to the project."""
    name, extras, rest = match["name"], match["extras"] or "", match["rest"]
    if not rest.startswith("@"):
        wanted = rest.replace(" ", "")
        return Release(f"{name}{wanted}", name, extras, f"{name}{extras}{wanted}")
    place = rest[1:].strip()
    if "://" in place:
        return Release(f"{name} @ {place}", name, extras, place)
    file = (root / Path(place).expanduser()).resolve()
    if not file.exists():
        raise UsageError(
            f"{place!r}, where {name} should come from, does not exist",
            remedy="name a wheel, a source archive, a folder or a URL after the @",
        )
    return Release(f"{name} @ {file.as_uri()}", name, extras, file.name)


def _distribution(file: str) -> str:
    """Read the name of a distribution from a file's name."""
    if file.endswith(".whl"):
        return file.partition("-")[0]
    stem = file.removesuffix(".zip").removesuffix(".tar.gz")
    return stem.rpartition("-")[0] or stem


def _commit(word: str, repository: Repository) -> Revision | None:
    """Find a commit; a branch that only the remote has is meant as well."""
    for name in (word, f"origin/{word}"):
        if commit := repository.commit_of(name):
            said = name if not commit.startswith(name) else ""
            return Revision(commit, f"{said} ({short(commit)})" if said else short(commit))
    return None


def _unknown(word: str, repository: Repository | None, *, is_folder: bool) -> UsageError:
    if is_folder:
        remedy = f"write ./{word} if you mean the folder"
    elif repository is None:
        remedy = "this is no git repository: name two folders, or two releases as in pkg==1.2"
    elif repository.is_shallow():
        remedy = "the history here is cut short: git fetch --unshallow (in CI: fetch-depth: 0)"
    else:
        near = difflib.get_close_matches(word, repository.names(), n=3)
        remedy = f"did you mean {' or '.join(near)}?" if near else "git branch --all lists branches"
    return UsageError(f"{word!r} is no revision, folder or release here", remedy=remedy)


def _default_base(head: Choice, repository: Repository | None) -> Choice:
    """Take the merge base with the main branch; on that branch itself what stood there before."""
    name_it = "name BASE: a revision, a folder, or a release as in pkg==1.2"
    if isinstance(head, Folder | Release):
        raise UsageError(f"the base can't be guessed for {head.said!r}", remedy=name_it)
    if repository is None:
        raise UsageError("this is no git repository, so there is no base to guess", remedy=name_it)
    tip = head.commit if isinstance(head, Revision) else repository.commit_of("HEAD")
    if not tip:
        raise UsageError("the repository has no commit yet", remedy=f"commit first, or {name_it}")
    main = repository.main_branch()
    if not main:
        raise UsageError(
            "no main branch is known here", remedy=f"git fetch origin main, or {name_it}"
        )
    common = repository.merge_base(tip, main)
    if not common:
        raise _unrelated(main, repository)
    if common != tip:
        return Revision(common, f"merge base with {main} ({short(common)})")
    if isinstance(head, WorkingTree) and len(repository.changes()):
        return Revision(tip, f"last commit, on {main} ({short(tip)})")
    parent = repository.commit_of(f"{tip}^")
    if not parent:
        raise _no_parent(tip, main, repository)
    return Revision(parent, f"the commit before, as {short(tip)} is on {main} ({short(parent)})")


def _unrelated(main: str, repository: Repository) -> UsageError:
    if repository.is_shallow():
        return UsageError(
            f"the common ancestor with {main} was not fetched: the history here is cut short",
            remedy="git fetch --unshallow (in CI: fetch-depth: 0), or name BASE",
        )
    return UsageError(f"there is no common ancestor with {main}", remedy="name BASE")


def _no_parent(tip: str, main: str, repository: Repository) -> UsageError:
    if repository.is_shallow():
        return UsageError(
            f"the commit before {short(tip)} was not fetched: the history here is cut short",
            remedy="git fetch --unshallow (in CI: fetch-depth: 0), or name BASE",
        )
    return UsageError(
        f"{short(tip)} is the first commit of {main} and nothing is changed",
        remedy="change something, or name BASE",
    )
