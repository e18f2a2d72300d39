"""Commits: how the commits of recorded runs lie to each other, as far as git knows."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from paceline.errors import PacelineError
from paceline.probes.repository import branch_named_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from paceline.engine.revisions.repository import Repository

__all__ = ["Commits", "Distance", "Step", "commits_of"]

_ID = re.compile(r"[0-9a-f]{4,64}")
_MOST = 20_000  # commits of a line that are looked at
_CONVENTIONAL = ("main", "master")


class Step(NamedTuple):
    """A commit on a line and the id of its content."""

    commit: str
    tree: str


class Distance(NamedTuple):
    """Commits that only the base has, and that only the head has; both 0 for the same commit."""

    behind: int
    ahead: int


def commits_of(folder: Path, environ: Mapping[str, str]) -> Commits | None:
    """Find the commits of the repository around a folder, None outside one or before the first."""
    from paceline.engine.revisions.repository import (  # noqa: PLC0415  (only where git is asked)
        find_repository,
    )

    try:
        repository = find_repository(folder, environ)
    except PacelineError:  # a repository that git refuses to read is none to us
        return None
    if repository is None:
        return None
    head = repository.commit_of("HEAD")
    return Commits(repository, head) if head else None


@dataclass(frozen=True)
class Commits:
    """A repository's commits; ``head`` is what is checked out. Nothing is written or fetched."""

    repository: Repository
    head: str

    @functools.cached_property
    def branch(self) -> str:
        """The branch that is checked out; of a detached one what the build machine calls it."""
        name = self.repository.say("symbolic-ref", "--quiet", "--short", "HEAD")
        return name or branch_named_by(self.repository.environ)

    @functools.cached_property
    def main(self) -> str:
        """The branch that others are made for, without its remote; "" when none is known."""
        name = self.repository.main_branch()
        return name.rpartition("/")[2] if name.startswith(("origin/", "upstream/")) else name

    @functools.cached_property
    def shallow(self) -> bool:
        """Whether the history was cut off when it was fetched."""
        return self.repository.is_shallow()

    @property
    def targets(self) -> tuple[str, ...]:
        """The names that a main branch may have in a store, the likeliest first."""
        return (self.main,) if self.main else _CONVENTIONAL

    def commit_of(self, name: str) -> str:
        """Give the commit that a revision means, "" when it means none."""
        odd = name.startswith(("-", "^")) or "\0" in name
        return "" if odd else self.repository.commit_of(name)

    def tips_of(self, branch: str) -> tuple[str, ...]:
        """Give where a branch stands here and, where that differs, at the remotes.

        What is no branch may be any other name of a commit, as in ``origin/main`` or ``v1.2``.
        """
        places = (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}")
        names = (*places, f"refs/remotes/upstream/{branch}")
        found = map(self.commit_of, names)
        tips = tuple(dict.fromkeys(commit for commit in found if commit))
        other = "" if tips or not branch else self.commit_of(branch)
        return (other,) if other else tips

    def tree_of(self, commit: str) -> str:
        """Give the id of a commit's content, "" when it is not known here."""
        return self.repository.tree_of(commit)

    def fork(self, tip: str, branch: str) -> str:
        """Give the commit at which a tip left a branch, the nearest one where remotes differ."""
        found = {self.repository.merge_base(tip, other) for other in self.tips_of(branch)} - {""}
        away = {commit: self.distance(commit, tip) for commit in found}
        return min(found, key=lambda commit: (away[commit] or Distance(0, 0)).ahead, default="")

    def line(self, tip: str) -> tuple[Step, ...]:
        """List the commits from a tip back along first parents, the newest first."""
        words = ("--first-parent", "--format=%H %T", "--no-show-signature", f"--max-count={_MOST}")
        said = self.repository.say("log", *words, tip, "--")
        return tuple(Step(*row.split(" ")) for row in said.splitlines())

    def distance(self, base: str, head: str) -> Distance | None:
        """Count the commits between two, None when git does not know both."""
        if not (_ID.fullmatch(base) and _ID.fullmatch(head)):  # a store may hold any text
            return None
        said = self.repository.say("rev-list", "--left-right", "--count", f"{base}...{head}", "--")
        if not said:
            return None
        behind, ahead = map(int, said.split())
        return Distance(behind, ahead)

    def known(self, commits: Iterable[str]) -> frozenset[str]:
        """Select the commits that this repository holds, whether anything leads to them or not."""
        asked = "".join(f"{commit}\n" for commit in sorted(set(commits)) if commit)
        said = self.repository.say(
            "cat-file", "--batch-check=%(objectname) %(objecttype)", asked=asked
        )
        rows = (row.split(" ") for row in said.splitlines())
        return frozenset(name for name, *kind in rows if kind == ["commit"])

    def within(self, commits: Iterable[str], *tips: str) -> frozenset[str]:
        """Select the known commits that a tip, or any name without tips, leads to."""
        known = self.known(commits)
        asked = "".join(f"{commit}\n" for commit in sorted(known))
        # what is read from standard input is not touched by --not before it
        outside = self.repository.say(
            "rev-list", "--stdin", "--not", *(tips or ("--all",)), asked=asked
        )
        return known - set(outside.split())

    def gone(self, commits: Iterable[str]) -> frozenset[str]:
        """Select the commits that nothing leads to any more; none where the history is shallow."""
        if self.shallow:
            return frozenset()
        asked = frozenset(commit for commit in commits if commit)
        return asked - self.within(asked)
