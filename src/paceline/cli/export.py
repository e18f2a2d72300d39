"""``paceline export``: a recorded run as a file that others, and ``compare``, can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general
from paceline.cli.project import project_of
from paceline.engine.history import recorded, records_of
from paceline.errors import UsageError
from paceline.report.csv import to_csv
from paceline.report.document import build
from paceline.report.escape import csv_cell
from paceline.report.json import dumps
from paceline.report.junit import to_junit
from paceline.store.exchange import write_run

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from paceline.cli.console import Console
    from paceline.guard.baseline import Recorded

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline export latest --output main.json      compare main.json reads it back, losslessly
  paceline export main --format csv              one row per measurement
  paceline export main --format csv --raw        one row per value
  paceline export latest --format junit --output junit.xml
"""
_RAW = ("case", "metric", "unit", "round", "value")


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the run, the format and where to."""
    parser.add_argument("run", metavar="RUN", help="baseline, run, commit or latest~N")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--format",
        choices=("json", "csv", "junit"),
        default="json",
        help="json keeps everything (default); csv and junit hold figures",
    )
    how.add_argument(
        "--json",
        dest="format",
        action="store_const",
        const="json",
        help="the same as --format json",
    )
    parser.add_argument("--raw", action="store_true", help="every value; json always holds them")
    parser.add_argument("--output", metavar="FILE", default="", help="write to a file")
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the run in the format asked for."""
    if arguments.raw and arguments.format == "junit":
        raise UsageError("junit has no place for raw values", remedy="use --format json or csv")
    store = project_of(arguments, console).store()
    found = recorded(store, arguments.run, root=Path.cwd())
    console.notes(store.notes)
    if arguments.format == "json":
        records = records_of(store, arguments.run, found.run)
        text = dumps(write_run(found.run, found.measurements, resources=records))
    elif arguments.raw:
        text = "".join(f"{line}\r\n" for line in _raw_rows(found))
    else:
        document = build(found.run, found.measurements)
        text = to_csv(document) if arguments.format == "csv" else to_junit(document)
    console.put(text, arguments.output)
    return 0


def _raw_rows(found: Recorded) -> Iterator[str]:
    """Write every value, in the metric's base unit and in the order it was taken."""
    yield ",".join(_RAW)
    for one in found.measurements:
        named = (csv_cell(one.case.id), csv_cell(one.metric.name), csv_cell(one.metric.unit))
        for place, value in enumerate(one.values, 1):
            yield ",".join((*named, str(place), repr(value)))
