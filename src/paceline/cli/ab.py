"""``paceline ab``: judge a change from two trees, side by side on this machine."""

from __future__ import annotations

import dataclasses
import math
import os
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.cli.arguments import add_general, add_json
from paceline.cli.live import Live
from paceline.cli.project import project_of
from paceline.engine.paired.options import AbOptions
from paceline.engine.paired.suite import Plan, compare_sides
from paceline.engine.paired.variants import variants_of
from paceline.engine.paired.worker import Start
from paceline.engine.revisions import cache_folder, changed_bodies, prepare, provenance
from paceline.errors import UsageError
from paceline.guard.outcome import held_to, status_of, verdicts_of
from paceline.guard.paired import Terms, terms_for
from paceline.guard.policy import apply, is_goal, threshold_for
from paceline.model import CaseId
from paceline.report.ab import progress, render, to_json
from paceline.report.differential import differential_table
from paceline.report.flamegraph import differential_flamegraph
from paceline.settings.policies import load_policies
from paceline.stats.differential import differences

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from paceline.cli.console import Console
    from paceline.engine.project import Project
    from paceline.engine.revisions import Side
    from paceline.guard.outcome import Compared, Outcome
    from paceline.guard.policy import Policy
    from paceline.model import Case

__all__ = ["add_terms", "compared", "declare", "plan_for", "run", "sides_of"]

EXAMPLES = """\
  paceline ab                              the working tree against the merge base with main
  paceline ab main                         ... against another revision
  paceline ab v1.2 v1.3 -- performance     two revisions, the benchmarks of one folder
  paceline ab ../old ../new                two folders
  paceline ab --base requests==2.31.0 --head requests==2.32.3
  paceline ab --base impl=loop --head impl=numpy      two parameters of one benchmark
  paceline ab --base jit=off --head jit=on --at-most 0.5      a claim: half the time or less
  paceline ab --explain report             which functions account for a change
  paceline ab --resolution 1% --time 5min  find smaller changes, for longer

what follows -- is pytest's: paths, -k, -n0, --no-cov

exit codes: 0 no regression, 10 a claim is broken, 11 a regression, 12 unsure (with --strict),
1 a benchmark fails on the head, 2 usage, 130 interrupted
"""


_PROCESSES = 3  # of each side in which instructions are counted: the smallest count stands


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the two sides and how they are compared."""
    _add_sides(parser)
    add_terms(parser, whole="it")
    _add_course(parser)
    add_json(parser)
    add_general(parser)


def add_terms(parser: argparse.ArgumentParser, *, whole: str) -> None:
    """Add what a comparison of process pairs is to find, and how long ``whole`` may take."""
    parser.add_argument(
        "--resolution",
        dest="ab.resolution",
        metavar="SHARE",
        help="the smallest change to find, as in 1%%; half of it counts",
    )
    parser.add_argument(
        "--error",
        dest="ab.error",
        metavar="SHARE",
        help="how often the whole suite may raise a false alarm (default: 1%%)",
    )
    parser.add_argument(
        "--time",
        dest="ab.time",
        metavar="TIME",
        help=f"the most time that {whole} may take, as in 5min",
    )


def _add_sides(parser: argparse.ArgumentParser) -> None:
    usual = {
        "base": "revision, folder or release (default: the merge base with main)",
        "head": "likewise (default: the working tree, uncommitted changes included)",
    }
    for name, said in usual.items():
        parser.add_argument(name, metavar=name.upper(), nargs="?", default=None, help=said)
    for name in usual:
        parser.add_argument(
            f"--{name}", dest=f"{name}_named", metavar=name.upper(), help="the same, by name"
        )
    parser.add_argument(
        "--base-benchmarks",
        action="store_true",
        help="let the base run its own benchmark files, not the head's",
    )


def _add_course(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at-most",
        metavar="RATIO",
        type=_ratio,
        default=0.0,
        help="claim that head takes at most so many times what base takes, as in 0.5",
    )
    parser.add_argument(
        "--pairs",
        metavar="N",
        type=_count,
        default=0,
        help="take exactly N process pairs of everything and decide at the end",
    )
    parser.add_argument(
        "--instructions",
        action="store_true",
        help="count instructions as well (valgrind, hardware counters or interpreter events)",
    )
    parser.add_argument(
        "--explain",
        metavar="DIR",
        default="",
        help="count, and say which functions changed: a table, and a flame graph in DIR",
    )
    parser.add_argument("--seed", metavar="N", type=int, default=None, help="fix the random order")
    parser.add_argument("--dry-run", action="store_true", help="prepare both sides and say them")
    parser.add_argument("--strict", action="store_true", help="exit with 12 when one is unsure")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Prepare both sides, compare them and say what differs."""
    project = project_of(arguments, console)
    options = project.options(AbOptions)
    policies = load_policies(project.root)
    asked = (_one(arguments, "base"), _one(arguments, "head"))
    variants = variants_of(*asked)
    sides = sides_of(
        (str(project.root),) * 2 if variants else asked,
        project,
        console,
        paths=_paths(arguments.others, project.root),
        own_benchmarks=arguments.base_benchmarks,
    )
    if arguments.dry_run:
        return 0
    plan = dataclasses.replace(
        plan_for(
            options,
            resolution=options.resolution,
            reference=math.log(arguments.at_most or 1),
            policies=policies,
        ),
        variants=variants,
        exactly=arguments.pairs,
        seed=arguments.seed,
        processes=_PROCESSES if arguments.instructions or arguments.explain else 0,
        explains=bool(arguments.explain),
    )
    found = compared(sides, plan, arguments.others, console, alike=bool(variants))
    found, status = _weighed(found, arguments, policies, base=sides[0].said)
    if not variants:
        changed = _changed(sides, found.outcomes)
        found = dataclasses.replace(found, notes=(*found.notes, *changed))
    said = [side.said for side in sides]
    if variants:
        said = [f"{name} in {side}" for name, side in zip(asked, said, strict=True)]
    terms = terms_for(options.resolution, cases=max(len(found.outcomes), 1), error=options.error)
    _say(found, (sides, said), arguments, console, terms=terms, status=status)
    return status


