"""Saved runs side by side: one row a benchmark, one pair of columns a run (``--between``)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from paceline.errors import UsageError
from paceline.report.dropin.names import shown
from paceline.report.dropin.table import extremes, figure, title
from paceline.report.escape import plain
from paceline.report.paint import Paint, bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from paceline.report.dropin.table import Entry, Groups, ScaleUnit

__all__ = ["between"]

_DELTA = "\N{GREEK CAPITAL LETTER DELTA}"
_LEGEND = (
    "Legend:",
    "  The first run is what the others are compared with.",
    f"  {_DELTA}: how far a figure lies from that run's, in per cent.",
    "",
)
_LEAST = 10


class _Column(NamedTuple):
    """One column: a source's figures, or with ``change`` how they differ from the first one's."""

    source: str
    metric: str
    heading: str
    width: int
    change: bool


def between(  # noqa: PLR0913  (each is an option of the table)
    groups: Groups,
    *,
    columns: Sequence[str],
    sort: str,
    name_format: str,
    scale_unit: ScaleUnit,
    paint: Paint = bare,
) -> str:
    """Write one table a group, its rows sorted by the first run's figure.

    Raises:
        UsageError: fewer than two runs in a group, or no column that can be compared.
    """
    lines = [""]
    for group, entries in groups:
        ends = extremes(entries)
        prefix, factor = scale_unit(
            unit="seconds", benchmarks=entries, best=ends.best, worst=ends.worst, sort=sort
        )
        operations = scale_unit(
            unit="operations", benchmarks=entries, best=ends.best, worst=ends.worst, sort=sort
        )
        sheet = _Sheet(entries, sort, name_format, (prefix, factor), operations)
        metrics = [column for column in columns if column in ends.best]
        lines += sheet.lines(group, metrics, paint)
    return "\n".join([*lines, *_LEGEND])


class _Sheet:
    """The benchmarks of one group, by name and source."""

    def __init__(
        self,
        entries: Sequence[Entry],
        sort: str,
        name_format: str,
        seconds: tuple[str, float],
        operations: tuple[str, float],
    ) -> None:
        self.sources = list(dict.fromkeys(one.get("source") or "" for one in entries))
        self.found: dict[str, dict[str, Entry]] = {}
        for one in entries:
            self.found.setdefault(one["fullname"], {})[one.get("source") or ""] = one
        self.sort, self.name_format = sort, name_format
        self.seconds, self.operations = seconds, operations

    def lines(self, group: str | None, metrics: Sequence[str], paint: Paint) -> Iterable[str]:
        """Write the title, the heading, every row and the closing rule, an empty line after it."""
        if len(self.sources) < 2:  # noqa: PLR2004  (a pair)
            raise UsageError(
                f"--between requires at least 2 source files, got {len(self.sources)}.",
                remedy="name two saved runs or more, as in: compare 0001 0002 --between=min,mean",
            )
        if not metrics:
            raise UsageError(
                "--between names no column that can be compared",
                remedy="write min, max, mean, stddev, median, iqr or ops",
            )
        names = {name: self._shown(name) for name in sorted(self.found, key=self._order)}
        heading = f"Name (time in {self.seconds[0]}s)"
        wide = 3 + max(len(heading), *map(len, names.values()))
        columns = [column for metric in metrics for column in self._columns(metric)]
        head = heading.ljust(wide) + "".join(one.heading.rjust(one.width) for one in columns)
        named = "" if group is None else f" {plain(repr(group))}"
        counts = f"{len(names)} tests, {len(self.sources)} sources"
        yield paint(f" benchmark{named}: {counts} ".center(len(head), "-"), "warn")
        yield head
        yield paint("-" * len(head), "warn")
        for fullname, name in names.items():
            yield name.ljust(wide) + "".join(self._cell(fullname, one, paint) for one in columns)
        yield paint("-" * len(head), "warn")
        yield ""

    def _columns(self, metric: str) -> Iterable[_Column]:
        label = title(metric, self.operations[0])
        for place, source in enumerate(self.sources):
            last = shown({"name": "", "fullname": "", "source": source}, self.name_format)
            heading = f"{plain(last).strip(' ()')} {label}"
            figures = (self._figure(name, source, metric) for name in self.found)
            width = max(len(heading), *map(len, figures)) + 2
            yield _Column(source, metric, heading, width, change=False)
            if place:
                heading = f"{_DELTA}{label}"
                yield _Column(source, metric, heading, max(len(heading) + 2, _LEAST), change=True)

    def _cell(self, fullname: str, column: _Column, paint: Paint) -> str:
        if not column.change:
            text = self._figure(fullname, column.source, column.metric).rjust(column.width)
            return paint(text, "strong") if column.source == self.sources[0] else text
        base = self._value(fullname, self.sources[0], column.metric)
        value = self._value(fullname, column.source, column.metric)
        change = (value - base) / abs(base) * 100 if base else math.nan
        if not math.isfinite(change):
            return "N/A".rjust(column.width)
        better = change > 0 if column.metric == "ops" else change < 0
        role = "good" if better else "bad" if change else "strong"
        return paint(f"{change:+.1f}%".rjust(column.width), role)

    def _figure(self, fullname: str, source: str, metric: str) -> str:
        value = self._value(fullname, source, metric)
        factor = self.operations[1] if metric == "ops" else self.seconds[1]
        return "N/A" if math.isnan(value) else f"{value * factor:,.4f}"

    def _value(self, fullname: str, source: str, metric: str) -> float:
        return figure(self.found[fullname].get(source, {}), metric)

    def _shown(self, fullname: str) -> str:
        some = next(iter(self.found[fullname].values()))
        return plain(shown({**some, "source": ""}, self.name_format))

    def _order(self, fullname: str) -> tuple[float, str]:
        if self.sort in {"name", "fullname"}:
            return 0.0, str(next(iter(self.found[fullname].values()))[self.sort])
        value = self._value(fullname, self.sources[0], self.sort)
        return (math.inf if math.isnan(value) else value), fullname
