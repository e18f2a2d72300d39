"""Two runs side by side: base, head and their ratio with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.model import Kind
from paceline.report.document import severity
from paceline.report.json import dumps, run_as_builtins, verdict_as_builtins
from paceline.report.paint import Paint, bare
from paceline.report.table import Align, Heading, lay_out, rule, safe
from paceline.report.words import count, estimated, ratio_words, subject_words

if TYPE_CHECKING:
    from paceline.model import Case, Run, Verdict

__all__ = ["FORMAT", "VERSION", "Comparison", "Relation", "render", "to_json"]

FORMAT = "paceline-comparison"
VERSION = 1
_ROLES = {Kind.REGRESSED: "bad", Kind.IMPROVED: "good", Kind.UNSURE: "warn"}
_COLUMNS = ("Name", "Statistic", "Base", "Head", "Change", "Status")


@dataclass(frozen=True, slots=True)
class Relation:
    """How the commit of the base lies to that of the head: ``behind`` and ``ahead`` count commits.

    ``ancestor`` tells whether the head was made from the base, None where that is not known.
    """

    behind: int
    ahead: int
    ancestor: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What judging ``head`` against ``base`` found; ``gone`` are cases that only base has.

    ``relation`` is None where git knows not both commits; ``permalink`` names the two runs by what
    they hold, "" where one has no such name.
    """

    base: Run
    head: Run
    verdicts: tuple[Verdict, ...]
    gone: tuple[Case, ...] = ()
    relation: Relation | None = None
    permalink: str = ""


def render(comparison: Comparison, *, paint: Paint = bare, pure_ascii: bool = False) -> str:
    """Write the table, worst first, with the reasons of what is unsure below it."""
    verdicts = sorted(comparison.verdicts, key=lambda verdict: severity(verdict.kind))
    headings = [Heading(title, Align.LEFT) for title in _COLUMNS]
    cells = [_cells(verdict, pure_ascii=pure_ascii) for verdict in verdicts]
    roles = [_ROLES.get(verdict.kind, "") for verdict in verdicts]
    head, *body = lay_out(headings, cells, pure_ascii=pure_ascii, roles=roles, paint=paint)
    said = f"base {_named(comparison.base)}  head {_named(comparison.head)}"
    lines = [safe(said, pure_ascii=pure_ascii, longest=200), *_related(comparison)]
    lines += [head, rule((head, *body)), *body]
    lines += [
        safe(
            f"{verdict.kind.value}: {verdict.case.name}: {verdict.because}",
            pure_ascii=pure_ascii,
            longest=300,
        )
        for verdict in verdicts
        if verdict.kind is Kind.UNSURE
    ]
    lines += [
        safe(f"gone: {case.id}", pure_ascii=pure_ascii, longest=200) for case in comparison.gone
    ]
    lines.append(_counted(comparison))
    if comparison.permalink:
        lines.append(f"permalink {comparison.permalink}")
    return "\n".join(lines) + "\n"


def to_json(comparison: Comparison) -> str:
    """Write it as JSON: runs, verdicts with both estimates and their ratio, and what is gone."""
    return dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "base": run_as_builtins(comparison.base),
            "head": run_as_builtins(comparison.head),
            "relation": _relation(comparison.relation),
            "permalink": comparison.permalink,
            "differences": list(comparison.base.host.differences(comparison.head.host)),
            "verdicts": [verdict_as_builtins(verdict) for verdict in comparison.verdicts],
            "gone": [str(case.id) for case in comparison.gone],
        }
    )


def _related(comparison: Comparison) -> tuple[str, ...]:
    """Say how the commits lie to each other, where both are known."""
    relation = comparison.relation
    if relation is None:
        return ()
    behind, ahead = count(relation.behind, "commit"), count(relation.ahead, "commit")
    if not relation.behind:
        said = f"base is an ancestor of head, {ahead} before it" if relation.ahead else ""
        return (said or "base and head are the same commit",)
    if relation.ancestor is None:
        return ("the history here is cut short: base may be an ancestor of head, or not",)
    if not relation.ahead:
        return (f"head is an ancestor of base, {behind} before it",)
    return (f"base is no ancestor of head: {behind} only in base, {ahead} only in head",)


def _relation(relation: Relation | None) -> dict[str, int | bool | None] | None:
    if relation is None:
        return None
    return {
        "ancestor": relation.ancestor,
        "only_in_base": relation.behind,
        "only_in_head": relation.ahead,
    }


def _cells(verdict: Verdict, *, pure_ascii: bool) -> list[str]:
    texts = (verdict.case.name, subject_words(verdict))
    name, statistic = (safe(text, pure_ascii=pure_ascii) for text in texts)
    change, metric = verdict.change, verdict.metric
    said = ["", "", ""]
    if change is not None:
        said = [estimated(one, metric) for one in (change.base, change.head)]
        said.append(ratio_words(change.ratio, metric))
    return [name, statistic, *said, verdict.kind.value]


def _named(run: Run) -> str:
    commit = run.commit[:7] + ("+" if run.dirty else "")
    return "@".join(part for part in (run.branch, commit) if part) or str(run.id)


def _counted(comparison: Comparison) -> str:
    kinds = [verdict.kind for verdict in comparison.verdicts]
    found = (f"{kinds.count(kind):,} {kind.value}" for kind in Kind if kind in kinds)
    return "  ".join([count(len(kinds), "comparison"), *found, f"{len(comparison.gone):,} gone"])
