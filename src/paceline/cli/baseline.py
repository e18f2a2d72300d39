"""``paceline baseline``: runs kept under names, out of reach of retention."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general, add_json
from paceline.cli.listing import SHORT, commit_of, named, runs_as_builtins, runs_table, when
from paceline.cli.project import project_of
from paceline.engine.commits import commits_of
from paceline.engine.permalinks import permalinks_of
from paceline.engine.references import Finder
from paceline.errors import StoreError, UsageError
from paceline.guard.limit import nearest
from paceline.report.benchmark import render
from paceline.report.document import build
from paceline.report.json import dumps, to_json
from paceline.report.options import TableOptions

if TYPE_CHECKING:
    import argparse

    from paceline.cli.console import Console
    from paceline.engine.project import Project
    from paceline.model import Run, RunId

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline baseline save main                 keep the newest run as "main"
  paceline baseline save v2 --run 1a2b3c4     keep a commit's run
  paceline baseline promote                   make the newest run "main", whatever it was
  paceline baseline list
  paceline baseline show main
  paceline baseline remove v2 --dry-run
"""
_SENTENCES = {
    "save": "Keep a run under a name.",
    "promote": "Make a run the baseline of a name, replacing what it was.",
    "list": "List the names.",
    "show": "Show the run behind a name and its figures.",
    "remove": "Remove a name; the run stays until retention takes it.",
}


def declare(parser: argparse.ArgumentParser) -> None:
    """Add one parser for each action."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, sentence in _SENTENCES.items():
        one = actions.add_parser(name, help=sentence, description=sentence, allow_abbrev=False)
        if name == "promote":
            one.add_argument(
                "name", metavar="NAME", nargs="?", default="main", help="default: main"
            )
        elif name != "list":
            one.add_argument("name", metavar="NAME", help="the baseline's name")
        if name in {"save", "promote"}:
            one.add_argument(
                "--run",
                metavar="RUN",
                default="latest",
                help="baseline, branch, run, git revision or latest~N (default: latest)",
            )
        if name == "save":
            one.add_argument("--replace", action="store_true", help="replace what has the name")
        if name not in {"list", "show"}:
            one.add_argument("--dry-run", action="store_true", help="say it, change nothing")
        add_json(one)
        add_general(one)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Do the action."""
    project = project_of(arguments, console)
    text = _ACTIONS[arguments.action](arguments, project, console)
    console.say(text)
    return 0


def _save(arguments: argparse.Namespace, project: Project, console: Console) -> str:
    store, name = project.store(), arguments.name
    finder = Finder(store, project.root, console.environment)
    found, notes, _hides = finder.find(arguments.run)
    console.notes(notes)
    if not found.complete:
        raise UsageError(
            f"run {found.id[:SHORT]} is incomplete: it was cut off",
            remedy="keep a complete run; `paceline history` says which are",
        )
    before = next((one.run for one in store.baselines() if one.name == name), None)
    replace = arguments.action == "promote" or arguments.replace
    if not arguments.dry_run:
        store.save_baseline(name, found.id, replace=replace)
    elif before and not replace:
        raise StoreError(f"there is a baseline {name!r} already", remedy="replace it by --replace")
    console.notes(store.notes)
    if arguments.json:
        return dumps(
            {"name": name, "run": found.id, "before": before, "dry_run": arguments.dry_run}
        )
    kept = "would be" if arguments.dry_run else "is"
    instead = f", instead of run {before[:SHORT]}" if before and before != found.id else ""
    return f"baseline {name} {kept} run {_said(found)}{instead}\nnext     paceline compare {name}"


def _list(arguments: argparse.Namespace, project: Project, console: Console) -> str:
    store = project.store()
    baselines = store.baselines()
    names = named(baselines)
    runs = [store.run(one) for one in names]
    commits = commits_of(project.root, console.environment) if runs else None
    gone = commits.gone(run.commit for run in runs) if commits else ()
    console.notes(store.notes)
    if arguments.json:
        saved = {one.name: {"run": one.run, "saved": one.saved} for one in baselines}
        permalinks = permalinks_of(store, runs)
        told = runs_as_builtins(runs, names, gone=gone, permalinks=permalinks)
        return dumps({"baselines": saved, "runs": told})
    if not runs:
        return "no baselines yet\nnext     paceline baseline save main"
    more = {"Age": [_age(time.time() - run.started) for run in runs]}
    return "\n".join(runs_table(runs, names, gone=gone, more=more, pure_ascii=console.pure_ascii))


def _show(arguments: argparse.Namespace, project: Project, console: Console) -> str:
    store = project.store()
    found = store.run(_known(arguments.name, project))
    document = build(found, store.measurements(found.id))
    console.notes(store.notes)
    if arguments.json:
        return to_json(document)
    host = found.host
    facts = f"{host.cpu}, {host.cores} cores, {host.system}, {host.python}"
    table = render(
        document,
        project.options(TableOptions),
        paint=console.paint,
        pure_ascii=console.pure_ascii,
    )
    return f"baseline {arguments.name} is run {_said(found)}\n{facts}\n\n{table}"


def _remove(arguments: argparse.Namespace, project: Project, console: Console) -> str:
    store, name = project.store(), arguments.name
    found = _known(name, project)
    if not arguments.dry_run:
        store.remove_baseline(name)
    console.notes(store.notes)
    if arguments.json:
        return dumps({"name": name, "run": found, "dry_run": arguments.dry_run})
    done = "would be removed" if arguments.dry_run else "is removed"
    return f"baseline {name} {done}; run {found[:SHORT]} stays until retention takes it"


def _age(seconds: float) -> str:
    """Write how long ago a run started, in days, or in hours on the first."""
    days = int(seconds // 86_400)
    return f"{days:,} d" if days else f"{max(int(seconds // 3600), 0)} h"


def _known(name: str, project: Project) -> RunId:
    """Give the run behind a name.

    Raises:
        StoreError: no baseline has this name.
    """
    names = {one.name: one.run for one in project.store().baselines()}
    if name not in names:
        raise StoreError(
            f"no baseline {name!r}",
            remedy=nearest(name, tuple(names)) if names else "paceline baseline save main",
        )
    return names[name]


def _said(found: Run) -> str:
    commit = commit_of(found)
    return f"{found.id[:SHORT]} of {when(found)}" + (f", commit {commit}" if commit else "")


_ACTIONS = {"save": _save, "promote": _save, "list": _list, "show": _show, "remove": _remove}
