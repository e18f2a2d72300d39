"""Commands: run git and installers without a prompt, and say what they said when they fail."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from paceline.errors import MeasureError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["CommandError", "git", "last_lines", "run"]

# What a git hook's environment says about the repository that it runs for, not about ours.
_LOCAL = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)  # fmt: skip
# Nothing asks, nothing is fetched, nothing is written where we only look.
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}
# No hook, no monitor and no upkeep may start from a command of ours.
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "protocol.file.allow=always",
)
_TAIL = 12  # lines of a failed command that are shown


class CommandError(MeasureError):
    """A command ended with an error; the message holds the end of what it said."""


def git(folder: Path, *arguments: str, environ: Mapping[str, str], asked: bytes = b"") -> bytes:
    """Run git in a folder and give what it printed; ``asked`` is its standard input.

    Raises:
        CommandError: git ended with an error.
        UsageError: there is no git.
    """
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    ours = {name: value for name, value in environ.items() if name not in _LOCAL}
    try:
        return run(
            ["git", *settings, "-C", str(folder), *arguments],
            environ={**ours, **_QUIET},
            what=f"git {arguments[0]}",
            asked=asked,
        )
    except FileNotFoundError:
        raise UsageError(
            "git isn't installed, and revisions are its",
            remedy="install git, or name two folders: paceline ab ../old ../new",
        ) from None


def run(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    what: str,
    folder: Path | None = None,
    asked: bytes = b"",
) -> bytes:
    """Run a command that asks nothing and give what it printed; ``what`` names it in errors.

    Raises:
        CommandError: it ended with an error.
        FileNotFoundError: there is no such program.
    """
    done = subprocess.run(  # noqa: S603  (git, pip or an interpreter, with a list of arguments)
        command,
        cwd=folder,
        env=dict(environ),
        input=asked,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = last_lines(done.stderr or done.stdout)
        raise CommandError(f"{what} ended with status {done.returncode}: {said}")
    return done.stdout


def last_lines(output: bytes) -> str:
    """Give the end of what a command printed."""
    lines = output.decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-_TAIL:])
