"""``paceline leaks``: call functions again and again and say what they don't give back."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import paceline
from paceline.cli.arguments import add_general, add_json
from paceline.engine.leaks.fresh import Terms, check_fresh, names_of
from paceline.errors import UsageError
from paceline.report.leaks import render, to_json
from paceline.stats.leak import ROUNDS, LeakVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paceline.cli.console import Console
    from paceline.stats.leak import LeakResult

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline leaks app/cache.py              every public function there that takes no arguments
  paceline leaks app/cache.py::refresh     one of them
  paceline leaks app.cache::Pool.cycle     of a module, a method of a class
  paceline leaks checks.py --json          for programs
  paceline leaks checks.py --time 10       ten seconds for each that looks suspicious

Each function is called in a fresh process of its own, coroutine functions on one event loop.

exit codes: 0 no leak, 2 usage, 10 a leak, 12 unsure (with --strict), 130 interrupted
"""
_LEAK, _UNSURE = 10, 12


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the functions and how long each is looked at."""
    parser.add_argument(
        "targets",
        metavar="FILE[::NAME]",
        nargs="+",
        help="a file or dotted module, and one callable in it",
    )
    parser.add_argument(
        "--calls",
        metavar="N",
        type=_number,
        help="the most calls of one stage (default: 20000, more where growth is uneven)",
    )
    parser.add_argument(
        "--time",
        metavar="S",
        type=_seconds,
        help="seconds for a function that looks suspicious (default: 1)",
    )
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=_seconds,
        default=60.0,
        help="seconds after which a process is given up (default: 60)",
    )
    parser.add_argument("--strict", action="store_true", help="end with 12 where one is unsure")
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Check every function and say what was found."""
    results = list(_checked(arguments, console))
    if arguments.json:
        version = platform.python_version()
        console.say(to_json(results, paceline=paceline.__version__, python=version))
    else:
        console.say(render(results, paint=console.paint, pure_ascii=console.pure_ascii))
    verdicts = {one.verdict for one in results}
    if LeakVerdict.LEAK in verdicts:
        return _LEAK
    return _UNSURE if arguments.strict and LeakVerdict.UNSURE in verdicts else 0


def _checked(arguments: argparse.Namespace, console: Console) -> Iterator[LeakResult]:
    terms = _terms(arguments)
    named = [pair for target in arguments.targets for pair in names_of(target, terms)]
    for at, (file, name) in enumerate(named, start=1):
        if console.live:
            console.note(f"{at} of {len(named)}: {file}::{name}")
        yield check_fresh(file, name, terms)


def _terms(arguments: argparse.Namespace) -> Terms:
    if not Path(arguments.project).is_dir():
        raise UsageError(f"{arguments.project!r} is no folder", remedy="name one by --project")
    limits: list[tuple[str, float]] = []
    if arguments.calls is not None:
        limits += [("most_calls", max(1, arguments.calls // ROUNDS)), ("longer", 1)]
    if arguments.time is not None:
        limits.append(("seconds", arguments.time))
    return Terms(arguments.project, arguments.timeout, tuple(limits))


def _seconds(text: str) -> float:
    return _positive(text, float)


def _number(text: str) -> int:
    return int(_positive(text, int))


def _positive(text: str, kind: type[float]) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return value
