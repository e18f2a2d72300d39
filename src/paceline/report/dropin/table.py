"""The benchmark table in pytest-benchmark's shape, for eyes and scripts that know it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from paceline.errors import UsageError
from paceline.report.dropin.names import shown
from paceline.report.escape import plain
from paceline.report.paint import Paint, bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Entry = dict[str, Any]
    Groups = Iterable[tuple[str | None, Sequence[Entry]]]

__all__ = [
    "COLUMNS",
    "DEFAULT_COLUMNS",
    "LEGEND",
    "SORTS",
    "Extremes",
    "ScaleUnit",
    "Table",
    "extremes",
    "figure",
    "parse_columns",
    "render",
    "sort_key",
    "tables",
    "title",
]

DEFAULT_COLUMNS = (
    *("min", "max", "mean", "stddev", "median", "iqr"),
    *("outliers", "ops", "rounds", "iterations"),
)
COLUMNS = frozenset(DEFAULT_COLUMNS)
SORTS = ("min", "max", "mean", "stddev", "name", "fullname")
LEGEND = (
    "Legend:",
    (
        "  Outliers: 1 Standard Deviation from Mean;"
        " 1.5 IQR (InterQuartile Range) from 1st Quartile and 3rd Quartile."
    ),
    "  OPS: Operations Per Second, computed as 1 / Mean",
)
"""The last lines, which scripts look for."""

_TITLES = {"stddev": "StdDev", "iqr": "IQR"}
_COUNTS = ("outliers", "rounds", "iterations")
_COMPARED = ("min", "max", "mean", "median", "iqr", "stddev", "ops")
_BESIDE = 10
_FAR = 1000.0


class ScaleUnit(Protocol):
    """Gives a prefix and the factor that figures are taken times, as the hook does."""

    def __call__(
        self,
        *,
        unit: str,
        benchmarks: Sequence[Entry],
        best: Mapping[str, float],
        worst: Mapping[str, float],
        sort: str,
    ) -> tuple[str, float]:
        """Choose the scale of one table for ``unit``, "seconds" or "operations"."""
        ...


@dataclass(frozen=True, slots=True)
class Extremes:
    """The best and the worst figure of each column over some entries, in base units."""

    best: dict[str, float]
    worst: dict[str, float]


@dataclass(frozen=True, slots=True)
class Table:
    """One group, sorted, its names as shown: what a histogram of it needs, and its text.

    A time in seconds taken times ``factor`` is in the unit that ``prefix`` names.
    """

    group: str | None
    rows: tuple[Entry, ...]
    prefix: str
    factor: float
    text: str


def render(  # noqa: PLR0913  (each is an option of the table)
    groups: Groups,
    *,
    columns: Sequence[str],
    sort: str,
    name_format: str,
    scale_unit: ScaleUnit,
    paint: Paint = bare,
) -> str:
    """Write every group's table and the legend; "" without groups."""
    drawn = tables(
        groups,
        columns=columns,
        sort=sort,
        name_format=name_format,
        scale_unit=scale_unit,
        paint=paint,
    )
    if not drawn:
        return ""
    return "\n".join(["", *(table.text for table in drawn), *LEGEND, ""])


def tables(  # noqa: PLR0913  (each is an option of the table)
    groups: Groups,
    *,
    columns: Sequence[str],
    sort: str,
    name_format: str,
    scale_unit: ScaleUnit,
    paint: Paint = bare,
) -> tuple[Table, ...]:
    """Lay out one table a group; rows ascend by the figure or name to sort by."""
    drawn = []
    for group, entries in groups:
        if not entries:
            continue
        rows = tuple(
            {**entry, "name": plain(shown(entry, name_format))}
            for entry in sorted(entries, key=lambda entry: sort_key(entry, sort))
        )
        ends = extremes(rows)
        scales = [
            scale_unit(unit=unit, benchmarks=rows, best=ends.best, worst=ends.worst, sort=sort)
            for unit in ("seconds", "operations")
        ]
        sheet = _Sheet(rows, tuple(columns), ends, *scales)
        text = "\n".join(sheet.lines(group, paint))
        drawn.append(Table(group, rows, *scales[0], text))
    return tuple(drawn)


