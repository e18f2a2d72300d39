"""The end block: at most 24 lines that say what needs someone, worst first.

The words at the line starts and their order are public: scripts look for them. Every figure
stands beside its limit or its base, colour only repeats what a word already says.
"""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.guard.policy import is_goal
from paceline.model import Kind
from paceline.report.paint import Paint, bare
from paceline.report.table import Align, pad, safe, width
from paceline.report.words import change_words, count, spent_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from paceline.model import Verdict
    from paceline.report.document import Document

__all__ = ["MOST_LINES", "counted", "headline", "next_command", "render"]

MOST_LINES = 24
_WORD = 8
_NAME = 48
_WHAT = 100
_ROLES = {
    "BUDGET": "bad",
    "WARN": "warn",
    "SLOWER": "bad",
    "GOAL": "bad",
    "FASTER": "good",
    "UNSURE": "warn",
    "NEW": "dim",
    "GONE": "dim",
}
_IMPORTANCE = ("BUDGET", "SLOWER", "GOAL", "UNSURE", "WARN", "GONE", "FASTER", "NEW")


@dataclass(frozen=True, slots=True)
class _Line:
    """One finding: which case, what was found and where its limit stands."""

    name: str
    what: str
    place: str = ""


def render(document: Document, *, paint: Paint = bare, pure_ascii: bool = False) -> str:
    """Write the end block, "" for a run in which nothing was measured or judged."""
    if not (document.rows or document.verdicts or document.gone):
        return ""
    found = {
        word: lines for word, lines in _findings(document, pure_ascii=pure_ascii).items() if lines
    }
    allowed = _share_out({word: len(lines) for word, lines in found.items()}, MOST_LINES - 2)
    columns = max((width(line.name) for lines in found.values() for line in lines), default=0)
    shown = [paint(safe(headline(document), pure_ascii=pure_ascii, longest=200), "strong")]
    for word, lines in found.items():
        cut = allowed[word]
        for place, line in enumerate(lines[:cut]):
            more = len(lines) - cut if place == cut - 1 else 0
            shown.append(_written(word, line, columns, more=more, paint=paint))
    command = f"{'next':<{_WORD}}{next_command(document)}"
    shown.append(safe(command, pure_ascii=pure_ascii, longest=200))
    return "\n".join(shown) + "\n"


def headline(document: Document) -> str:
    """Count what was found, in one fixed order, and name what was compared with."""
    compared = f" baseline {document.baseline}" if document.baseline else " no baseline"
    return "  ".join(["paceline", *counted(document), compared])


def counted(document: Document) -> tuple[str, ...]:
    """Count benchmarks, broken budgets, regressions and unsure verdicts, each with its word."""
    broken = count(len(document.of_kind(Kind.OVER_BUDGET)), "budget")
    said = (
        count(len(document.cases), "benchmark"),
        f"{broken} broken",
        count(len(document.of_kind(Kind.REGRESSED)), "regression"),
        f"{len(document.of_kind(Kind.UNSURE)):,} unsure",
    )
    return said if document.run.complete else (*said, "incomplete run")


def next_command(document: Document) -> str:
    """Name the one command that helps most with what was found."""
    base = document.baseline.partition("@")[0]
    broken = _by(_spent, document.of_kind(Kind.OVER_BUDGET))
    if broken:
        return f"paceline history {_quoted(broken[0])}"
    if document.of_kind(Kind.REGRESSED):
        return f"paceline compare {shlex.quote(base)}" if base else "paceline compare"
    if document.of_kind(Kind.UNSURE):
        return "paceline explain unsure"
    if base:
        return "paceline report"
    if document.saved:  # what is there is better compared with than replaced
        name = "main" if "main" in document.saved else document.saved[0]
        return f"paceline compare {shlex.quote(name)}"
    return "paceline baseline save main"


def _findings(document: Document, *, pure_ascii: bool) -> dict[str, list[_Line]]:
    warned = (one for one in document.verdicts if one.warning and one.kind is Kind.OK)
    worse = document.of_kind(Kind.REGRESSED)
    said: dict[str, list[tuple[Verdict, str]]] = {
        "BUDGET": [
            (one, spent_words(one)) for one in _by(_spent, document.of_kind(Kind.OVER_BUDGET))
        ],
        "WARN": [(one, spent_words(one)) for one in _by(_spent, warned)],
        "SLOWER": [(one, change_words(one)) for one in _by(_growth, worse) if not is_goal(one)],
        "GOAL": [(one, one.because) for one in _by(_growth, worse) if is_goal(one)],
        "FASTER": [
            (one, change_words(one)) for one in _by(_growth, document.of_kind(Kind.IMPROVED))
        ],
        "UNSURE": [(one, spent_words(one)) for one in document.of_kind(Kind.UNSURE)],
        "NEW": [(one, one.because) for one in document.of_kind(Kind.NEW)],
    }
    found = {
        word: [_line(one, what, pure_ascii=pure_ascii) for one, what in lines]
        for word, lines in said.items()
    }
    names = (safe(_tail(case.id), pure_ascii=pure_ascii, longest=_NAME) for case in document.gone)
    found["GONE"] = [_Line(name, "in the baseline, not in this run") for name in names]
    return found


def _by(weight: Callable[[Verdict], float], verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Sort worst first."""
    return sorted(verdicts, key=weight, reverse=True)


def _line(verdict: Verdict, what: str, *, pure_ascii: bool) -> _Line:
    return _Line(
        safe(_tail(verdict.case.id), pure_ascii=pure_ascii, longest=_NAME),
        safe(what, pure_ascii=pure_ascii, longest=_WHAT),
        safe(str(verdict.place), pure_ascii=pure_ascii, longest=_NAME) if verdict.place else "",
    )


def _share_out(wanted: dict[str, int], lines: int) -> dict[str, int]:
    """Give every word one line, then the rest by importance."""
    allowed = dict.fromkeys(wanted, 1)
    left = lines - len(allowed)
    for word in (word for word in _IMPORTANCE if word in wanted):
        extra = min(left, wanted[word] - 1)
        allowed[word] += extra
        left -= extra
    return allowed


def _written(word: str, line: _Line, columns: int, *, more: int, paint: Paint) -> str:
    parts = [pad(line.name, columns, Align.LEFT), line.what, line.place]
    if more:
        parts.append(f"({more:,} more)")
    said = "  ".join(part for part in parts if part)
    return paint(f"{word:<{_WORD}}", _ROLES[word]) + said.rstrip()


def _tail(case: str) -> str:
    """Leave out the folders of a case id: file and name find it, and the line stays short."""
    path, separator, name = case.partition("::")
    return path.rpartition("/")[2] + separator + name


def _spent(verdict: Verdict) -> float:
    return verdict.spent


def _growth(verdict: Verdict) -> float:
    """Say how far a change lies from none, in either direction."""
    if verdict.change is None or verdict.change.ratio.point <= 0:
        return 0.0
    return abs(math.log(verdict.change.ratio.point))


def _quoted(verdict: Verdict) -> str:
    """Quote a case id for a shell; a name too odd to be typed is left to a pattern."""
    case = str(verdict.case.id)
    return shlex.quote(case if case == safe(case) else verdict.case.node_id.partition("::")[0])
