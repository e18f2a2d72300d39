"""``paceline explain``: what a code, a verdict or a metric means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general, add_json
from paceline.errors import UsageError
from paceline.guard.explain import EXPLANATIONS, explain

if TYPE_CHECKING:
    import argparse

    from paceline.cli.console import Console

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline explain 10        an exit code
  paceline explain PAC210    an error code
  paceline explain unsure    a verdict
  paceline explain --list    everything
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the name to explain."""
    parser.add_argument("name", metavar="CODE", nargs="?", default="", help="what to explain")
    parser.add_argument("--list", action="store_true", help="explain everything")
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Explain one name or all of them."""
    if bool(arguments.name) is arguments.list:
        raise UsageError("explain one CODE, or everything by --list", remedy="paceline explain 10")
    everything: bool = arguments.list
    found = EXPLANATIONS if everything else {arguments.name: explain(arguments.name)}
    if arguments.json:
        console.say(json.dumps(found, indent=1))
    elif everything:
        columns = max(map(len, found))
        console.say("\n".join(f"{name:<{columns}}  {text}" for name, text in found.items()))
    else:
        console.say(found[arguments.name])
    return 0
