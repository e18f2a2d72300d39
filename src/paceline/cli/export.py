"""``paceline export``: recorded runs as files that others, and ``compare``, can read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general
from paceline.cli.import_ import started_at
from paceline.cli.project import project_of
from paceline.engine.history import permalink, recorded_with_notes, records_of
from paceline.errors import UsageError
from paceline.report.csv import to_csv
from paceline.report.document import build
from paceline.report.escape import csv_cell
from paceline.report.json import dumps
from paceline.report.junit import to_junit
from paceline.store.exchange import RunDocument, write_run

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from paceline.cli.console import Console
    from paceline.model import Measurement
    from paceline.store.sqlite import Store

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline export latest --output main.json      compare and import read it back, losslessly
  paceline export main --format csv              one row per measurement
  paceline export main --format csv --raw        one row per value
  paceline export latest --format junit --output junit.xml
  paceline export latest --format pytest-benchmark --output 0001_main.json
  paceline export --all --format parquet --output runs.parquet
  paceline export --since 2026-11-01 --output exported    a file a run
"""
_RAW = ("case", "metric", "unit", "round", "value")
_ENDINGS = {
    "json": ".json",
    "csv": ".csv",
    "junit": ".xml",
    "pytest-benchmark": ".json",
    "parquet": ".parquet",
}
_WITHOUT_RAW = frozenset({"junit", "pytest-benchmark"})
_STRANGE = re.compile(r"[^\w-]")  # in a run's id, which an imported run brought itself
_NAME = 64
_SQUARABLE = 1e150


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the runs, the format and where to."""
    parser.add_argument(
        "runs", metavar="RUN", nargs="*", help="baseline, run, commit or latest~N; several"
    )
    parser.add_argument("--all", action="store_true", help="every run in the store")
    parser.add_argument(
        "--since", metavar="WHEN", default="", help="every run that started at this date or later"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--format",
        choices=tuple(_ENDINGS),
        default="json",
        help="json keeps everything (default); parquet all figures; the others hold less",
    )
    how.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )
    parser.add_argument("--raw", action="store_true", help="every value; json always holds them")
    parser.add_argument(
        "--output", metavar="FILE", default="", help="write to a file; a folder for several runs"
    )
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the runs in the format asked for."""
    _check(arguments)
    project = project_of(arguments, console)
    store = project.store()
    many = arguments.all or arguments.since or len(arguments.runs) > 1
    documents = _documents(arguments, store, project.root, console)
    if arguments.format == "parquet":
        _put_parquet(documents, arguments, console)
    elif many:
        _put_each(documents, arguments, console)
    else:
        for document in documents:
            console.put(_text(document, arguments.format, raw=arguments.raw), arguments.output)
    console.notes(store.notes)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what doesn't go together.

    Raises:
        UsageError: says what, and what to ask for instead.
    """
    form, asked = arguments.format, arguments.all or arguments.since
    if bool(asked) == bool(arguments.runs):
        raise UsageError("name runs, or ask for --all or --since", remedy="see --help")
    if arguments.raw and form in _WITHOUT_RAW:
        remedy = "use --format json, csv or parquet"
        raise UsageError(f"{form} takes no --raw", remedy=remedy)
    if form == "parquet" and arguments.output in {"", "-"}:
        raise UsageError("parquet is no text", remedy="name a file by --output")
    if (asked or len(arguments.runs) > 1) and arguments.output in {"", "-"}:
        raise UsageError("several runs are several files", remedy="name a folder by --output")


def _documents(
    arguments: argparse.Namespace, store: Store, root: Path, console: Console
) -> Iterator[RunDocument]:
    """Load the runs asked for, one after the other."""
    for reference in arguments.runs:
        found, notes = recorded_with_notes(store, reference, root=root)
        console.notes(notes)
        records = records_of(store, reference, found.run)
        if arguments.output not in {"", "-"}:
            console.notes(filter(None, (permalink(store, (reference,), (found,), root=root),)))
        yield RunDocument(found.run, tuple(found.measurements), records)
    if arguments.all or arguments.since:
        since = started_at(arguments.since)
        for one in store.runs():
            if one.started >= since:
                yield RunDocument(one, store.measurements(one.id), store.resources(one.id))


def _text(document: RunDocument, form: str, *, raw: bool) -> str:
    found, measurements, records = document
    if form == "json":
        return dumps(write_run(found, measurements, resources=records))
    if form == "pytest-benchmark":
        from paceline.store.dropin_exchange import to_peer  # noqa: PLC0415  (only for this format)

        return dumps(to_peer(found, [one for one in measurements if _has_sums(one)]))
    if form == "csv" and raw:
        return "".join(f"{line}\r\n" for line in _raw_rows(measurements))
    built = build(found, measurements)
    return to_csv(built) if form == "csv" else to_junit(built, records)


def _has_sums(one: Measurement) -> bool:
    """Tell whether figures have sums and squares: that format has no word for what isn't finite."""
    return all(abs(value) < _SQUARABLE for value in one.values)


def _put_each(
    documents: Iterator[RunDocument], arguments: argparse.Namespace, console: Console
) -> None:
    """Write a file for each run, named by the run."""
    for document in documents:
        name = _STRANGE.sub("_", document.run.id)[:_NAME] + _ENDINGS[arguments.format]
        text = _text(document, arguments.format, raw=arguments.raw)
        console.put(text, str(Path(arguments.output) / name))


def _put_parquet(
    documents: Iterator[RunDocument], arguments: argparse.Namespace, console: Console
) -> None:
    """Write one file for all runs; it takes its name when it is whole.

    Raises:
        UsageError: the file can't be written.
    """
    from paceline.store.exchange.parquet import write_parquet  # noqa: PLC0415  (as above)

    file = Path(arguments.output)
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as target:
                write_parquet(target, documents, raw=arguments.raw)
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        remedy = "name another --output"
        said = f"{str(file)!r} can't be written: {error.strerror}"
        raise UsageError(said, remedy=remedy) from error
    console.note(f"written {file}")


def _raw_rows(measurements: Sequence[Measurement]) -> Iterator[str]:
    """Write every value, in the metric's base unit and in the order it was taken."""
    yield ",".join(_RAW)
    for one in measurements:
        named = (csv_cell(one.case.id), csv_cell(one.metric.name), csv_cell(one.metric.unit))
        for place, value in enumerate(one.values, 1):
            yield ",".join((*named, str(place), repr(value)))
