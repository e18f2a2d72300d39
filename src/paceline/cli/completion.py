"""``paceline completion``: a script that teaches a shell the commands and their flags."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import shtab

from paceline.cli.arguments import COMMANDS, add_general, add_json, build

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from paceline.cli.console import Console

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline completion bash > ~/.local/share/bash-completion/completions/paceline
  paceline completion zsh > ~/.zfunc/_paceline        with ~/.zfunc in $fpath
  paceline completion tcsh > ~/.paceline.tcsh         sourced by ~/.tcshrc
"""
_SHELLS = ("bash", "zsh", "tcsh")
_PATHS = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY}


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the shell."""
    parser.add_argument("shell", choices=_SHELLS, help="the shell that is to complete")
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the script for all commands."""
    parser = build(COMMANDS)
    for action in _actions(parser):
        if action.metavar in _PATHS:
            setattr(action, "complete", _PATHS[action.metavar])  # noqa: B010  (shtab's attribute)
    script = shtab.complete(parser, arguments.shell)
    if arguments.json:
        script = json.dumps({"shell": arguments.shell, "script": script}, indent=1)
    console.say(script)
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """List the arguments of a parser and of its commands; argparse offers no public way."""
    for action in parser._actions:  # noqa: SLF001  (see the docstring)
        yield action
        commands = action.choices if isinstance(action.choices, dict) else {}
        for one in commands.values():
            yield from _actions(one)
