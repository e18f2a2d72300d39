"""``paceline history``: the recorded runs, or one benchmark's figures over them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general, add_json
from paceline.cli.listing import SHORT, named, runs_as_builtins, runs_table
from paceline.cli.project import project_of
from paceline.cli.series import find_series, series_as_builtins, series_text
from paceline.engine.changes import book_of, changes_of, triaged
from paceline.engine.commits import commits_of
from paceline.engine.line import lines_of
from paceline.engine.permalinks import permalinks_of
from paceline.engine.recorder import retention
from paceline.errors import UsageError
from paceline.guard.options import GuardOptions
from paceline.report.json import dumps
from paceline.store.options import StoreOptions
from paceline.store.triage import SeriesKey, State

if TYPE_CHECKING:
    from paceline.cli.console import Console
    from paceline.engine.project import Project

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline history                                 the newest runs
  paceline history test_encoding                   one benchmark's median over them
  paceline history test_encoding --metric peak_memory --limit 100
  paceline history test_encoding --triage 5d6e7f8=expected --note "a new parser"
  paceline history --branch feature/parser         the runs of one branch
  paceline history test_encoding --all-branches    figures of every branch
  paceline history --prune --dry-run               what retention would remove
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the case, its metric and how far back to look."""
    parser.add_argument(
        "case", metavar="CASE", nargs="?", default="", help="a case's id, or a part that tells it"
    )
    parser.add_argument(
        "--metric", metavar="METRIC", default="wall_time", help="which figure (default: wall_time)"
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=_positive,
        default=30,
        help="at most so many runs (default: 30)",
    )
    parser.add_argument(
        "--all-hosts", action="store_true", help="show figures of incomparable hosts as well"
    )
    _add_branches(parser)
    parser.add_argument(
        "--permalinks", action="store_true", help="name the runs by what they hold as well"
    )
    parser.add_argument(
        "--triage",
        metavar="COMMIT=STATE",
        type=_word,
        help="say what a change point is: confirmed, expected, ignored, or new again",
    )
    parser.add_argument("--note", metavar="TEXT", default="", help="with --triage: why")
    parser.add_argument("--prune", action="store_true", help="remove what retention does not keep")
    parser.add_argument("--dry-run", action="store_true", help="with --prune: remove nothing")
    add_json(parser)
    add_general(parser)


def _add_branches(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--branch", metavar="NAME", default="", help="only runs that were recorded on this branch"
    )
    where.add_argument(
        "--all-branches",
        action="store_true",
        help="figures of every branch, not of this and the main one alone",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """List, draw or prune."""
    if arguments.prune and arguments.case:
        raise UsageError("--prune is about whole runs", remedy="leave out the case")
    if arguments.dry_run and not arguments.prune:
        raise UsageError(
            "--dry-run belongs to --prune", remedy="paceline history --prune --dry-run"
        )
    if arguments.triage and not arguments.case:
        raise UsageError("--triage is about one case", remedy="paceline history CASE --triage …")
    if arguments.permalinks and arguments.case:
        raise UsageError("--permalinks is about whole runs", remedy="leave out the case")
    if arguments.note and not arguments.triage:
        raise UsageError("--note belongs to --triage", remedy="add --triage COMMIT=STATE")
    project = project_of(arguments, console)
    act = _prune if arguments.prune else _series if arguments.case else _runs
    console.say(act(arguments, project, console))
    return 0


def _runs(arguments: argparse.Namespace, project: Project, console: Console) -> str:
    store = project.store()
    runs = store.runs(limit=arguments.limit, branch=arguments.branch)
    names = named(store.baselines())
    commits = commits_of(project.root, console.environment) if runs else None
    gone = commits.gone(run.commit for run in runs) if commits else ()
    permalinks = permalinks_of(store, runs) if arguments.permalinks or arguments.json else {}
    console.notes(store.notes)
    if arguments.json:
        return dumps({"runs": runs_as_builtins(runs, names, gone=gone, permalinks=permalinks)})
    if not runs:
        on = f" on the branch {arguments.branch}" if arguments.branch else ""
        return f"no runs yet{on}\nnext     paceline run"
    more = {"Permalink": [permalinks[run.id] for run in runs]} if arguments.permalinks else {}
    return "\n".join(runs_table(runs, names, gone=gone, more=more, pure_ascii=console.pure_ascii))


def _series(arguments: argparse.Namespace, project: Project, console: Console) -> str:
    store = project.store()
    lines = lines_of(
        store.runs(),
        commits_of(project.root, console.environment),
        branch=arguments.branch,
        every=arguments.all_branches,
    )
    series = find_series(
        store,
        arguments.case,
        metric=arguments.metric,
        limit=arguments.limit,
        level=project.options(GuardOptions).level,
        all_hosts=arguments.all_hosts,
        lines=lines,
    )
    book = book_of(store)
    here = series.points[0].run.host.kind
    key = SeriesKey(series.case, series.metric.name, here)
    changes = changes_of(store, book, key, lines.main)
    if arguments.triage:
        reference, state = arguments.triage
        changes = triaged(changes, book, reference, state, note=arguments.note)
    console.notes(store.notes)
    if arguments.json:
        return dumps(series_as_builtins(series, changes))
    return series_text(series, changes, pure_ascii=console.pure_ascii)


def _prune(arguments: argparse.Namespace, project: Project, console: Console) -> str:
    store = project.store()
    removed = store.prune(retention(project.options(StoreOptions)), dry_run=arguments.dry_run)
    console.notes(store.notes)
    if arguments.json:
        return dumps({"removed": list(removed), "dry_run": arguments.dry_run})
    done = "would be removed" if arguments.dry_run else "removed"
    return "\n".join([f"runs {done}: {len(removed)}", *(f"  {one[:SHORT]}" for one in removed)])


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count above zero")
    return int(text)


def _word(text: str) -> tuple[str, State]:
    """Read ``COMMIT=STATE``."""
    reference, _, name = text.partition("=")
    states = [state.value for state in State]
    if not reference or name not in states:
        raise argparse.ArgumentTypeError(f"{text!r} is not COMMIT={'|'.join(states)}")
    return reference, State(name)