def parse_columns(text: str) -> tuple[str, ...]:
    """Part the columns of a table at their commas.

    Raises:
        UsageError: a column that no entry has.
    """
    columns = tuple(part.strip() for part in text.lower().split(","))
    unknown = [column for column in columns if column not in COLUMNS]
    if unknown:
        raise UsageError(
            f"Invalid column name(s): {', '.join(unknown)}.",
            remedy=f"The only valid column names are: {', '.join(DEFAULT_COLUMNS)}",
        )
    return columns


def extremes(entries: Sequence[Entry]) -> Extremes:
    """Find the best and worst figure of each column; more operations per second are better."""
    best, worst = {}, {}
    for column in _COMPARED:
        values = [value for one in entries if math.isfinite(value := figure(one, column))]
        ends = (min(values, default=math.nan), max(values, default=math.nan))
        best[column], worst[column] = reversed(ends) if column == "ops" else ends
    return Extremes(best, worst)


def figure(entry: Mapping[str, Any], column: str) -> float:
    """Read a figure of an entry, nan where it was not saved."""
    return float(entry.get(column, math.nan))


def title(column: str, prefix: str) -> str:
    """Write a column's heading; only operations show a prefix of their own."""
    if column == "ops":
        return f"OPS ({prefix}ops/s)" if prefix else "OPS"
    return _TITLES.get(column, column.capitalize())


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What it takes to write one table."""

    rows: tuple[Entry, ...]
    columns: tuple[str, ...]
    ends: Extremes
    seconds: tuple[str, float]
    operations: tuple[str, float]

    @property
    def padding(self) -> int:
        """The room that relative figures take; one row has nothing to be relative to."""
        return _BESIDE if len(self.rows) > 1 else 0

    def lines(self, group: str | None, paint: Paint) -> Iterable[str]:
        """Write the title, the heading, every row and the closing rule, an empty line after it."""
        heading = f"Name (time in {self.seconds[0]}s)"
        wide = 3 + max(len(heading), *(len(row["name"]) for row in self.rows))
        widths = {column: self._width(column) for column in self.columns}
        head = heading.ljust(wide) + "".join(
            title(column, self.operations[0]).rjust(widths[column])
            + ("" if column in _COUNTS else " " * self.padding)
            for column in self.columns
        )
        named = "" if group is None else f" {plain(repr(group))}"
        yield paint(f" benchmark{named}: {len(self.rows)} tests ".center(len(head), "-"), "warn")
        yield head
        yield paint("-" * len(head), "warn")
        for row in self.rows:
            name = row["name"].ljust(wide)
            cells = (self._cell(row, column, widths[column], paint) for column in self.columns)
            yield (paint(name, "bad") if row.get("has_error") else name) + "".join(cells)
        yield paint("-" * len(head), "warn")
        yield ""

    def _width(self, column: str) -> int:
        figures = (
            [str(row.get(column, "")) for row in self.rows]
            if column in _COUNTS
            else [f"{self._scaled(row, column):,.4f}" for row in self.rows]
        )
        return 2 + max(len(title(column, self.operations[0])), *map(len, figures))

    def _scaled(self, row: Entry, column: str) -> float:
        factor = self.operations[1] if column == "ops" else self.seconds[1]
        return figure(row, column) * factor

    def _cell(self, row: Entry, column: str, width: int, paint: Paint) -> str:
        if column in _COUNTS:
            return str(row.get(column, "")).rjust(width)
        value, best = figure(row, column), self.ends.best.get(column, math.nan)
        beside = _relative(value, best).ljust(self.padding) if self.padding else ""
        text = f"{self._scaled(row, column):>{width},.4f}{beside}"
        if not self.padding:
            return paint(text, "strong")
        worst = self.ends.worst.get(column)
        return paint(text, "good" if value == best else "bad" if value == worst else "strong")


def _relative(value: float, best: float) -> str:
    if value == best:
        return " (1.0)"
    share = abs(value / best) if best else math.inf
    if math.isinf(share) or share <= _FAR:
        return f" ({share:.2f})"
    return " (nan)" if math.isnan(share) else " (>1000.0)"


def sort_key(entry: Mapping[str, Any], sort: str) -> tuple[float, str]:
    """Order entries by a figure or a name; what was not saved comes last."""
    if sort in {"name", "fullname"}:
        return 0.0, str(entry[sort])
    value = figure(entry, sort)
    return (math.inf if math.isnan(value) else value), ""
