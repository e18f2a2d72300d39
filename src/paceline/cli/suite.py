"""``paceline suite``: where the time of a recorded run of tests goes."""

from __future__ import annotations

import argparse
import functools
from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general, add_json
from paceline.cli.listing import SHORT, commit_of, when
from paceline.cli.project import project_of
from paceline.cli.sparkline import sparkline
from paceline.engine.categories import categorised, category_times, kind_of
from paceline.engine.references import Finder
from paceline.errors import StoreError
from paceline.guard.gate import exit_status
from paceline.guard.options import GuardOptions
from paceline.guard.resources import judge_resources
from paceline.guard.suite import suite_budgets
from paceline.report.json import dumps
from paceline.report.suite import survey, to_data
from paceline.report.suite_text import View, render
from paceline.report.timeline import to_svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.cli.console import Console
    from paceline.engine.project import Project
    from paceline.model import Measurement, Resources, Run, Verdict
    from paceline.report.suite import Suite
    from paceline.store.sqlite import Store

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline suite                          the newest run that left records
  paceline suite --by fixture             what shared fixtures cost
  paceline suite --top 50 --least 0.01    more of the slowest tests
  paceline suite 1a2b3c4 --last 50        a commit's run, and trends over 50 runs
  paceline suite --svg timeline.svg       who ran what and when

exit codes: 0, 10 budget broken, 12 unsure (with --strict)
"""
_LOOKED_AT = 50
_VIEWS = tuple(view.value for view in View if view is not View.ALL)
_RUN_TIMES = frozenset({"run_time", "run_collection_time"})


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the run, what to look at and how far back."""
    parser.add_argument(
        "run",
        metavar="RUN",
        nargs="?",
        default="",
        help="baseline, run, commit or latest~N (default: the newest with records)",
    )
    parser.add_argument(
        "--last", metavar="N", type=_whole, default=10, help="runs in a trend (default: 10)"
    )
    parser.add_argument(
        "--top", metavar="N", type=_whole, default=20, help="lines of a table (default: 20)"
    )
    parser.add_argument(
        "--least",
        metavar="SECONDS",
        type=_seconds,
        default=0.05,
        help="leave out faster tests (default: 0.05)",
    )
    parser.add_argument("--by", choices=_VIEWS, default=View.ALL.value, help="only this side of it")
    parser.add_argument("--svg", metavar="FILE", default="", help="draw the timeline into a file")
    parser.add_argument(
        "--strict",
        dest="guard.strict",
        action="store_const",
        const=True,
        help="end with 12 where a budget can't be judged",
    )
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Look at the run from all sides and judge it by the budgets of its suite."""
    project = project_of(arguments, console)
    store = project.store()
    finder = Finder(store, project.root, console.environment)
    found, records = _recorded(store, arguments.run, finder)
    suite = _surveyed(project, store, found, records, arguments)
    console.notes(store.notes)
    if arguments.svg:
        console.put(to_svg(suite.workers), arguments.svg)
    if arguments.json:
        console.say(dumps(to_data(suite)))
    else:
        draw = functools.partial(sparkline, pure_ascii=console.pure_ascii)
        name = f"run      {found.id[:SHORT]}  {when(found)}  {commit_of(found)}".rstrip()
        shown = render(
            suite,
            View(arguments.by),
            top=arguments.top,
            draw=draw,
            paint=console.paint,
            pure_ascii=console.pure_ascii,
        )
        console.say(f"{name}\n{shown}")
    return int(exit_status(suite.verdicts, strict=project.options(GuardOptions).strict))


def _recorded(store: Store, reference: str, finder: Finder) -> tuple[Run, tuple[Resources, ...]]:
    """Find the run that is asked for, or the newest that left records.

    Raises:
        StoreError: there is none.
    """
    runs = (finder.find(reference).run,) if reference else store.runs(limit=_LOOKED_AT)
    for one in runs:
        records = store.resources(one.id)
        if records:
            return one, records
    which = f"run {reference!r} left" if reference else "there are"
    raise StoreError(
        f"{which} no records of tests",
        remedy="run `paceline run` first, with records on (paceline.resources is not off)",
    )


def _surveyed(
    project: Project,
    store: Store,
    found: Run,
    records: tuple[Resources, ...],
    arguments: argparse.Namespace,
) -> Suite:
    last: int = arguments.last
    measurements = store.measurements(found.id)
    points = store.trend("run", "run_time", limit=last + _LOOKED_AT)
    walls = [one.mean for one in points if one.started <= found.started][:last]
    return survey(
        found,
        records,
        measurements,
        category=kind_of,
        verdicts=_verdicts(project, records, measurements),
        walls=walls[::-1],
        times=lambda case: store.times(case, limit=last)[::-1],
        top=arguments.top,
        least=arguments.least,
    )


def _verdicts(
    project: Project, records: Sequence[Resources], measurements: Sequence[Measurement]
) -> tuple[Verdict, ...]:
    """Judge what takes time by today's budgets."""
    times = [one for one in measurements if one.metric.name in _RUN_TIMES]
    return judge_resources(
        suite_budgets(project.budgets()),
        categorised(records),
        (*times, *category_times(records)),
        level=project.options(GuardOptions).level,
    )


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count above zero")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0 on")
    return seconds
