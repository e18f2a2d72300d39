"""The command line: one parser a command; only the module of the command asked for is loaded."""

from __future__ import annotations

import argparse
import importlib
import keyword
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

import paceline
from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.cli.console import Console

__all__ = ["COMMANDS", "Parser", "add_general", "add_json", "build", "command_of", "parse"]

COMMANDS = {
    "init": "Set a project up: settings, a first benchmark and its budget.",
    "run": "Run pytest with Paceline on; every other argument is pytest's.",
    "ab": "Judge a change from two trees, side by side on this machine.",
    "bisect": "Find the commit at which a benchmark became slower or faster.",
    "compare": "Compare two runs, given as baselines, commits, runs or exported files.",
    "baseline": "Keep runs under names, to compare with.",
    "history": "List the recorded runs, or one benchmark's figures over them.",
    "vacuum": "Remove what is not kept any more and give the disk back.",
    "suite": "Say where a run's time goes: tests, phases, fixtures, files, categories, workers.",
    "report": "Say a recorded run again, judged by today's budgets.",
    "export": "Write recorded runs to files.",
    "import": "Read files of other tools, and exported runs, into the store.",
    "deliver": "Send what waits in the spool to the store's server.",
    "leaks": "Call functions again and again and say what they don't give back.",
    "host": "Say what this machine is good for: facts, noise, what they leave to see.",
    "explain": "Explain an exit code, an error code, a verdict or a metric.",
    "completion": "Write a completion script for a shell.",
}
_USAGES = {
    "run": (
        "paceline run [-h] [-n N] [--engine KIND] [--profile NAME] [--show-profile] [--explain]"
        " [--dry-run] [--json FILE] [--project DIR] [PYTEST ARG ...]"
    )
}
_PASSING = frozenset({"run", "ab"})  # what follows -- is pytest's
_EPILOG = """\
examples:
  paceline init                    set this project up
  paceline run                     run its tests, record and judge
  paceline baseline save main      keep the newest run as "main"
  paceline compare main            compare the newest run with it

exit codes: 0 fine, 2 usage, 10 budget broken, 11 regression, 12 unsure (with --strict),
13 settings, 14 store, 130 interrupted; run ends with pytest's own code where that is not 0
"""


class Command(Protocol):
    """What a command's module offers."""

    EXAMPLES: str

    def declare(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own arguments."""

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Do the work and return the exit status."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints look like every other error of Paceline."""

    def error(self, message: str) -> NoReturn:
        """Complain about the arguments.

        Raises:
            UsageError: always.
        """
        raise UsageError(message, remedy=f"{self.prog} --help lists what it takes")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; what ``run`` and ``ab`` pass on to pytest is in ``others``.

    Raises:
        UsageError: arguments that the command does not take.
    """
    asked = next((word for word in argv if not word.startswith("-")), "")
    own, others = _apart(argv) if asked in _PASSING else (list(argv), [])
    parser = build([asked])
    arguments, unknown = parser.parse_known_args(own)
    if unknown and asked != "run":
        parser.prog = f"{parser.prog} {asked}"
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    arguments.others = [*unknown, *others]
    return arguments


def build(loaded: Iterable[str]) -> Parser:
    """Make the parser, complete for the commands named in ``loaded``."""
    parser = Parser(
        prog="paceline",
        description="Performance engineering for pytest.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"paceline {paceline.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, sentence in COMMANDS.items():
        one = commands.add_parser(
            name,
            help=sentence,
            description=sentence,
            usage=_USAGES.get(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if name in loaded:
            command = command_of(name)
            one.epilog = f"examples:\n{command.EXAMPLES}"
            command.declare(one)
    return parser


def command_of(name: str) -> Command:
    """Load a command's module, which bears the command's name (``import_`` for import)."""
    module = f"{name}_" if keyword.iskeyword(name) else name
    return cast("Command", importlib.import_module(f"paceline.cli.{module}"))


def add_general(parser: argparse.ArgumentParser) -> None:
    """Add what every command takes: where the project is."""
    parser.add_argument(
        "--project",
        metavar="DIR",
        default=".",
        help="a folder of the project (default: the current one)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json`` to a command that says something."""
    parser.add_argument("--json", action="store_true", help="write JSON instead of text")


def _apart(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the words before ``--`` from those after it."""
    if "--" not in argv:
        return list(argv), []
    cut = list(argv).index("--")
    return list(argv[:cut]), list(argv[cut + 1 :])
