"""Options of the benchmark table; the names of the flags are those that users know."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["Column", "Detail", "NameFormat", "Sort", "Style", "TableOptions", "TimeUnit"]


class Column(enum.Enum):
    """A column of the benchmark table."""

    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    STDDEV = "stddev"
    MEDIAN = "median"
    IQR = "iqr"
    Q1 = "q1"
    Q3 = "q3"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    TOTAL = "total"
    OUTLIERS = "outliers"
    OPS = "ops"
    THROUGHPUT = "throughput"
    ROUNDS = "rounds"
    ITERATIONS = "iterations"


class Sort(enum.Enum):
    """What the rows of a group are sorted by; figures ascend, so the fastest comes first."""

    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    STDDEV = "stddev"
    MEDIAN = "median"
    IQR = "iqr"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    OPS = "ops"
    ROUNDS = "rounds"
    NAME = "name"
    FULLNAME = "fullname"


class NameFormat(enum.Enum):
    """How much of a case's name the table shows."""

    SHORT = "short"
    NORMAL = "normal"
    LONG = "long"
    TRIAL = "trial"


class TimeUnit(enum.Enum):
    """The unit of the table's times; auto takes the largest in which the smallest is ≥ 1."""

    AUTO = "auto"
    NS = "ns"
    US = "us"
    MS = "ms"
    S = "s"


class Detail(enum.Enum):
    """How much the terminal is told."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


class Style(enum.Enum):
    """Whose habits the table and the benchmark fixture keep: ours or pytest-benchmark's."""

    PACELINE = "paceline"
    DROPIN = "dropin"


_COLUMNS = (
    Column.MIN,
    Column.MAX,
    Column.MEAN,
    Column.STDDEV,
    Column.MEDIAN,
    Column.IQR,
    Column.OUTLIERS,
    Column.OPS,
    Column.ROUNDS,
    Column.ITERATIONS,
)


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What the benchmark table shows, and in which order."""

    section: ClassVar[str] = "table"

    columns: tuple[Column, ...] = option(
        _COLUMNS,
        help="Columns of the benchmark table, in their order.",
        flag="--benchmark-columns",
        metavar="COLUMNS",
    )
    sort: Sort = option(
        Sort.MIN,
        help="Figure or name that the rows of a group are sorted by.",
        flag="--benchmark-sort",
        metavar="COLUMN",
    )
    group_by: tuple[str, ...] = option(
        ("group",),
        help="What makes a table: group, name, func, fullname, fullfunc, param or param:NAME.",
        flag="--benchmark-group-by",
        metavar="LABELS",
    )
    name: NameFormat = option(
        NameFormat.NORMAL,
        help="Names in the table: short, normal, long or trial.",
        flag="--benchmark-name",
        metavar="FORMAT",
    )
    time_unit: TimeUnit = option(
        TimeUnit.AUTO,
        help="Unit of the table's times: auto, ns, us, ms or s.",
        flag="--benchmark-time-unit",
        metavar="UNIT",
    )
    detail: Detail = option(
        Detail.NORMAL,
        help="How much the terminal shows: quiet (no table), normal or verbose.",
        flags={"--benchmark-quiet": Detail.QUIET, "--benchmark-verbose": Detail.VERBOSE},
    )
    style: Style = option(
        Style.PACELINE,
        help="Whose table and fixture: paceline, or dropin as pytest-benchmark has them.",
        flag="--paceline-style",
        metavar="STYLE",
    )
