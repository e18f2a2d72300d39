"""Write a measurement as pytest-benchmark's JSON has it: same keys, same nesting, seconds.

Its quartiles are the medians of the two halves for an even count and Hazen's points for an odd one
(Tukey's hinges but for the odd case); `paceline.stats.summary` computes the same numbers to the
last rounding, so one definition serves both.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from paceline.stats.summary import summarise

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from paceline.model import Measurement, StoredSummary

__all__ = ["FIELDS", "document", "dumps", "entry", "figures", "flat"]

FIELDS = (
    *("min", "max", "mean", "stddev", "rounds", "median", "iqr", "q1", "q3"),
    *("iqr_outliers", "stddev_outliers", "outliers", "ld15iqr", "hd15iqr", "ops", "total"),
)
"""The statistics of an entry, in the order in which they are written."""


def entry(  # noqa: PLR0913  (each is one key of the format)
    measurement: Measurement,
    *,
    name: str,
    fullname: str,
    group: str | None,
    param: str | None,
    params: Mapping[str, Any] | None,
    extra_info: Mapping[str, Any],
    options: Mapping[str, Any],
    include_data: bool,
    cprofile: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Give one benchmark as the plugin writes it; figures in seconds per call.

    ``include_data`` adds the raw values. A measurement whose values are not at hand gets the
    statistics that its summary knows.
    """
    written: dict[str, Any] = {
        "group": group or None,
        "name": name,
        "fullname": fullname,
        "params": None if params is None else dict(params),
        "param": param,
        "extra_info": dict(extra_info),
        "options": {key: _named(value) for key, value in options.items()},
    }
    if cprofile:
        written["cprofile"] = [dict(one) for one in cprofile]
    values = measurement.values
    stats = figures(values) if values else _remembered(measurement.summary)
    if include_data and values:
        stats["data"] = list(values)
    stats["iterations"] = measurement.iterations
    return {**written, "stats": stats}


def figures(values: Sequence[float]) -> dict[str, Any]:
    """Compute the sixteen statistics of one entry, in the unit of the values.

    Raises:
        ValueError: there are no values.
    """
    summary = summarise(values)
    return {field: getattr(summary, field) for field in FIELDS}


def flat(
    written: Mapping[str, Any], *, path: str | None = None, source: str | None = None
) -> dict[str, Any]:
    """Lift an entry's statistics beside its names, as tables, groups and hooks see it.

    ``path`` and ``source`` say where a saved entry comes from, None for one just measured.
    """
    rest = {key: value for key, value in written.items() if key != "stats"}
    return {**rest, **written["stats"], "path": path, "source": source}


def document(
    entries: Iterable[Mapping[str, Any]],
    *,
    machine_info: Mapping[str, Any],
    commit_info: Mapping[str, Any],
    started: dt.datetime,
    version: str,
) -> dict[str, Any]:
    """Put entries together as one saved run; ``started`` should know its time zone."""
    return {
        "machine_info": dict(machine_info),
        "commit_info": dict(commit_info),
        "benchmarks": [dict(one) for one in entries],
        "datetime": started.isoformat(),
        "version": version,
    }


def dumps(document: Mapping[str, Any]) -> str:
    """Write a document as ASCII text; a value that JSON has no word for is written by its repr."""
    return json.dumps(document, ensure_ascii=True, indent=4, default=_foreign)


def _foreign(value: object) -> str:
    try:
        return f"UNSERIALIZABLE[{value!r}]"
    except Exception as error:  # noqa: BLE001  (the user's own __repr__)
        return f"UNSERIALIZABLE[{type(value).__name__}: its repr raised {type(error).__name__}]"


def _remembered(summary: StoredSummary | None) -> dict[str, Any]:
    """Give what a summary knows of values that are not at hand."""
    if summary is None:
        return {"rounds": 0}
    known = {
        name: value
        for name in ("min", "mean", "stddev", "median")
        if (value := getattr(summary, name)) is not None
    }
    more: dict[str, Any] = {"rounds": summary.rounds}
    if summary.mean is not None:
        more["ops"] = 1 / summary.mean if summary.mean else 0.0
        more["total"] = summary.mean * summary.rounds
    return {**known, **more}


def _named(value: Any) -> Any:
    """Write a callable option, such as a timer, by its name."""
    if not callable(value):
        return value
    function = value.func if isinstance(value, functools.partial) else value
    return getattr(function, "__name__", str(function))
