"""``paceline compare``: two recorded runs, case by case, with the interval of every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general, add_json
from paceline.cli.project import project_of
from paceline.engine.commits import commits_of
from paceline.engine.history import lineage, permalink, recorded_with_notes
from paceline.engine.judgement import silent_rules
from paceline.engine.permalinks import split
from paceline.errors import UsageError
from paceline.guard.baseline import Recorded, judge_against
from paceline.guard.gate import exit_status
from paceline.guard.grammar import parse_rule
from paceline.guard.limit import nearest
from paceline.guard.options import GuardOptions, Spread
from paceline.guard.policy import apply
from paceline.guard.selection import named
from paceline.report.comparison import Comparison, Relation, render, to_json
from paceline.settings.policies import load_policies

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from paceline.cli.console import Console
    from paceline.engine.commits import Commits
    from paceline.engine.project import Project
    from paceline.model import Case, Run
    from paceline.store.sqlite import Store

__all__ = ["add_judging", "declare", "run"]

EXAMPLES = """\
  paceline compare main                       the newest run with the baseline "main"
  paceline compare latest~1 --threshold 5%    the last two runs
  paceline compare 1a2b3c4 5d6e7f8            two commits, or 1a2b3c4..5d6e7f8
  paceline compare nearest                    with where this branch left the main one
  paceline compare HEAD~3                     any revision that git knows and that was measured
  paceline compare main.json -k encoding      an exported file, some benchmarks only
  paceline compare main --fail-on mean:10%    a rule decides alone about its metric

exit codes: 0 no regression, 11 a regression, 12 unsure (with --strict), 14 no such run
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the two runs and how they are judged."""
    parser.add_argument(
        "base",
        metavar="BASE",
        help="baseline, branch, run, git revision, nearest, latest~N or FILE.json; or BASE..HEAD",
    )
    parser.add_argument(
        "head", metavar="HEAD", nargs="?", default="", help="likewise (default: latest)"
    )
    parser.add_argument(
        "-k",
        "--name",
        metavar="PATTERN",
        default="",
        help="only cases whose id, name or path matches or holds it",
    )
    add_judging(parser)
    add_json(parser)
    add_general(parser)


def add_judging(parser: argparse.ArgumentParser) -> None:
    """Add the settings of a judgement; each bears the key of its option."""
    parser.add_argument(
        "--threshold",
        dest="guard.threshold",
        metavar="SHARE",
        help="the smallest relative change that counts, as in 5%%",
    )
    parser.add_argument(
        "--fail-on",
        dest="guard.fail_on",
        metavar="RULE",
        action="append",
        help="what counts as a regression, as in mean:10%%; may be repeated",
    )
    parser.add_argument(
        "--spread",
        dest="guard.spread",
        metavar="SOURCE",
        help="judge by how far earlier runs lie apart (history) or by these alone (process)",
    )
    parser.add_argument(
        "--strict",
        dest="guard.strict",
        action="store_const",
        const=True,
        help="exit with 12 when a figure is too noisy, or too incomparable, to judge",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Judge the head against the base and say what differs."""
    project = project_of(arguments, console)
    options, store = project.options(GuardOptions), project.store()
    names = _sides(arguments)
    base, head = _load(names, project, store, console)
    link = permalink(store, names, (base, head), root=project.root)
    if arguments.name:
        base, head = _only(arguments.name, base, head)
    policies = load_policies(project.root)
    alone = options.spread is Spread.PROCESS
    found = judge_against(
        base,
        head,
        name=names[0],
        rules=tuple(parse_rule(rule) for rule in options.fail_on),
        threshold=options.threshold,
        level=options.level,
        whole=head.run.complete,
        history=None if alone else lineage(store, base, head.run),
        policies=policies,
    )
    ruled = apply(found.verdicts, policies)
    console.notes((*silent_rules(options.fail_on, head), *ruled.notes))
    commits = commits_of(project.root, console.environment)
    relation = _relation(base.run, head.run, commits)
    said = Comparison(base.run, head.run, ruled.verdicts, found.gone, relation, link)
    if arguments.json:
        console.say(to_json(said))
    else:
        console.notes((*_unknown(said, commits), *_warnings(said)))
        console.say(render(said, paint=console.paint, pure_ascii=console.pure_ascii))
    return int(exit_status(ruled.failing, strict=options.strict))


def _sides(arguments: argparse.Namespace) -> tuple[str, str]:
    """Give the names of base and head, which may stand in one word.

    Raises:
        UsageError: two heads.
    """
    base, head = split(arguments.base)
    if head and arguments.head:
        raise UsageError(
            f"{arguments.base!r} names a head already", remedy=f"leave out {arguments.head!r}"
        )
    return base, head or arguments.head or "latest"


def _load(
    names: tuple[str, str], project: Project, store: Store, console: Console
) -> tuple[Recorded, Recorded]:
    """Load base and head and say how they were found."""

    def load(name: str, beside: Run | None = None) -> tuple[Recorded, tuple[str, ...]]:
        environ = console.environment
        return recorded_with_notes(store, name, root=project.root, head=beside, environ=environ)

    in_file = load(names[0]) if names[0].endswith(".json") else None
    head, of_head = load(names[1])
    base, of_base = in_file or load(names[0], head.run)
    console.notes((*store.notes, *of_base, *of_head))
    return base, head


def _relation(base: Run, head: Run, commits: Commits | None) -> Relation | None:
    """Ask git how two commits lie to each other."""
    away = commits.distance(base.commit, head.commit) if commits else None
    if commits is None or away is None:
        return None
    unsure = commits.shallow and away.behind
    return Relation(away.behind, away.ahead, None if unsure else not away.behind)


def _unknown(said: Comparison, commits: Commits | None) -> Iterator[str]:
    """Name the commits that git can't place."""
    known = commits.known((said.base.commit, said.head.commit)) if commits else ()
    for side, run in (("base", said.base), ("head", said.head)):
        if commits and run.commit and run.commit not in known:
            yield f"git doesn't hold the {side}'s commit {run.commit[:7]}: rebased, or not fetched"


def _only(pattern: str, *sides: Recorded) -> Iterator[Recorded]:
    """Leave out the cases that a pattern does not name.

    Raises:
        UsageError: it names none on either side.
    """
    known = {one.case.id: one.case for side in sides for one in side.measurements}
    kept = {case for case in known.values() if _names(pattern, case)}
    if not kept:
        names = tuple(sorted({case.name for case in known.values()}))
        raise UsageError(f"no case matches {pattern!r}", remedy=nearest(pattern, names))
    ids = {case.id for case in kept}
    for side in sides:
        yield Recorded(side.run, tuple(one for one in side.measurements if one.case.id in ids))


def _names(pattern: str, case: Case) -> bool:
    return named(pattern, case) or pattern in case.id


def _warnings(said: Comparison) -> Iterator[str]:
    """Say what bears on every line of the table."""
    for side, run in (("base", said.base), ("head", said.head)):
        if not run.complete:
            yield f"the {side} is an incomplete run: it was cut off"
        if run.dirty:
            yield f"the {side} was measured with local changes to commit {run.commit[:7]}"
    for difference in said.base.host.differences(said.head.host):
        yield f"hosts differ in {difference}: nothing is judged across them"
