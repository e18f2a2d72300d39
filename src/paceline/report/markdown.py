"""The Markdown report: what was broken, what changed, every benchmark, and the machine."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.errors import UsageError
from paceline.guard.budget import share_words
from paceline.model import Kind
from paceline.report.conditions import doubts
from paceline.report.document import severity
from paceline.report.escape import markdown, markdown_code
from paceline.report.grouping import grouped, scaled, side_by_side
from paceline.report.options import Sort
from paceline.report.scaling import complexity_of, complexity_words
from paceline.report.summary import counted
from paceline.report.table import safe
from paceline.report.words import (
    PROCESS_ONLY,
    against_limit,
    count,
    estimated,
    is_budget,
    quantity,
    ratio_words,
    status_word,
    subject_words,
    throughput_words,
)
from paceline.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.model import Run, Verdict
    from paceline.report.document import Document, Row

__all__ = ["SMALLEST_LIMIT", "render"]

SMALLEST_LIMIT = 8192
"""Bytes below which not even the heading and the machine are certain to fit."""

_LIMIT = 900 * 1024
_NAME = 160
_FACT = 80
_TAIL = 64


@dataclass(frozen=True, slots=True)
class _Section:
    """A titled part: ``head`` stays whole, ``lines`` go from the end when room is short."""

    title: str
    head: tuple[str, ...]
    lines: tuple[str, ...]
    noun: str = "line"


def render(document: Document, *, limit: int = _LIMIT) -> str:
    """Write the report in at most ``limit`` bytes of UTF-8.

    Sections and their lines stand in the order of importance, worst first; what does not fit is
    counted in an "N more" line.

    Raises:
        UsageError: a limit below ``SMALLEST_LIMIT``.
    """
    if limit < SMALLEST_LIMIT:
        raise UsageError(
            f"{limit} bytes hold no report", remedy=f"allow at least {SMALLEST_LIMIT} bytes"
        )
    compared = f"baseline {_code(document.baseline)}" if document.baseline else "no baseline"
    said = " · ".join([f"**{one}**" for one in counted(document)] + [compared])
    head = ["# Paceline report", "", said, "", *_facts(document.run)]
    sections = [section for section in _sections(document) if section.lines]
    text = "\n".join(head) + "\n"
    left = limit - _size(text)
    for place, section in enumerate(sections):
        later = sum(map(_least, sections[place + 1 :]))
        written = _written(section, left - later)
        left -= _size(written)
        text += written
    return text


def _sections(document: Document) -> tuple[_Section, ...]:
    plain, _sizes = scaled(document.timed)
    return (
        _section("Budgets", _BUDGETS, map(_budget, _budgets(document)), "budget"),
        _section("Changes", _CHANGES, map(_change, _changes(document)), "change"),
        _section("Benchmarks", _BENCHMARKS, map(_benchmark, _worst(document.timed)), "benchmark"),
        _Section("Scaling", (), tuple(_scalings(document)), "scaling benchmark"),
        _Section("Side by side", (), tuple(_sides(plain)), "group"),
        _section(
            "Other figures",
            _OTHERS,
            map(_other, _worst(document.others)),
            "figure",
        ),
        _Section("Gone", (), tuple(f"- {_code(case.id)}" for case in document.gone), "case"),
        _Section("Notes", (), tuple(f"- {note}" for note in _notes(document)), "note"),
    )


_BUDGETS = ("Status", "Benchmark", "Figure", "Limit", "Spent", "Place", "Budget")
_CHANGES = ("Status", "Benchmark", "Statistic", "Base", "Head", "Change", "Why")
_BENCHMARKS = ("Benchmark", "Mean", "Min", "Max", "StdDev", "Throughput", "Status")
_OTHERS = ("Benchmark", "Metric", "Mean", "Min", "Max", "StdDev", "Status")


def _facts(run: Run) -> list[str]:
    host = run.host
    started = dt.datetime.fromtimestamp(run.started, tz=dt.UTC)
    commit = run.commit + (", with uncommitted changes" if run.dirty else "")
    facts = {
        "Machine": f"{host.cpu}, {count(host.cores, 'core')}, "
        f"{format_quantity(host.memory, 'B')}, {host.system}",
        "Runner": host.runner,
        "Python": host.python,
        "Date": started.isoformat(timespec="seconds"),
        "Commit": commit,
        "Branch": run.branch,
    }
    return ["| | |", "|---|---|"] + [
        f"| {name} | {_code(value, _FACT)} |" for name, value in facts.items() if value
    ]


def _budgets(document: Document) -> list[Verdict]:
    """Select the verdicts on budgets, worst first: broken, unsure, warned, by spent share."""
    return sorted(
        filter(is_budget, document.verdicts),
        key=lambda one: (severity(one.kind), not one.warning, -one.spent),
    )


def _changes(document: Document) -> list[Verdict]:
    """Select the verdicts on the baseline, worst first; what stayed the same is not listed."""
    others = (one for one in document.verdicts if not is_budget(one) and one.kind is not Kind.OK)
    return sorted(others, key=lambda one: severity(one.kind))


def _worst(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: severity(row.status))


def _budget(verdict: Verdict) -> str:
    figure, limit = against_limit(verdict)
    return _line(
        _status(verdict),
        _code(verdict.case.id),
        _cut(f"{subject_words(verdict)} {figure or verdict.because}"),
        limit,
        share_words(verdict.spent) if verdict.spent else "",
        _code(str(verdict.place)) if verdict.place else "",
        _cut(verdict.subject),
    )


def _change(verdict: Verdict) -> str:
    change, metric = verdict.change, verdict.metric
    base, head, ratio = ("", "", "")
    if change is not None:
        base, head = (quantity(one.point, metric) for one in (change.base, change.head))
        ratio = ratio_words(change.ratio, metric)
    cells = (_cut(subject_words(verdict)), base, head, ratio, _cut(verdict.because, 300))
    return _line(_status(verdict), _code(verdict.case.id), *cells)


def _benchmark(row: Row) -> str:
    return _line(
        _code(row.measurement.case.id), *_figures(row), throughput_words(row), row.status.value
    )


def _other(row: Row) -> str:
    metric = _cut(row.measurement.metric.name)
    return _line(_code(row.measurement.case.id), metric, *_figures(row), row.status.value)


def _figures(row: Row) -> tuple[str, ...]:
    metric, summary = row.measurement.metric, row.summary
    rest = (quantity(one, metric) for one in (summary.min, summary.max, summary.stddev))
    return (estimated(row.mean, metric), *rest)


def _sides(rows: tuple[Row, ...]) -> Iterable[str]:
    for group in grouped(rows, ("group",), sort=Sort.MEDIAN):
        sides = side_by_side(group.rows) if group.name else ()
        if sides:
            metric = sides[0].row.measurement.metric
            said = [f"{_code(sides[0].row.measurement.case.name)} is the fastest"] + [
                f"{_code(side.row.measurement.case.name)} {ratio_words(side.ratio, metric)}"
                for side in sides
                if side.ratio
            ]
            yield f"- {_code(group.name)}: {'; '.join(said)}"


def _scalings(document: Document) -> Iterable[str]:
    for group in scaled(document.timed)[1]:
        found = complexity_of(group)
        said = complexity_words(found) if found else count(len(group.rows), "size")
        yield f"- {_code(group.name)}: {said}"


def _notes(document: Document) -> Iterable[str]:
    yield from (_cut(note, 400) for note in document.notes)
    for reason, names in doubts(document).items():
        yield f"unsure: {', '.join(map(_code, names))}: {_cut(reason, 400)}"
    if document.rows:
        yield f"± is the 95 % interval, {PROCESS_ONLY}: how processes differ is not in it."


def _status(verdict: Verdict) -> str:
    word = status_word(verdict.kind, warning=verdict.warning)
    return f"**{word}**" if verdict.kind in {Kind.OVER_BUDGET, Kind.REGRESSED} else word


def _section(title: str, columns: Sequence[str], lines: Iterable[str], noun: str) -> _Section:
    return _Section(title, (_line(*columns), "|" + "---|" * len(columns)), tuple(lines), noun)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _written(section: _Section, room: int) -> str:
    """Write as many lines of a section as the room holds and count the rest."""
    text = _head(section)
    left = room - _size(text) - _TAIL
    for place, line in enumerate(section.lines):
        left -= _size(line) + 1
        if left < 0:
            text = text.rstrip("\n")
            return f"{text}\n\n{count(len(section.lines) - place, section.noun)} more.\n"
        text += f"{line}\n"
    return text


def _head(section: _Section) -> str:
    return "\n".join(["", f"## {section.title}", "", *section.head]).rstrip("\n") + "\n" * (
        1 if section.head else 2
    )


def _least(section: _Section) -> int:
    return _size(_head(section)) + _TAIL


def _size(text: str) -> int:
    return len(text.encode())


def _code(text: str, longest: int = _NAME) -> str:
    return markdown_code(safe(text, longest=longest))


def _cut(text: str, longest: int = _NAME) -> str:
    return markdown(safe(text, longest=longest))
