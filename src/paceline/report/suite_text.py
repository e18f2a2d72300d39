"""A suite's run as text: what is slow, where its time goes, and how its workers were used."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from paceline.model import METRICS, Kind
from paceline.report import timeline
from paceline.report.paint import Paint, bare
from paceline.report.table import Align, Heading, decimals, lay_out, number, safe
from paceline.report.words import count, quantity
from paceline.units import scale_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from paceline.model import Verdict
    from paceline.report.suite import Part, Suite

    Draw = Callable[[Sequence[float | None]], str]

__all__ = ["View", "render"]

_TIME = METRICS["test_time"]
_NAME = 90
_MOST_DECIMALS = 3
_FEW = 10  # lines of a table that is one among several
_WORDS = ("BUDGET", "UNSURE", "WARN", "OK")  # worst first


class View(enum.Enum):
    """Which side of a suite is looked at; all of them when none is asked for."""

    ALL = "all"
    PHASE = "phase"
    FIXTURE = "fixture"
    FILE = "file"
    CATEGORY = "category"
    WORKER = "worker"


def render(  # noqa: PLR0913  (keyword-only, each is one thing that the caller decides)
    suite: Suite,
    view: View = View.ALL,
    *,
    top: int,
    draw: Draw,
    paint: Paint = bare,
    pure_ascii: bool = False,
) -> str:
    """Write the head, the tables of a view and what budgets say.

    ``top`` bounds the lines of a table; ``draw`` makes a curve of figures.
    """
    few = top if view is not View.ALL else min(top, _FEW)
    tables: dict[View, Callable[[], str]] = {
        View.CATEGORY: lambda: _parts("Category", suite.categories, suite),
        View.PHASE: lambda: _parts("Phase", suite.phases, suite),
        View.FIXTURE: lambda: _fixtures(suite, few),
        View.FILE: lambda: _files(suite, few),
    }
    asked = [table for key, table in tables.items() if view in {View.ALL, key}]
    parts = ["\n".join(_head(suite, draw, paint)) + "\n"]
    if view is View.ALL:
        parts.append(_slowest(suite, draw))
    parts += [table() for table in asked]
    if view in {View.ALL, View.WORKER}:
        parts.append(timeline.render(suite.workers, pure_ascii=pure_ascii))
    parts.append("".join(f"{line}\n" for line in _judged(suite.verdicts, top, paint)))
    return "\n".join(part for part in parts if part)


def _head(suite: Suite, draw: Draw, paint: Paint) -> Iterator[str]:
    outcomes: dict[str, int] = {}
    for one in suite.tests:
        outcomes[one.turn.outcome] = outcomes.get(one.turn.outcome, 0) + 1
    said = [f"{number_} {word}" for word, number_ in sorted(outcomes.items()) if word]
    tests = count(len(suite.tests), "test")
    yield paint(f"tests    {tests}{': ' if said else ''}{', '.join(said)}", "strong")
    yield f"time     {'  '.join(_times(suite))}"
    known = [one for one in suite.walls if one is not None]
    if len(known) > 1:
        low, high = quantity(min(known), _TIME), quantity(max(known), _TIME)
        runs = count(len(known), "run")
        yield f"trend    {draw(suite.walls)}  {low} to {high} over {runs}, the newest last"


def _times(suite: Suite) -> Iterator[str]:
    work = quantity(suite.work, _TIME)
    workers = count(len(suite.workers), "worker") if suite.workers else "an unknown number"
    if suite.wall is None:
        yield f"{work} of tests; when they ran was not recorded"
        return
    yield f"{quantity(suite.wall, _TIME)} elapsed, {work} of tests on {workers}"
    if suite.efficiency is not None:
        yield f"efficiency {100 * suite.efficiency:.0f} %"
    if suite.collection is not None:
        yield f"collection {quantity(suite.collection, _TIME)}"


def _slowest(suite: Suite, draw: Draw) -> str:
    if not suite.slowest:
        return ""
    rows = [
        (one.seconds, one.record.figure("test_setup_time"), one.record.figure("test_call_time"))
        for one in suite.slowest
    ]
    unit, (time, setup, call) = _columns(*zip(*rows, strict=True))
    broken = _broken(suite.verdicts)
    headings = [
        Heading(f"Slowest ({unit})"),
        Heading("Set-up"),
        Heading("Call"),
        Heading("Share"),
        Heading("Trend", Align.LEFT),
        Heading("Budget", Align.LEFT),
        Heading("Test", Align.LEFT),
    ]
    cells = [
        [
            *(time[place], setup[place], call[place]),
            _share(one.seconds, suite.work),
            draw(one.times) if len(one.times) > 1 else "",
            "broken" if str(one.record.case.id) in broken else "",
            safe(str(one.record.case.id), longest=_NAME),
        ]
        for place, one in enumerate(suite.slowest)
    ]
    return _table(headings, cells)


def _parts(title: str, parts: Sequence[Part], suite: Suite) -> str:
    """Write parts of the suite, the costliest first."""
    if not parts:
        return ""
    unit, (seconds, longest) = _columns(
        *zip(*((one.seconds, one.longest) for one in parts), strict=True)
    )
    broken = _broken(suite.verdicts)
    headings = [
        Heading(title, Align.LEFT),
        Heading(f"Time ({unit})"),
        Heading("Share"),
        Heading("Tests"),
        Heading("Longest"),
        Heading("Budget", Align.LEFT),
        Heading("Its test", Align.LEFT),
    ]
    cells = [
        [
            safe(one.name, longest=_NAME),
            seconds[place],
            _share(one.seconds, suite.work),
            str(one.tests),
            longest[place],
            "broken" if f"run#{one.name}" in broken else "",
            safe(one.where, longest=_NAME),
        ]
        for place, one in enumerate(parts)
    ]
    return _table(headings, cells)


def _files(suite: Suite, most: int) -> str:
    """Write the costliest files, and those that take longest to collect."""
    tests = _parts("File", suite.files[:most], suite)
    if not suite.collected:
        return tests
    unit, (seconds,) = _columns([one for _, one in suite.collected])
    headings = [Heading("Collected file", Align.LEFT), Heading(f"Time ({unit})")]
    cells = [
        [safe(file, longest=_NAME), seconds[place]]
        for place, (file, _) in enumerate(suite.collected[:most])
    ]
    return f"{tests}\n{_table(headings, cells)}"


def _fixtures(suite: Suite, most: int) -> str:
    if not suite.fixtures:
        return ""
    unit, (total, seconds) = _columns(
        *zip(*((one.total, one.seconds) for one in suite.fixtures), strict=True)
    )
    headings = [
        Heading("Shared fixture", Align.LEFT),
        Heading(f"Time ({unit})"),
        Heading("Share"),
        Heading("Set up"),
        Heading("Longest"),
        Heading("Users"),
    ]
    cells = [
        [
            safe(one.key, longest=_NAME),
            total[place],
            _share(one.total, suite.work),
            f"{one.times}×",
            seconds[place],
            "?" if one.users is None else str(one.users),
        ]
        for place, one in enumerate(suite.fixtures)
    ]
    return _table(headings, cells[:most])


def _judged(verdicts: Sequence[Verdict], most: int, paint: Paint) -> Iterator[str]:
    """Say what budgets found, worst first; of those that are kept, how many."""
    found = sorted(verdicts, key=lambda one: _WORDS.index(_word(one)))
    told = [one for one in found if _word(one) != "OK"]
    for one in told[:most]:
        word = _word(one)
        name = safe(str(one.case.id), longest=_NAME)
        where = f"  {one.place}" if one.place else ""
        role = "bad" if word == "BUDGET" else "warn"
        yield f"{paint(f'{word:<8}', role)} {name}  {one.because} ({one.subject}){where}"
    if len(told) > most:
        yield f"{'':8} and {len(told) - most} more"
    if len(found) > len(told):
        yield f"{paint('OK      ', 'good')} {count(len(found) - len(told), 'budget')} kept"


def _word(verdict: Verdict) -> str:
    if verdict.kind is Kind.OVER_BUDGET:
        return "BUDGET"
    if verdict.kind is Kind.UNSURE:
        return "UNSURE"
    return "WARN" if verdict.warning else "OK"


def _broken(verdicts: Sequence[Verdict]) -> frozenset[str]:
    return frozenset(str(one.case.id) for one in verdicts if one.kind is Kind.OVER_BUDGET)


def _columns(*columns: Sequence[float | None]) -> tuple[str, list[list[str]]]:
    """Write columns of seconds in one unit, which comes first."""
    known = tuple(one for column in columns for one in column if one)
    scale = scale_for((max(known),) if known else (), "s")
    places = min(decimals([max(known)] if known else [], scale), _MOST_DECIMALS)
    written = [
        ["" if one is None else number(one, scale, places) for one in column] for column in columns
    ]
    return scale.symbol, written


def _share(seconds: float, whole: float) -> str:
    return f"{100 * seconds / whole:.0f} %" if whole else ""


def _table(headings: Sequence[Heading], cells: Sequence[Sequence[str]]) -> str:
    return "\n".join(lay_out(headings, cells)) + "\n"
