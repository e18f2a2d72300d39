"""What tests took of their machine: six lines for a terminal, a table, and data for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.model import METRICS, RESOURCES
from paceline.report.escape import markdown, markdown_code
from paceline.report.paint import Paint, bare
from paceline.report.table import safe
from paceline.report.words import count, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.model import Measurement, Resources

__all__ = ["Fact", "facts", "render", "to_data", "to_markdown"]

_WORD = 12
_MUCH_GROWTH = 50 * 1024**2
_MUCH_MEMORY = 512 * 1024**2
_MOST_WORKERS = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is about, what was found, and in which case ("" for a whole process).

    ``notable`` facts are worth a line that nobody asked for.
    """

    word: str
    said: str
    case: str = ""
    notable: bool = False


def facts(records: Sequence[Resources], run: Sequence[Measurement] = ()) -> tuple[Fact, ...]:
    """Find what stands out among records and whole processes, at most six facts."""
    tests = [record for record in records if not record.case.label]
    found = (
        _largest(tests, "test_time", "slowest"),
        _largest(tests, "test_process_rise", "most memory", notable=_MUCH_MEMORY),
        _largest(tests, "test_process_growth", "most growth", notable=_MUCH_GROWTH),
        _left_behind(tests),
        _processes(run),
        _unknown(tests, run),
    )
    return tuple(fact for fact in found if fact is not None)


def render(
    found: Iterable[Fact], *, asked: bool, paint: Paint = bare, pure_ascii: bool = False
) -> str:
    """Write the facts, or without being ``asked`` those that are notable; "" for none."""
    lines = []
    for fact in found:
        if asked or fact.notable:
            said = "  ".join(part for part in (fact.said, fact.case) if part)
            word = paint(f"{fact.word:<{_WORD}}", "warn" if fact.notable else "dim")
            lines.append(word + " " + safe(said, pure_ascii=pure_ascii, longest=160) + "\n")
    return "".join(lines)


def to_markdown(found: Iterable[Fact]) -> str:
    """Write the facts as a table, "" for none."""
    rows = [
        f"| {fact.word} | {markdown(fact.said)} | {markdown_code(fact.case)} |\n" for fact in found
    ]
    return "".join(("| Resources | Here | Test |\n|---|---|---|\n", *rows)) if rows else ""


def to_data(records: Iterable[Resources], run: Iterable[Measurement] = ()) -> dict[str, Any]:
    """Give records and whole processes as builtins, in base units, null for what is not known."""
    return {
        "resources": [
            {
                "case": record.case.id,
                "figures": dict(zip(RESOURCES, record.figures, strict=True)),
                "unsure": dict(record.unsure),
            }
            for record in records
        ],
        "processes": [
            {
                "worker": one.case.label,
                "metric": one.metric.name,
                "figure": one.values[0] if one.values else None,
                "unsure": one.unsure,
            }
            for one in run
        ],
    }


def _largest(
    tests: Iterable[Resources], metric: str, word: str, *, notable: float = float("inf")
) -> Fact | None:
    known = [(figure, one) for one in tests if (figure := one.figure(metric)) is not None]
    if not known:
        return None
    figure, record = max(known, key=_first)
    if figure <= 0:
        return None
    said = quantity(figure, METRICS[metric])
    return Fact(word, said, record.case.id, notable=figure >= notable)


def _first(pair: tuple[float, Resources]) -> float:
    return pair[0]


def _left_behind(tests: Iterable[Resources]) -> Fact | None:
    """Say which test left most threads and files, and how many tests left some."""
    known = [
        (threads, files, one)
        for one in tests
        for threads in [max(0, int(one.figure("test_threads") or 0))]
        for files in [max(0, int(one.figure("test_open_files") or 0))]
        if threads + files
    ]
    if not known:
        return None
    threads, files, most = max(known, key=_things)
    parts = [count(threads, "thread")] if threads else []
    parts += [count(files, "open file")] if files else []
    more = f" (and {count(len(known) - 1, 'more test')})" if len(known) > 1 else ""
    return Fact("left behind", " and ".join(parts) + more, most.case.id, notable=True)


def _things(one: tuple[int, int, Resources]) -> int:
    return one[0] + one[1]


def _processes(run: Iterable[Measurement]) -> Fact | None:
    """Say each process's peak and growth, the largest first."""
    told: dict[str, dict[str, Measurement]] = {}
    for one in run:
        if one.values:
            told.setdefault(one.case.label, {})[one.metric.name] = one
    if not told:
        return None
    order = sorted(told, key=lambda worker: _figure(told[worker], "run_peak"), reverse=True)
    parts = [_process(worker, told[worker]) for worker in order[:_MOST_WORKERS]]
    if len(order) > _MOST_WORKERS:
        parts.append(f"and {count(len(order) - _MOST_WORKERS, 'more worker')}")
    much = any(_figure(one, "run_growth") >= _MUCH_GROWTH for one in told.values())
    much = much or _figure(told[order[0]], "run_peak") >= _MUCH_MEMORY
    return Fact("run", "; ".join(parts), notable=much)


def _process(worker: str, told: dict[str, Measurement]) -> str:
    words = (("peak", "run_peak"), ("grew", "run_growth"))
    parts = (
        f"{word} {quantity(told[name].values[0], told[name].metric)}"
        for word, name in words
        if name in told
    )
    return f"{worker} {', '.join(parts)}".strip()


def _figure(told: dict[str, Measurement], metric: str) -> float:
    return told[metric].values[0] if metric in told else 0.0


def _unknown(tests: Iterable[Resources], run: Iterable[Measurement]) -> Fact | None:
    """Say the commonest reason for which figures are missing, and where."""
    reasons: dict[str, int] = {}
    for record in tests:
        for reason in {reason for _, reason in record.unsure}:
            reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        reason = max(reasons, key=lambda one: reasons[one])
        return Fact("unsure", f"{count(reasons[reason], 'test')}: {reason}")
    lost = sorted({one.unsure for one in run if one.unsure})
    return Fact("unsure", lost[0], notable=True) if lost else None
