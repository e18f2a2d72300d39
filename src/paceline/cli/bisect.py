"""``paceline bisect``: find the commit at which a benchmark became slower or faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.cli.ab import add_terms, compared, plan_for, sides_of
from paceline.cli.arguments import add_general, add_json
from paceline.cli.project import project_of
from paceline.engine.paired.bisect import Bisected, Step, bisect
from paceline.engine.paired.options import AbOptions
from paceline.engine.revisions import find_repository
from paceline.errors import MeasureError, UsageError
from paceline.guard.bisection import steps_left
from paceline.guard.limit import nearest
from paceline.guard.selection import named
from paceline.report.ab import arms, percent
from paceline.report.json import dumps

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from paceline.cli.console import Console
    from paceline.engine.project import Project
    from paceline.engine.revisions import Commit
    from paceline.guard.outcome import Outcome
    from paceline.guard.paired import Decision

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline bisect test_parse --good v1.2              between a tag and HEAD
  paceline bisect 'test_parse[big]' --good v1.2 --bad v1.3
  paceline bisect bench/test_a.py::test_parse --good HEAD~20 --resolution 2%

Each step compares a commit with the good one in process pairs until it is decided; what was flagged
is measured again. The first parents are followed: a merge is one step.

exit codes: 0 found, 2 usage, 13 the ends don't differ, 130 interrupted
"""
_PARTS = 4  # of half the change: what counts as being beyond it


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the benchmark, the two ends and how they are compared."""
    parser.add_argument("case", metavar="CASE", help="one benchmark's name or id")
    parser.add_argument("--good", metavar="REVISION", required=True, help="where it was good")
    parser.add_argument("--bad", metavar="REVISION", default="HEAD", help="where it is bad (HEAD)")
    add_terms(parser, whole="one step")
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Find the commit, saying every step."""
    project = project_of(arguments, console)
    commits = _commits(arguments, project, console)
    subjects = {one.id: one.subject for one in commits}
    console.note(
        f"{len(commits)} commits between {arguments.good} and {arguments.bad}, "
        f"about {steps_left(len(commits))} to measure"
    )
    options = project.options(AbOptions)

    def measure(base: str, head: str, reference: float) -> Decision | None:
        resolution = abs(reference) / _PARTS * 2 if reference else options.resolution
        plan = plan_for(options, resolution=resolution, reference=reference)
        sides = sides_of((base, head), project, console, paths=_paths(arguments.case), quiet=True)
        outcomes = compared(sides, plan, _selected(arguments.case), console).outcomes
        return _one(arguments.case, outcomes).decision

    def watch(step: Step) -> None:
        console.note(_said(step, subjects))

    good = _id(arguments.good, project, console)
    found = bisect(good, [one.id for one in commits], measure, watch=watch)
    if arguments.json:
        console.say(dumps(_as_builtins(arguments.case, found, subjects)))
    else:
        console.say(_text(arguments.case, found, subjects))
    return 0


def _commits(arguments: argparse.Namespace, project: Project, console: Console) -> Sequence[Commit]:
    repository = find_repository(project.root, console.environment)
    if repository is None:
        raise UsageError(
            f"{str(project.root)!r} is in no git repository", remedy="bisect needs one"
        )
    ends = [_id(name, project, console) for name in (arguments.good, arguments.bad)]
    commits = repository.history(*ends)
    if not commits:
        raise UsageError(
            f"no commit lies between {arguments.good!r} and {arguments.bad!r}",
            remedy="name a good revision from which the bad one was made",
        )
    return commits


def _id(name: str, project: Project, console: Console) -> str:
    repository = find_repository(project.root, console.environment)
    commit = repository.commit_of(name) if repository else ""
    if not commit:
        raise UsageError(f"{name!r} names no commit", remedy="git log --oneline shows them")
    return commit


def _paths(case: str) -> tuple[str, ...]:
    return (case.partition("::")[0],) if "::" in case else ()


def _selected(case: str) -> tuple[str, ...]:
    """Give the pytest arguments that leave this benchmark and as few others as can be."""
    if "::" in case:
        return (case.partition("#")[0],)
    return ("-k", case.partition("[")[0].partition("#")[0])


def _one(case: str, outcomes: Sequence[Outcome]) -> Outcome:
    """Find the outcome that a name means.

    Raises:
        UsageError: none, or several.
    """
    meant = [one for one in outcomes if named(case, one.case) or case == one.case.id]
    if len(meant) == 1:
        return meant[0]
    names = tuple(str(one.case.id) for one in meant or outcomes)
    if not meant:
        raise MeasureError(f"no benchmark is called {case!r}", remedy=nearest(case, names))
    raise UsageError(f"{len(meant)} benchmarks match {case!r}", remedy=f"name one: {names[0]}")


def _change(decision: Decision | None) -> str:
    return f"{percent(decision.shown)} {arms(decision.shown)}" if decision else "not measured"


def _said(step: Step, subjects: dict[str, str]) -> str:
    return f"{step.position.value:7} {step.commit[:10]}  {subjects[step.commit]}"


def _text(case: str, found: Bisected, subjects: dict[str, str]) -> str:
    lines = [f"{case}: {_change(found.whole)} from good to bad"]
    if len(found.candidates) == 1:
        (commit,) = found.candidates
        lines.append(f"first bad commit: {commit[:10]}  {subjects[commit]}")
    else:
        lines.append("the first bad commit is one of these, which could not be told apart:")
        lines += [f"  {commit[:10]}  {subjects[commit]}" for commit in found.candidates]
    lines.append(f"its own change: {_change(found.step)}")
    return "\n".join(lines)


def _as_builtins(case: str, found: Bisected, subjects: dict[str, str]) -> dict[str, Any]:
    return {
        "schema": "paceline-bisect",
        "version": 1,
        "case": case,
        "candidates": [
            {"commit": commit, "subject": subjects[commit]} for commit in found.candidates
        ],
        "whole": _estimate(found.whole),
        "step": _estimate(found.step),
        "steps": [{"commit": step.commit, "position": step.position.value} for step in found.steps],
    }


def _estimate(decision: Decision | None) -> dict[str, float] | None:
    if decision is None:
        return None
    shown = decision.shown
    return {"point": shown.point, "low": shown.low, "high": shown.high, "level": shown.level}
