"""``pytest-benchmark list`` and ``compare``: saved runs, without running anything."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.cli.console import Console
from paceline.errors import PacelineError, UsageError
from paceline.report.dropin.comparison import between
from paceline.report.dropin.csv import to_csv
from paceline.report.dropin.table import DEFAULT_COLUMNS, LEGEND, tables
from paceline.store.dropin import Storage
from pytest_benchmark.arguments import make_parser
from pytest_benchmark.conftest_hooks import Config, Hooks
from pytest_benchmark.histogram import make_histogram
from pytest_benchmark.presence import refuse_both

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from paceline.report.dropin.table import Entry

    Groups = list[tuple[str | None, list[Entry]]]

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status; errors are said on standard error."""
    parser = make_parser()
    arguments = parser.parse_args(argv)
    console = Console(sys.stdout, sys.stderr, os.environ)
    try:
        refuse_both()
        if arguments.command == "list":
            for file in Storage(arguments.storage).query():
                console.say(str(file))
        elif arguments.command == "compare":
            _refuse_contradictions(parser, arguments)
            _compare(arguments, console)
        else:
            parser.error("missing command (available commands: 'help', 'list', 'compare')")
    except PacelineError as error:
        console.complain(error)
        return error.exit_code
    return 0


def _refuse_contradictions(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.between and arguments.columns:
        parser.error(
            "--between is not compatible with --columns: it names the columns itself",
        )
    if arguments.between and arguments.histogram:
        parser.error("--between is not compatible with --histogram")


def _compare(arguments: argparse.Namespace, console: Console) -> None:
    storage = Storage(arguments.storage)
    entries = storage.entries(*arguments.glob_or_file)
    for note in storage.notes:
        console.note(f"WARNING: {note}")
    if arguments.verbose:
        for path in dict.fromkeys(entry["path"] for entry in entries):
            console.note(f"Read {path}")
    fits = arguments.filter_expr
    chosen = [entry for entry in entries if fits is None or fits(entry["fullname"])]
    if not chosen:  # no failure: the first build of a pipeline has nothing saved yet
        console.note(f"WARNING: no saved benchmark below {storage.location} fits")
    hooks = Hooks(Path.cwd(), mode=arguments.importmode)
    groups = hooks.group_stats(benchmarks=chosen, group_by=arguments.group_by)
    _show(arguments, console, groups, hooks)
    if arguments.csv:
        columns = arguments.between or arguments.columns or DEFAULT_COLUMNS
        file = _write_csv(arguments.csv, to_csv(groups, columns=columns, sort=arguments.sort))
        _inform(arguments, console, f"Generated csv: {file}")


def _show(arguments: argparse.Namespace, console: Console, groups: Groups, hooks: Hooks) -> None:
    config = Config({"benchmark_time_unit": arguments.time_unit})
    laid: dict[str, Any] = {
        "columns": arguments.between or arguments.columns or DEFAULT_COLUMNS,
        "sort": arguments.sort,
        "name_format": arguments.name,
        "scale_unit": partial(hooks.scale_unit, config=config),
        "paint": console.paint,
    }
    if arguments.between:
        console.say(between(groups, **laid))
        return
    drawn = tables(groups, **laid)
    console.say("\n".join(["", *(table.text for table in drawn), *LEGEND]))
    for table in drawn if arguments.histogram else ():
        file = make_histogram(
            arguments.histogram, table.group, table.rows, table.prefix, table.factor
        )
        _inform(arguments, console, f"Generated histogram: {file}")


def _write_csv(name: str, text: str) -> Path:
    file = Path(name)
    file = file if file.suffix else file.with_suffix(".csv")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(
            f"{str(file)!r} can't be written: {error.strerror}", remedy="name another --csv"
        ) from error
    return file


def _inform(arguments: argparse.Namespace, console: Console, text: str) -> None:
    if arguments.verbose or not arguments.quiet:
        console.note(text)
