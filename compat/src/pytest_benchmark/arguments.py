"""The arguments of ``pytest-benchmark``: the same names and forms, explained in our words."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING, Any, NoReturn

from paceline.errors import UsageError
from paceline.guard.keywords import parse_keywords
from paceline.report.dropin.grouping import LABELS
from paceline.report.dropin.names import FORMS
from paceline.report.dropin.table import COLUMNS, DEFAULT_COLUMNS, SORTS, parse_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["make_parser"]

_EXAMPLES = """\
examples:

    pytest-benchmark compare 'Linux-CPython-3.11-64bit/*'

        Every run saved on that kind of machine. Quotes keep the shell from expanding the star.

    pytest-benchmark compare 0001

        The first run of every kind of machine.

    pytest-benchmark compare before.json after.json --between=min,mean

        Two files, what changed between them in columns.
"""


class _Help(argparse.Action):
    """Shows the help of the command that is named, or of all of them."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> NoReturn:
        del namespace, option_string
        if isinstance(values, str):
            make_parser().parse_args([values, "--help"])
        parser.print_help()
        parser.exit()


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    parser = argparse.ArgumentParser(
        "py.test-benchmark",
        description="List and compare runs that were saved in pytest-benchmark's format.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument(
        "-h", "--help", metavar="COMMAND", nargs="?", action=_Help, help="Display help and exit."
    )
    _add_general(parser)
    commands = parser.add_subparsers(
        title="commands", dest="command", parser_class=argparse.ArgumentParser
    )
    for name, sentence, epilog, declare in _COMMANDS:
        one = commands.add_parser(
            name,
            help=sentence,
            description=sentence,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        declare(one)
    return parser


def _add_general(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--storage",
        "-s",
        metavar="URI",
        default="file://./.benchmarks",
        help="Where the runs are: file://PATH or a plain path. Default: %(default)r.",
    )
    parser.add_argument(
        "--netrc", nargs="?", default="", const="~/.netrc", help="Taken and not used."
    )
    parser.add_argument("--verbose", "-v", action="store_true", help="Say which files are read.")
    parser.add_argument("--quiet", "-q", action="store_true", help="Say nothing but the tables.")
    parser.add_argument(
        "--import-mode",
        default="prepend",
        choices=["prepend", "append", "importlib"],
        dest="importmode",
        help="How hooks are imported from ./conftest.py. Default: %(default)r.",
    )


def _add_help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("command", nargs="?", action=_Help)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    stamp = f"benchmark_{dt.datetime.now(dt.UTC):%Y%m%d_%H%M%S}"
    _add_display(parser)
    parser.add_argument(
        "--histogram",
        metavar="FILENAME-PREFIX",
        nargs="?",
        const=stamp,
        help="Draw box plots, one file FILENAME-PREFIX-GROUP.svg for each group. "
        f"Default: {stamp!r}.",
    )
    parser.add_argument(
        "--between",
        metavar="COLUMNS",
        type=_read(parse_columns),
        help="Put runs side by side: one row a benchmark, these columns for each run.",
    )
    parser.add_argument(
        "glob_or_file",
        nargs="*",
        help="Files, numbers, or globs such as 'PLATFORM/NAME'. Every saved run by default.",
    )
    parser.add_argument(
        "--csv",
        metavar="FILENAME",
        nargs="?",
        const=stamp,
        help=f"Write the figures to a CSV file, making its folders. Default: {stamp!r}.",
    )
    parser.add_argument(
        "-k",
        metavar="EXPR",
        dest="filter_expr",
        type=_read(parse_keywords),
        help="Only benchmarks whose name fits, as in 'json and not slow'.",
    )


def _add_display(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sort",
        metavar="COL",
        type=_read(_sort),
        default="min",
        help="The column whose figures ascend, or name or fullname. Default: %(default)r.",
    )
    parser.add_argument(
        "--group-by",
        metavar="LABEL",
        default="group",
        help=f"What makes a table: {', '.join(LABELS)} or param:NAME, several with commas. "
        "Default: %(default)r.",
    )
    parser.add_argument(
        "--columns",
        metavar="LABELS",
        type=_read(parse_columns),
        help=f"The table's columns, with commas. Default: '{', '.join(DEFAULT_COLUMNS)}'.",
    )
    parser.add_argument(
        "--name",
        metavar="FORMAT",
        type=_read(_form),
        default="normal",
        help=f"How much of a name is shown: {', '.join(FORMS)}. Default: %(default)r.",
    )
    parser.add_argument(
        "--time-unit",
        metavar="COLUMN",
        choices=["ns", "us", "ms", "s", "auto"],
        help="The unit of times: ns, us, ms, s, or auto, the default.",
    )


def _sort(text: str) -> str:
    column = text.lower().strip()
    if column == "outliers" or column not in {*COLUMNS, *SORTS}:
        raise UsageError(f"Unacceptable value: {text!r}.", remedy=f"use one of {', '.join(SORTS)}")
    return column


def _form(text: str) -> str:
    form = text.lower().strip()
    if form not in FORMS:
        raise UsageError(f"Could not parse value: {text!r}.", remedy=f"use {', '.join(FORMS)}")
    return form


def _read(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Let argparse say what is wrong with a value, beside the argument's name."""

    def read(text: str) -> Any:
        try:
            return parse(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(f"{error.problem} {error.remedy}") from error

    return read


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


_COMMANDS = (
    ("help", "Display help and exit.", "", _add_help),
    ("list", "List saved runs.", "", _nothing),
    ("compare", "Compare saved runs.", _EXAMPLES, _add_compare),
)
