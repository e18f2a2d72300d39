"""Judgement: bring a run before its budgets and its baseline, and say how it ends."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.guard.baseline import Recorded, judge_against
from paceline.guard.budget import judge_budgets, unspent
from paceline.guard.gate import ExitStatus, exit_status
from paceline.guard.grammar import parse_rule
from paceline.guard.memory import not_overruled
from paceline.guard.options import Spread
from paceline.guard.policy import apply
from paceline.guard.resources import for_resources, judge_resources
from paceline.report.document import Document, build

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.guard.baseline import Comparison
    from paceline.guard.options import GuardOptions
    from paceline.guard.policy import Policy
    from paceline.model import Budget, Case, Measurement, Resources, Verdict

__all__ = ["Compared", "Judgement", "Took", "judge", "silent_rules"]


@dataclass(frozen=True, slots=True)
class Compared:
    """What a run is compared with: the recorded run, None when there is none under that name.

    ``unreadable`` says why one that should be there can't be read: nobody can tell, then.
    ``history`` holds comparable runs, which tell how far runs of the same code lie apart;
    ``notes`` say how the run was found.
    """

    name: str
    recorded: Recorded | None
    unreadable: str = ""
    history: tuple[Recorded, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything there is to say about a run, and the exit status that it deserves."""

    document: Document
    status: ExitStatus


@dataclass(frozen=True, slots=True)
class Took:
    """What each test and each process of a run took."""

    records: tuple[Resources, ...] = ()
    processes: tuple[Measurement, ...] = ()


def judge(  # noqa: PLR0913  (keyword-only, each is one thing a verdict rests on)
    head: Recorded,
    budgets: Sequence[Budget],
    options: GuardOptions,
    *,
    against: Compared | None = None,
    policies: Sequence[Policy] = (),
    ran: Iterable[Case] = (),
    took: Took | None = None,
    whole: bool = True,
    notes: Sequence[str] = (),
) -> Judgement:
    """Judge a run by its budgets and, where one is named, against a baseline, under its policies.

    ``ran`` holds the cases that ran, measured or not; ``took`` what the tests and processes took;
    ``whole`` is False for a part of the suite.
    """
    took = took or Took()
    verdicts = _budgeted(budgets, head, took, ran=ran, level=options.level)
    silent = _silent(budgets, verdicts, head, options) if whole else ()
    gone: tuple[Case, ...] = ()
    baseline = ""
    if against is not None:
        compared = _compared(against, head, options, policies=policies, whole=whole)
        verdicts += compared.verdicts
        gone = compared.gone
        baseline = _named(against)
        notes = (*notes, *against.notes)
    ruled = apply(verdicts, policies)
    said = (*notes, *silent, *ruled.notes)
    run, taken, level = head.run, head.measurements, options.level
    document = build(
        run, taken, ruled.verdicts, baseline=baseline, gone=gone, notes=said, level=level
    )
    document = dataclasses.replace(document, resources=took.records, processes=took.processes)
    return Judgement(document, exit_status(ruled.failing, strict=options.strict))


def _budgeted(
    budgets: Sequence[Budget], head: Recorded, took: Took, *, ran: Iterable[Case], level: float
) -> list[Verdict]:
    """Judge budgets on benchmarks and those on what tests took, each on its own figures."""
    plain = [one for one in budgets if not for_resources(one)]
    verdicts = list(judge_budgets(plain, head.measurements, ran=ran, level=level))
    others = (*head.measurements, *took.processes)
    taken = judge_resources(budgets, took.records, others, level=level)
    return [*verdicts, *not_overruled(taken, budgets)]


def _compared(
    against: Compared,
    head: Recorded,
    options: GuardOptions,
    *,
    policies: Sequence[Policy],
    whole: bool,
) -> Comparison:
    return judge_against(
        against.recorded,
        head,
        name=against.name,
        rules=tuple(parse_rule(rule) for rule in options.fail_on),
        threshold=options.threshold,
        level=options.level,
        whole=whole,
        unreadable=against.unreadable,
        history=None if options.spread is Spread.PROCESS else against.history,
        policies=policies,
    )


def silent_rules(rules: Iterable[str], head: Recorded) -> tuple[str, ...]:
    """Name the rules whose metric nothing in a run measured."""
    met = {one.metric.name for one in head.measurements}
    unmet = [rule for rule in rules if parse_rule(rule).metric not in met]
    return tuple(f"rule {rule!r} met no measurement" for rule in unmet)


def _silent(
    budgets: Sequence[Budget], verdicts: Sequence[Verdict], head: Recorded, options: GuardOptions
) -> tuple[str, ...]:
    """Name what was asked to be judged and met nothing in a whole run: a misspelt group, say."""
    unmet = [
        f"budget {one.name!r} ({one.place}) met no benchmark" for one in unspent(budgets, verdicts)
    ]
    return (*unmet, *silent_rules(options.fail_on, head))


def _named(against: Compared) -> str:
    if against.unreadable:
        return f"{against.name} (unreadable)"
    if against.recorded is None:
        missing = "no run yet" if against.name.startswith("nearest") else "not saved yet"
        return f"{against.name} ({missing})"
    commit = against.recorded.run.commit[:7]
    return f"{against.name}@{commit}" if commit else against.name
