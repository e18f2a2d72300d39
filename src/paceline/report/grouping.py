"""Sort rows into the tables that a reader asked for."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paceline.errors import UsageError
from paceline.report.options import NameFormat, Sort
from paceline.stats.ratio import ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Case, Estimate
    from paceline.report.document import Row

__all__ = [
    "Group",
    "Side",
    "grouped",
    "scaled",
    "shown_name",
    "side_by_side",
    "size_of",
    "sort_key",
]

_PARAMETER = "param:"
_SCALING = "scaling"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand in one table; ``name`` is "" for what belongs to no group."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One row beside the fastest of its group; ``ratio`` is row over fastest, None for itself."""

    row: Row
    ratio: Estimate | None


def grouped(rows: tuple[Row, ...], by: tuple[str, ...], *, sort: Sort) -> tuple[Group, ...]:
    """Sort rows into groups, in the order in which the groups first appear.

    Raises:
        UsageError: a label that no case can be grouped by.
    """
    labels = tuple(map(_label, by))
    found: dict[str, list[Row]] = {}
    for row in rows:
        parts = (label(row.measurement.case) for label in labels)
        found.setdefault(" ".join(filter(None, parts)), []).append(row)
    return tuple(
        Group(name, tuple(sorted(members, key=lambda row: sort_key(row, sort))))
        for name, members in found.items()
    )


def scaled(rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], tuple[Group, ...]]:
    """Part plain rows from the sizes of scaling benchmarks, one group each, sizes ascending."""
    plain = tuple(row for row in rows if size_of(row) is None)
    found: dict[str, list[Row]] = {}
    for row in rows:
        if size_of(row) is not None:
            found.setdefault(_scaling_id(row.measurement.case), []).append(row)
    groups = (Group(name, tuple(sorted(some, key=_size))) for name, some in found.items())
    return plain, tuple(groups)


def size_of(row: Row) -> float | None:
    """Read the input size that a scaling benchmark noted, None for any other row."""
    text = dict(row.measurement.extra).get(_SCALING)
    if text is None:
        return None
    try:
        return float(json.loads(text))
    except (TypeError, ValueError):  # an author's own "scaling" note is none of ours
        return None


def side_by_side(rows: tuple[Row, ...], *, level: float = 0.95) -> tuple[Side, ...]:
    """Set every row of a group beside its fastest by median, with the interval of the ratio.

    A median of 0 (below the clock's resolution) has no ratio, and neither has a group of one.
    """
    if len(rows) < 2 or min(row.median.point for row in rows) <= 0:  # noqa: PLR2004  (a pair)
        return ()
    ordered = sorted(rows, key=lambda row: row.median.point)
    first = ordered[0].measurement.values
    beside = (
        Side(row, ratio(first, row.measurement.values, statistic="median", level=level))
        for row in ordered[1:]
    )
    return (Side(ordered[0], None), *beside)


def sort_key(row: Row, sort: Sort) -> tuple[float, str]:
    """Order rows by a figure, or by a name."""
    case = row.measurement.case
    if sort is Sort.NAME:
        return 0.0, case.name
    if sort is Sort.FULLNAME:
        return 0.0, str(case.id)
    return float(getattr(row.summary, sort.value)), str(case.id)


def shown_name(case: Case, form: NameFormat, *, trial: str = "") -> str:
    """Write a case's name as asked: without ``test_``, as it is, with its file, or with its run."""
    if form is NameFormat.LONG:
        return str(case.id)
    if form is NameFormat.TRIAL and trial:
        return f"{case.name} ({trial})"
    return case.name.removeprefix("test_") if form is NameFormat.SHORT else case.name


def _scaling_id(case: Case) -> str:
    """Leave the size out of a case's id: its label is ``n=10``, or ``name/n=10`` beside others."""
    name = case.label.rpartition("/")[0]
    return f"{case.node_id}#{name}" if name else case.node_id


def _size(row: Row) -> float:
    return size_of(row) or 0.0


def _label(name: str) -> Callable[[Case], str]:
    if name.startswith(_PARAMETER):
        wanted = name.removeprefix(_PARAMETER)
        return lambda case: _parameter(case, wanted)
    if name not in _LABELS:
        known = (*_LABELS, f"{_PARAMETER}NAME")
        near = difflib.get_close_matches(name, known, n=1)
        raise UsageError(
            f"{name!r} is nothing to group by",
            remedy=(f"did you mean {near[0]!r}? " if near else "") + f"known: {', '.join(known)}",
        )
    return _LABELS[name]


def _parameter(case: Case, wanted: str) -> str:
    value = dict(case.parameters).get(wanted)
    return "" if value is None else f"{wanted}={value}"


def _parameters(case: Case) -> str:
    return str(case.node_id).partition("[")[2].removesuffix("]")


_LABELS: dict[str, Callable[[Case], str]] = {
    "group": lambda case: case.group,
    "name": lambda case: case.name,
    "func": lambda case: case.name.partition("[")[0].partition("#")[0],
    "fullname": lambda case: str(case.id),
    "fullfunc": lambda case: case.node_id.partition("[")[0],
    "param": _parameters,
}
