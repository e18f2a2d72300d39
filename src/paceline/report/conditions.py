"""Say under which conditions the figures were taken, and what was left out of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from paceline.report.escape import elide
from paceline.report.table import Align, Heading, lay_out, rule, safe
from paceline.report.words import count, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.model import Measurement
    from paceline.report.document import Document, Row

__all__ = ["condition_lines", "doubts", "timing_lines"]

_SENTENCES = {
    ("collector", "off"): "the garbage collector was off while timing",
    ("collector", "on"): "the garbage collector ran while timing",
    ("warm-up", "not level yet"): "the warm-up ended at its cap, times not yet level",
}
_OBSERVED = "{} watched this process: every call costs more than it does alone"
_PARALLEL = "{} workers ran in parallel: their timings disturb each other"
_ALONE = frozenset({"", "0", "1"})
_NAMED = 3
_LONGEST = 300


def condition_lines(document: Document, *, pure_ascii: bool = False) -> list[str]:
    """List the run's notes, the conditions that bear on figures, and whose figure is unsure."""
    rows = document.timed
    said = Counter(sentence for row in rows for sentence in _sentences(row.measurement))
    notes = [*document.notes]
    for sentence, times in said.items():
        share = "" if times == len(rows) else f" ({times} of {count(len(rows), 'benchmark')})"
        notes.append(sentence + share)
    for reason, names in doubts(document).items():
        shown = ", ".join(elide(name) for name in names[:_NAMED])
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        notes.append(f"unsure: {shown}{more}: {reason}")
    return [f"Note: {safe(note, pure_ascii=pure_ascii, longest=_LONGEST)}" for note in notes]


def doubts(document: Document) -> dict[str, list[str]]:
    """Give the reasons why figures can't be trusted, each with the names it holds for."""
    found: dict[str, list[str]] = {}
    for row in document.rows:
        names = found.setdefault(row.measurement.unsure, [])
        if row.measurement.case.name not in names:
            names.append(row.measurement.case.name)
    found.pop("", None)
    return found


def timing_lines(document: Document, *, pure_ascii: bool = False) -> list[str]:
    """Tabulate what verbose detail adds: warm-up, first call, compile time, processor share."""
    others = {
        (row.measurement.case.id, row.measurement.metric.name): row
        for row in document.rows
        if not row.timed
    }
    cells = []
    for row in document.timed:
        measurement = row.measurement
        apart = (
            _apart(others.get((measurement.case.id, name)))
            for name in ("first_call", "compile_time", "cpu_share")
        )
        texts = (measurement.case.name, _warmup(measurement), measurement.condition("stopped by"))
        name, warmup, stopped = (safe(text, pure_ascii=pure_ascii) for text in texts)
        cells.append([name, warmup, *apart, stopped])
    if not cells:
        return []
    titles = ("Name", "Warm-up", "First call", "Compile time", "CPU share", "Stopped by")
    left = {"Name", "Warm-up", "Stopped by"}
    headings = [Heading(title, Align.LEFT if title in left else Align.RIGHT) for title in titles]
    head, *body = lay_out(headings, cells, pure_ascii=pure_ascii)
    title = "Warm-up, first call and compile time are left out of the figures above:"
    return [title, head, rule((head, *body)), *body, ""]


def _sentences(measurement: Measurement) -> Iterable[str]:
    for fact in measurement.conditions:
        if fact in _SENTENCES:
            yield _SENTENCES[fact]
    observers = measurement.condition("observers")
    if observers:
        yield _OBSERVED.format(observers)
    workers = measurement.condition("workers")
    if workers not in _ALONE and not measurement.condition("alone"):
        yield _PARALLEL.format(workers)


def _warmup(measurement: Measurement) -> str:
    rounds = count(measurement.warmup, "round") if measurement.warmup else "none"
    state = measurement.condition("warm-up")
    return f"{rounds}, {state}" if measurement.warmup and state else rounds


def _apart(row: Row | None) -> str:
    if row is None:
        return ""
    metric, point = row.measurement.metric, row.median.point
    return f"{100 * point:.0f} %" if metric.name == "cpu_share" else quantity(point, metric)
