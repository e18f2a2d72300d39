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

__all__ = ["FORMAT", "VERSION", "Comparison", "render", "to_json"]

FORMAT = "paceline-comparison"
VERSION = 1
_ROLES = {Kind.REGRESSED: "bad", Kind.IMPROVED: "good", Kind.UNSURE: "warn"}
_COLUMNS = ("Name", "Statistic", "Base", "Head", "Change", "Status")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What judging ``head`` against ``base`` found; ``gone`` are cases that only base has."""

    base: Run
    head: Run
    verdicts: tuple[Verdict, ...]
    gone: tuple[Case, ...] = ()


def render(comparison: Comparison, *, paint: Paint = bare, pure_ascii: bool = False) -> str:
    """Write the table, worst first, with the reasons of what is unsure below it."""
    verdicts = sorted(comparison.verdicts, key=lambda verdict: severity(verdict.kind))
    headings = [Heading(title, Align.LEFT) for title in _COLUMNS]
    cells = [_cells(verdict, pure_ascii=pure_ascii) for verdict in verdicts]
    roles = [_ROLES.get(verdict.kind, "") for verdict in verdicts]
    head, *body = lay_out(headings, cells, pure_ascii=pure_ascii, roles=roles, paint=paint)
    said = f"base {_named(comparison.base)}  head {_named(comparison.head)}"
    lines = [safe(said, pure_ascii=pure_ascii, longest=200), head, rule((head, *body)), *body]
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
    return "\n".join([*lines, _counted(comparison)]) + "\n"


def to_json(comparison: Comparison) -> str:
    """Write it as JSON: runs, verdicts with both estimates and their ratio, and what is gone."""
    return dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "base": run_as_builtins(comparison.base),
            "head": run_as_builtins(comparison.head),
            "differences": list(comparison.base.host.differences(comparison.head.host)),
            "verdicts": [verdict_as_builtins(verdict) for verdict in comparison.verdicts],
            "gone": [str(case.id) for case in comparison.gone],
        }
    )


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
