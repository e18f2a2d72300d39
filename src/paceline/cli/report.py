"""``paceline report``: a recorded run, judged again by today's budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general
from paceline.cli.compare import add_judging
from paceline.cli.project import project_of
from paceline.engine.categories import categorised
from paceline.engine.history import (
    compared_with,
    recorded_with_notes,
    records_of,
    with_saved_names,
)
from paceline.engine.judgement import Took, judge
from paceline.guard.memory import default_budgets
from paceline.guard.options import GuardOptions
from paceline.probes.memory_options import MemoryOptions
from paceline.report import benchmark, csv, json, junit, markdown, summary
from paceline.report.options import TableOptions
from paceline.report.paint import bare
from paceline.report.sections import sections
from paceline.settings.policies import load_policies

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from paceline.cli.console import Console
    from paceline.engine.judgement import Judgement
    from paceline.engine.project import Project
    from paceline.guard.baseline import Recorded
    from paceline.report.document import Document

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline report                                   the newest run
  paceline report 1a2b3c4 --baseline main           a commit's run, beside a baseline
  paceline report --format md --output report.md    for a pull request
  paceline report --json | jq .counts

exit codes: as the judgement: 0, 10 budget broken, 11 regression, 12 unsure (with --strict)
"""
_WRITERS = {
    "md": markdown.render,
    "json": json.to_json,
    "csv": csv.to_csv,
    "junit": junit.to_junit,
}
_TERMINAL = "terminal"
_MARKED = frozenset({"budget", "memory_limit", "no_leaks"})


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the run, the format and how it is judged."""
    parser.add_argument(
        "run",
        metavar="RUN",
        nargs="?",
        default="latest",
        help="baseline, run, commit, latest~N or FILE.json (default: latest)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--format", choices=(_TERMINAL, *_WRITERS), default=_TERMINAL, help="as what")
    how.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )
    parser.add_argument("--output", metavar="FILE", default="", help="write to a file")
    parser.add_argument(
        "--baseline", dest="guard.baseline", metavar="NAME", help="compare with this as well"
    )
    add_judging(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Judge the run again and write the report."""
    project = project_of(arguments, console)
    judgement, notes = _judged(project, arguments.run)
    console.notes(notes)
    if arguments.format == _TERMINAL:
        to_file = arguments.output not in {"", "-"}
        text = _terminal(
            judgement.document, project.options(TableOptions), console, to_file=to_file
        )
    else:
        text = _WRITERS[arguments.format](judgement.document)
    console.put(text, arguments.output)
    return int(judgement.status)


def _judged(project: Project, reference: str) -> tuple[Judgement, tuple[str, ...]]:
    """Judge a recorded run by the project's budgets and, where one is named, a baseline."""
    options, store = project.options(GuardOptions), project.store()
    head, notes = recorded_with_notes(store, reference, root=project.root)
    against = None
    if options.baseline:
        against = compared_with(store, options.baseline, root=project.root, head=head.run)
    judgement = judge(
        head,
        (*project.budgets(), *default_budgets(project.options(MemoryOptions))),
        options,
        against=against,
        policies=load_policies(project.root),
        took=Took(categorised(records_of(store, reference, head.run))),
        whole=head.run.complete,
        notes=tuple(_unjudged(head)),
    )
    return with_saved_names(judgement, store), (*store.notes, *notes)


def _unjudged(head: Recorded) -> Iterator[str]:
    """Say what a recorded run can't be judged by: markers stand in the tests, not in the store."""
    marked = {one.case.id for one in head.measurements if _MARKED.intersection(one.case.markers)}
    if marked:
        yield f"limits in markers are judged while tests run, not here: {len(marked)} cases"


def _terminal(document: Document, options: TableOptions, console: Console, *, to_file: bool) -> str:
    """Write the table and the end block as pytest shows them."""
    paint, pure_ascii = (bare, False) if to_file else (console.paint, console.pure_ascii)
    besides = sections(document, paint=paint, pure_ascii=pure_ascii)
    parts = (
        benchmark.render(document, options, paint=paint, pure_ascii=pure_ascii),
        *(f"{paint(title, 'strong')}\n{text}" for title, text in besides),
        summary.render(document, paint=paint, pure_ascii=pure_ascii),
    )
    return "\n".join(part for part in parts if part)
