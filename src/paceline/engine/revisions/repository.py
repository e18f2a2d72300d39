"""Repository: what git knows about the user's tree; nothing here writes to it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.engine.revisions.commands import CommandError, git
from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Changes", "Commit", "Repository", "find_repository"]

_MAIN = ("origin/HEAD", "upstream/HEAD", "origin/main", "main", "origin/master", "master")
_LINK = "160000"  # git's mode of a submodule
_LFS = b"filter=lfs"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its full id and the first line of its message."""

    id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Changes:
    """How a working tree differs from its commit; paths are relative to its top, sorted.

    ``present`` are new or changed files, ``absent`` are removed ones, ``nested`` are other
    repositories inside it.
    """

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.present) + len(self.absent)


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository; ``top`` is its working tree, ``store`` its shared ``.git`` folder."""

    top: Path
    store: Path
    environ: Mapping[str, str]

    def commit_of(self, name: str) -> str:
        """Give the full id of the commit that a name means, "" when it means none."""
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return self.say(*words)

    def merge_base(self, one: str, other: str) -> str:
        """Give the best common ancestor of two commits, "" when there is none."""
        return self.say("merge-base", one, other)

    def main_branch(self) -> str:
        """Give the name of the branch that changes are made for, "" when none is known."""
        for name in _MAIN:
            if self.commit_of(name):
                return self.say("rev-parse", "--abbrev-ref", name) or name
        return ""

    def is_shallow(self) -> bool:
        """Tell whether the history was cut off when it was fetched."""
        return self.say("rev-parse", "--is-shallow-repository") == "true"

    def history(self, good: str, bad: str) -> tuple[Commit, ...]:
        """List the commits after ``good`` up to ``bad``, oldest first; a merge counts as one.

        There is none when ``bad`` was not made from ``good``.
        """
        if self.merge_base(good, bad) != self.commit_of(good):
            return ()
        words = ("--reverse", "--first-parent", "--format=%H %s", "--no-show-signature")
        said = self.say("log", *words, f"{good}..{bad}")
        lines = (line.partition(" ") for line in said.splitlines())
        return tuple(Commit(commit, subject) for commit, _, subject in lines)

    def names(self) -> tuple[str, ...]:
        """List branches and tags."""
        found = self.say("for-each-ref", "--format=%(refname:short)")
        return tuple(found.splitlines())

    def tracks(self, folder: Path) -> bool:
        """Tell whether the repository holds any file of a folder."""
        return bool(self.say("ls-files", "-z", "--", str(folder)))

    def tree_of(self, commit: str) -> str:
        """Give the id of a commit's tree: equal files, equal id."""
        return self.say("rev-parse", f"{commit}^{{tree}}")

    def changes(self) -> Changes:
        """List what differs from HEAD in the working tree; ignored files are left out.

        Raises:
            CommandError: git can't read the working tree.
        """
        # "git diff" would write to the index even when it is asked not to; "git status" does not.
        words = ("--porcelain", "-z", "--no-renames", "--untracked-files=all")
        fields = self._fields("status", *words, "--ignore-submodules=all")
        nested = {field[3:] for field in fields if self._is_nested(field[3:])}
        absent = {field[3:] for field in fields if "D" in field[:2]} - nested
        # A file that is only taken out of the index is deleted there and untracked here.
        present = {field[3:] for field in fields if "D" not in field[:2]} - nested
        return Changes(
            tuple(sorted(present)), tuple(sorted(absent - present)), tuple(sorted(nested))
        )

    def submodules(self, commit: str) -> tuple[str, ...]:
        """List the paths of a commit's submodules."""
        entries = self._fields("ls-tree", "-r", "-z", commit)
        return tuple(entry.partition("\t")[2] for entry in entries if entry.startswith(f"{_LINK} "))

    def uses_lfs(self) -> bool:
        """Tell whether files of the working tree stand in large file storage."""
        attributes = self.top / ".gitattributes"
        return attributes.is_file() and _LFS in attributes.read_bytes()

    def _is_nested(self, path: str) -> bool:
        return path.endswith("/") or (self.top / path / ".git").exists()

    def _fields(self, *arguments: str) -> list[str]:
        output = git(self.top, *arguments, environ=self.environ)
        return [os.fsdecode(field) for field in output.split(b"\0") if field]

    def say(self, *arguments: str, asked: str = "") -> str:
        """Give what git answers, "" where it ends with an error; ``asked`` is its input."""
        given = os.fsencode(asked)
        try:
            said = git(self.top, *arguments, environ=self.environ, asked=given)
        except CommandError:
            return ""
        return os.fsdecode(said).strip()


def find_repository(folder: Path, environ: Mapping[str, str]) -> Repository | None:
    """Find the repository whose working tree a folder belongs to, None outside of one.

    Raises:
        UsageError: git refuses to read a repository of another user.
    """
    words = ("rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir")
    try:
        found = os.fsdecode(git(folder, *words, environ=environ)).rstrip("\n").split("\n")
    except CommandError as error:
        if "dubious ownership" in str(error):
            raise UsageError(
                f"git refuses to read {str(folder)!r}, which belongs to another user",
                remedy=f"git config --global --add safe.directory {folder}",
            ) from None
        return None
    except UsageError:  # no git
        return None
    top, store = found
    return Repository(Path(top), Path(store), environ)
