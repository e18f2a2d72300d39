"""asv: one result file, ``results/MACHINE/COMMIT-ENVIRONMENT.json``, as one run.

The format is asv's own, results of version 2 (https://asv.readthedocs.io, "Developer docs"): a row
for each benchmark, in the order of ``result_columns``; a parametrised one has a list of results in
the order of the product of its parameters. null is a failure, NaN a benchmark that was skipped.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from paceline.errors import StoreError
from paceline.model import METRICS, Case, Host, Measurement, Metric, StoredSummary
from paceline.store.exchange.cursor import Cursor
from paceline.store.exchange.document import RunDocument
from paceline.store.exchange.imported import UNDATED, foreign_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from paceline.errors import Place
    from paceline.model import Run

__all__ = ["KIND", "Described", "read_asv", "read_described"]

KIND = "asv"

_VERSION = 2
_UNITS = {  # asv's words, and the prefixes that track benchmarks use: factor and base unit
    "seconds": (1.0, "s"),
    "s": (1.0, "s"),
    "ms": (1e-3, "s"),
    "us": (1e-6, "s"),
    "µs": (1e-6, "s"),
    "ns": (1e-9, "s"),
    "bytes": (1.0, "B"),
    "B": (1.0, "B"),
    "kB": (1e3, "B"),
    "KiB": (1024.0, "B"),
    "MB": (1e6, "B"),
    "MiB": (1024.0**2, "B"),
}
_KIND = re.compile(r"(timeraw|time|peakmem|mem|track)(?:_|(?=[A-Z]))", re.IGNORECASE)
_BY_NAME = {  # how names begin: asv's kind and its unit
    "time": ("time", "seconds"),
    "timeraw": ("time", "seconds"),
    "mem": ("memory", "bytes"),
    "peakmem": ("peakmemory", "bytes"),
    "track": ("track", ""),
}
_MEANING = {
    "memory": "Size of an object, as asv says it.",
    "peakmemory": "Most resident memory of a benchmark's process, as asv says it.",
    "track": "What a benchmark returned to asv.",
}
_FAILED = "asv recorded no result: the benchmark failed or did not run"
_SKIPPED = "asv skipped the benchmark"


class Described(NamedTuple):
    """What ``benchmarks.json`` says of a benchmark."""

    kind: str
    unit: str
    parameters: tuple[str, ...]


def read_described(data: Any, place: Place) -> dict[str, Described]:
    """Read ``benchmarks.json``.

    Raises:
        StoreError: something in it doesn't fit.
    """
    found: dict[str, Described] = {}
    for name, one in Cursor(data, place).items():
        if name == "version":
            continue
        names = one.maybe("param_names")
        found[name] = Described(
            _text(one, "type"),
            _text(one, "unit"),
            tuple(element.text() for element in names.elements()) if names else (),
        )
    return found


def read_asv(data: Any, place: Place, *, described: Mapping[str, Described]) -> RunDocument:
    """Read one result file; a benchmark that is not described goes by asv's rules for names.

    Raises:
        StoreError: something in it doesn't fit; the message names the path of keys.
    """
    whole = Cursor(data, place)
    version = whole.maybe("version")
    if version is not None and version.value != _VERSION:
        remedy = "bring the folder up to date by `asv update`"
        raise StoreError(
            f"asv results of version {version.value!r}, not {_VERSION}", place=place, remedy=remedy
        )
    columns = [one.text() for one in whole.at("result_columns").elements()]
    found: list[Measurement] = []
    for name, row in whole.at("results").items():
        cells = dict(zip(columns, row.elements(), strict=False))
        about = described.get(name) or _guessed(name)
        found += _measured(name, cells, about)
    return RunDocument(_run(whole), tuple(found))


def _run(whole: Cursor) -> Run:
    parameters = whole.at("params")
    named = {name: _word(one) for name, one in parameters.items()}
    python = _text(whole, "python")
    environment = _text(whole, "env_name")
    machine = named.get("machine", "")
    host = Host(
        named.get("cpu", ""),
        _count(named.get("num_cpu", "")),
        _count(named.get("ram", "")),
        f"{named.get('os', '')} {named.get('arch', '')}".strip(),
        f"CPython {python}" if python[:1].isdigit() else python,
        # the same benchmark in two environments is two series
        f"asv {machine} {environment}".strip(),
    )
    date = whole.maybe("date")
    run = foreign_run(KIND, host=host, started=date.number() / 1000 if date else UNDATED)
    about = (("asv.machine", machine), ("asv.environment", environment), *_measured_at(whole))
    settings = (*run.settings, *about)
    return type(run)(
        run.id, run.started, host, _text(whole, "commit_hash"), "", settings=settings, complete=True
    )


def _measured_at(whole: Cursor) -> tuple[tuple[str, str], ...]:
    """Say when asv measured: the run's start is the commit's date, so that series keep order."""
    columns = [one.value for one in whole.at("result_columns").elements()]
    if "started_at" not in columns:
        return ()
    at = columns.index("started_at")
    times = [
        cells[at].number() / 1000
        for _name, row in whole.at("results").items()
        if at < len(cells := row.elements()) and cells[at].value is not None
    ]
    try:
        first = dt.datetime.fromtimestamp(min(times, default=0.0), tz=dt.UTC)
    except (OverflowError, ValueError, OSError):
        return ()
    return (("asv.measured", first.isoformat(timespec="seconds")),) if times else ()


def _measured(name: str, cells: Mapping[str, Cursor], about: Described) -> Iterator[Measurement]:
    """Give a measurement for each combination of parameters."""
    given = cells.get("params")
    parameters = (
        [[one.text() for one in values.elements()] for values in given.elements()] if given else []
    )
    result = cells.get("result")
    if result is None or result.value is None:
        yield _measurement(Case(name), about, {}, 0)
        return
    wanted = math.prod(map(len, parameters))
    if len(result.elements()) != wanted:
        raise result.misfit(f"a list of {wanted}, one for each combination of parameters")
    for at, chosen in enumerate(itertools.product(*parameters)):
        yield _measurement(_case(name, chosen, about), about, cells, at)


def _case(name: str, chosen: tuple[str, ...], about: Described) -> Case:
    """Name a combination as asv does: ``name(1, 'a')``."""
    if not chosen:
        return Case(name)
    names = [*about.parameters, *(f"param{at}" for at in range(1, len(chosen) + 1))]
    if len(about.parameters) < len(chosen):
        names = names[len(about.parameters) :]
    return Case(f"{name}({', '.join(chosen)})", parameters=tuple(zip(names, chosen, strict=False)))


def _measurement(case: Case, about: Described, cells: Mapping[str, Cursor], at: int) -> Measurement:
    factor, metric = _metric(about)
    result = _element(cells, "result", at)
    if result is None or result.value != result.value:
        reason = _FAILED if result is None else _SKIPPED
        return Measurement(case, metric, (), unsure=reason)
    iterations = _element(cells, "stats_number", at)
    samples = _element(cells, "samples", at)
    repeat = _element(cells, "stats_repeat", at)
    values: tuple[float, ...] = ()
    if samples is not None:
        values = tuple(one.number() * factor for one in samples.elements())
    elif repeat is None or repeat.value == 1:  # a figure of one round is the round
        values = (result.number() * factor,)
    summary = None
    if not values:
        rounds = repeat.whole(1) if repeat else 1
        summary = StoredSummary(rounds, median=result.number() * factor)
    return Measurement(
        case,
        metric,
        values,
        iterations=iterations.whole(1) if iterations else 1,
        conditions=(("unit", about.unit),) if metric.unit == "1" and about.unit else (),
        summary=summary,
    )


def _metric(about: Described) -> tuple[float, Metric]:
    """Give the factor to the base unit, and the metric; asv takes less for better everywhere."""
    factor, unit = _UNITS.get(about.unit, (1.0, "1"))
    if about.kind == "time":
        return factor if unit == "s" else 1.0, METRICS["wall_time"]
    if about.kind in _MEANING and unit == "B" and about.kind != "track":
        return factor, Metric(f"asv_{about.kind}", unit, help=_MEANING[about.kind])
    suffix = {"s": "_time", "B": "_bytes"}.get(unit, "")
    return factor, Metric(f"asv_track{suffix}", unit, help=_MEANING["track"])


def _guessed(name: str) -> Described:
    found = _KIND.match(name.rpartition(".")[2])
    kind, unit = _BY_NAME[found[1].lower() if found else "track"]
    return Described(kind, unit, ())


def _element(cells: Mapping[str, Cursor], column: str, at: int) -> Cursor | None:
    """Look up one combination's entry; None where the column or the entry is missing or null."""
    cell = cells.get(column)
    if cell is None or cell.value is None:
        return None
    elements = cell.elements()
    if at >= len(elements) or elements[at].value is None:
        return None
    return elements[at]


def _text(spot: Cursor, name: str) -> str:
    found = spot.maybe(name)
    return found.text() if found else ""


def _word(spot: Cursor) -> str:
    """Read what people edit by hand in ``machine.json``: a text or a number."""
    return spot.value if isinstance(spot.value, str) else str(spot.value)


def _count(text: str) -> int:
    """Read a whole number; what else stands there is not known."""
    small = text.isascii() and text.isdigit() and len(text) < len(str(2**63))
    return int(text) if small else 0