def _weighed(
    found: Compared, arguments: argparse.Namespace, policies: Sequence[Policy], *, base: str
) -> tuple[Compared, int]:
    """Hold the outcomes to a claim and to their groups' policies; give the exit status as well."""
    if arguments.at_most:
        held = tuple(held_to(one, arguments.at_most) for one in found.outcomes)
        found = dataclasses.replace(found, outcomes=held)
    ruled = apply(verdicts_of(found.outcomes, subject=f"ab {base}"), policies)
    goals = (f"{one.case.name}: {one.because}" for one in ruled.verdicts if is_goal(one))
    status = status_of(found.outcomes, ruled.failing, strict=arguments.strict)
    notes = (*found.notes, *ruled.notes, *goals)
    return dataclasses.replace(found, notes=notes), int(status)


def _say(  # noqa: PLR0913  (what a report is made from)
    found: Compared,
    both: tuple[tuple[Side, Side], Sequence[str]],
    arguments: argparse.Namespace,
    console: Console,
    *,
    terms: Terms,
    status: int,
) -> None:
    """Write the report, as text or as JSON, and the flame graphs of what changed."""
    sides, said = both
    if arguments.json:
        base, head = map(_side_as_builtins, sides)
        console.say(to_json(found, base=base, head=head, status=status, terms=terms))
    else:
        console.say(
            render(
                found,
                base=said[0],
                head=said[1],
                threshold=terms.threshold,
                paint=console.paint,
                pure_ascii=console.pure_ascii,
            )
        )
        _say_functions(found, console)
    for case, profiles in found.profiles.items():
        name = re.sub(r"[^\w.-]+", "_", case.rpartition("::")[2])
        file = Path(arguments.explain) / f"{name}.svg"
        console.put(differential_flamegraph(*profiles), str(file))


def _say_functions(found: Compared, console: Console) -> None:
    """Say which functions account for each change that was explained."""
    blind = {one.case.id: one.counted.blind_to for one in found.outcomes if one.counted}
    for case, profiles in found.profiles.items():
        table = differential_table(
            differences(*profiles),
            blind_to=blind.get(CaseId(case), ""),
            paint=console.paint,
            pure_ascii=console.pure_ascii,
        )
        if table:
            console.say(f"{case}\n{table}")


