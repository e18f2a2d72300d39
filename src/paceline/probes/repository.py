"""Repository: ask git which commit the code stands at."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["BRANCHES", "Revision", "branch_named_by", "observe_revision"]

_PATIENCE = 10  # seconds
BRANCHES = (
    *("GITHUB_HEAD_REF", "GITHUB_REF_NAME"),
    *("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH"),
    *("BITBUCKET_BRANCH", "BUILDKITE_BRANCH", "CIRCLE_BRANCH", "CHANGE_BRANCH", "BRANCH_NAME"),
)
"""Where build machines that check out a commit name its branch, a change's own first."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Commit and branch ("" outside a repository or before the first commit), and local changes.

    ``tree`` is the id of the commit's content, "" where tracked files differ from it.
    """

    commit: str = ""
    branch: str = ""
    dirty: bool = False
    tree: str = ""


def observe_revision(folder: Path, environ: Mapping[str, str] | None = None) -> Revision:
    """Read commit, branch and whether tracked files differ; never fails, never writes.

    ``environ`` may name the branch of a commit that is checked out by itself.
    """
    status = _git(folder, "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    commit = branch = ""
    dirty = False
    for line in status.splitlines():
        if line.startswith("# branch.oid "):
            commit = line.removeprefix("# branch.oid ").replace("(initial)", "")
        elif line.startswith("# branch.head "):
            branch = line.removeprefix("# branch.head ").replace("(detached)", "")
        elif line and not line.startswith("#"):
            dirty = True
    tree = "" if dirty or not commit else _git(folder, "rev-parse", "HEAD^{tree}").strip()
    if commit and not branch:
        branch = branch_named_by(environ or {})
    return Revision(commit, branch, dirty, tree)


def branch_named_by(environ: Mapping[str, str]) -> str:
    """Read which branch a build machine says it builds, "" where it builds a tag or none."""
    if environ.get("GITHUB_REF_TYPE", "branch") != "branch":
        return ""
    return next((environ[name] for name in BRANCHES if environ.get(name)), "")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  (git with fixed arguments, found on the user's PATH)
            command,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
