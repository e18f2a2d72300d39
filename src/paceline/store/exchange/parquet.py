"""Parquet: runs as a columnar file for analytic tools, a row a measurement or a row a value.

Figures are in base units; the metadata of each field say its ``unit``, or which column does.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import math
from typing import TYPE_CHECKING, Any

from paceline.errors import UsageError
from paceline.model import METRICS
from paceline.stats.summary import statistic
from paceline.store.rows import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from paceline.model import Measurement, Run
    from paceline.store.exchange.document import RunDocument

__all__ = ["VERSION", "write_parquet"]

VERSION = 1
"""History: 1 the columns below; one that goes or changes its meaning raises it."""

_SAID = "as the column unit says"
_RUN = (
    ("run", "string", ""),
    ("started", "moment", ""),
    ("commit", "string", ""),
    ("branch", "string", ""),
    ("dirty", "bool", ""),
    ("cpu", "string", ""),
    ("cores", "int64", "1"),
    ("memory", "int64", "B"),
    ("system", "string", ""),
    ("python", "string", ""),
    ("runner", "string", ""),
)
_NAMES = (
    ("case", "string", ""),
    ("group", "string", ""),
    ("metric", "string", ""),
    ("unit", "string", ""),
    ("better", "string", ""),
)
_FIGURES = (
    ("rounds", "int64", "1"),
    ("iterations", "int64", "1"),
    ("warmup", "int64", "1"),
    ("mean", "double", _SAID),
    ("median", "double", _SAID),
    ("min", "double", _SAID),
    ("stddev", "double", _SAID),
    ("items", "double", "as the column item_unit says"),
    ("item_unit", "string", ""),
    ("unsure", "string", ""),
    ("parameters", "pairs", ""),
    ("conditions", "pairs", ""),
    ("values", "doubles", _SAID),
)
_VALUE = (("round", "int64", "1"), ("value", "double", _SAID))
_STATISTICS = ("mean", "median", "min", "stddev")


def write_parquet(target: BinaryIO, documents: Iterable[RunDocument], *, raw: bool = False) -> None:
    """Write runs, a row group for each; ``raw`` gives a row to each value.

    Records of tests are rows as well, a measurement for each figure.

    Raises:
        UsageError: pyarrow is not installed.
    """
    arrow, parquet = _arrow()
    columns = (*_RUN, *_NAMES, *(_VALUE if raw else _FIGURES))
    schema = _schema(arrow, columns)
    rows = _raw_rows if raw else _rows
    with parquet.ParquetWriter(target, schema) as writer:
        for document in documents:
            found = list(zip(*rows(document), strict=True)) or [()] * len(columns)
            arrays = [
                arrow.array(column, type=field.type)
                for column, field in zip(found, schema, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _arrow() -> tuple[Any, Any]:
    """Load pyarrow, which takes half a second and isn't there unless it was asked for."""
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        remedy = "pip install 'paceline[parquet]'"
        raise UsageError(f"Parquet needs pyarrow: {error}", remedy=remedy) from error


def _schema(arrow: Any, columns: Iterable[tuple[str, str, str]]) -> Any:
    types = {
        "string": arrow.string(),
        "bool": arrow.bool_(),
        "int64": arrow.int64(),
        "double": arrow.float64(),
        "moment": arrow.timestamp("us", tz="UTC"),
        "pairs": arrow.list_(arrow.struct([("name", arrow.string()), ("value", arrow.string())])),
        "doubles": arrow.list_(arrow.float64()),
    }
    fields = [
        arrow.field(name, types[kind], metadata={"unit": unit} if unit else None)
        for name, kind, unit in columns
    ]
    about = {
        "paceline.format": "paceline-parquet",
        "paceline.version": str(VERSION),
        "paceline.units": json.dumps({metric.name: metric.unit for metric in METRICS.values()}),
    }
    return arrow.schema(fields, metadata=about)


def _rows(document: RunDocument) -> Iterator[tuple[Any, ...]]:
    about = _of_run(document.run)
    for one in _measurements(document):
        yield (
            *about,
            *_of_metric(one),
            *(one.rounds, one.iterations, one.warmup),
            *_summary(one),
            one.items,
            plain(one.item_unit),
            plain(one.unsure),
            _pairs(one.case.parameters),
            _pairs(one.conditions),
            one.values,
        )


def _raw_rows(document: RunDocument) -> Iterator[tuple[Any, ...]]:
    about = _of_run(document.run)
    for one in _measurements(document):
        named = (*about, *_of_metric(one))
        yield from ((*named, place, value) for place, value in enumerate(one.values, 1))


def _measurements(document: RunDocument) -> Iterator[Measurement]:
    yield from document.measurements
    for record in document.resources:
        yield from record.measurements()


def _of_run(run: Run) -> tuple[Any, ...]:
    host = run.host
    return (
        plain(run.id),
        dt.datetime.fromtimestamp(run.started, tz=dt.UTC),
        plain(run.commit),
        plain(run.branch),
        run.dirty,
        plain(host.cpu),
        host.cores,
        host.memory,
        plain(host.system),
        plain(host.python),
        plain(host.runner),
    )


def _of_metric(one: Measurement) -> tuple[str, ...]:
    metric = one.metric
    names = (one.case.id, one.case.group, metric.name, metric.unit, metric.better.value)
    return tuple(map(plain, names))


def _summary(one: Measurement) -> tuple[float | None, ...]:
    """Give the statistics of the values, or what stands in for them; None for what is not known."""
    if not one.values:
        return tuple(getattr(one.summary, name, None) for name in _STATISTICS)
    if not all(map(math.isfinite, one.values)):
        return (None,) * len(_STATISTICS)
    try:
        return tuple(statistic(one.values, name) for name in _STATISTICS)
    except OverflowError:  # the sum of figures near 1e308 has no float
        return (None,) * len(_STATISTICS)


def _pairs(rows: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": plain(name), "value": plain(value)} for name, value in rows]