def sides_of(  # noqa: PLR0913  (keyword-only, each is one setting of the sides)
    asked: tuple[str | None, str | None],
    project: Project,
    console: Console,
    *,
    paths: Sequence[str] = (),
    own_benchmarks: bool = False,
    quiet: bool = False,
) -> tuple[Side, Side]:
    """Prepare both sides, and say them unless ``quiet``."""
    sides = prepare(
        *asked,
        root=project.root,
        environ=console.environment,
        cache=cache_folder(console.environment),
        say=console.note,
        benchmarks=paths,
        use_base_benchmarks=own_benchmarks,
    )
    if not quiet:
        for side in sides:
            console.note(f"{side.name}  {side.said}")
            console.notes(side.notes)
    return sides


def plan_for(
    options: AbOptions,
    *,
    resolution: float,
    reference: float = 0.0,
    policies: Sequence[Policy] = (),
) -> Plan:
    """Plan a comparison that finds changes of ``resolution`` from a reference, a log ratio.

    A group's policy may set a threshold of its own, which is half of what is found there.
    """

    def terms(case: Case, cases: int) -> Terms:
        threshold = threshold_for(case, policies, resolution / 2)
        return terms_for(2 * threshold, cases=cases, error=options.error)

    return Plan(
        terms=terms,
        seconds=options.time,
        reference=reference,
    )


def compared(
    sides: tuple[Side, Side],
    plan: Plan,
    others: Sequence[str],
    console: Console,
    *,
    alike: bool = False,
) -> Compared:
    """Compare with live progress; with ``alike`` both sides may load the same files."""
    by_name = {side.name: side for side in sides}
    live = Live(console)
    began = time.monotonic()

    def watch(pairs: int, outcomes: Sequence[Outcome]) -> None:
        live.show(progress(outcomes, pairs, seconds=time.monotonic() - began))

    def doubts(name: str, files: Mapping[str, str]) -> str:
        return "" if alike else provenance(by_name[name], files)

    starts = (_start(sides[0], others), _start(sides[1], others))
    with tempfile.TemporaryDirectory(prefix="paceline-ab-") as folder, live:
        return compare_sides(
            starts,
            plan,
            folder=Path(folder),
            watch=watch,
            names={name: side.project_modules for name, side in by_name.items()},
            doubts=doubts,
        )


def _changed(sides: tuple[Side, Side], outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Say which benchmarks differ in their own text: the head's ran on both sides."""
    nodes = dict.fromkeys(one.case.node_id for one in outcomes)
    found = changed_bodies(sides[0].root, sides[1].root, list(nodes))
    return tuple(f"the benchmark itself differs: {node}: {what}" for node, what in found.items())


def _start(side: Side, others: Sequence[str]) -> Start:
    environment = {**os.environ, **side.environment}
    return Start(side.name, side.root, side.python, environment, tuple(others))


def _one(arguments: argparse.Namespace, name: str) -> str | None:
    """Take a side by its place or by its name, not by both."""
    placed: str | None = getattr(arguments, name)
    named: str | None = getattr(arguments, f"{name}_named")
    if placed is not None and named is not None:
        raise UsageError(
            f"{name} is given twice: {placed!r} and {named!r}", remedy="leave one of them out"
        )
    word = named if placed is None else placed
    if word and (os.sep in word or word in {".", ".."}) and Path(word).is_dir():
        return str(Path(word).resolve())  # as the shell means it, wherever the project is
    return word


def _paths(others: Sequence[str], root: Path) -> tuple[str, ...]:
    """Find what of pytest's arguments names benchmark files."""
    return tuple(
        word
        for word in others
        if not word.startswith("-") and (root / word.partition("::")[0]).exists()
    )


def _ratio(text: str) -> float:
    try:
        ratio = float(text.removesuffix("x"))
    except ValueError:
        ratio = 0.0
    if not 0 < ratio < math.inf:
        raise UsageError(f"--at-most {text!r} is no ratio above zero", remedy="as in 0.5")
    return ratio


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:  # noqa: PLR2004  (one pair has no spread)
        raise UsageError(f"--pairs {text!r} is no count of at least 2")
    return int(text)


def _side_as_builtins(side: Side) -> dict[str, Any]:
    return {
        "said": side.said,
        "commit": side.commit,
        "dirty": side.dirty,
        "python": Path(side.python).name,
        "notes": list(side.notes),
    }
