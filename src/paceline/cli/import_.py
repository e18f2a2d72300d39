"""``paceline import``: files of other tools, and exported runs, into the store."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from paceline.cli.arguments import add_general, add_json
from paceline.cli.listing import SHORT
from paceline.cli.live import Live
from paceline.cli.project import project_of
from paceline.cli.unbroken import unbroken
from paceline.errors import StoreError, UsageError
from paceline.report.json import dumps
from paceline.report.table import Align, Heading, lay_out, safe
from paceline.report.words import count
from paceline.store.exchange.files import expand
from paceline.store.exchange.imported import UNDATED, Given
from paceline.store.exchange.kinds import Kind, UnrecognisedError
from paceline.store.exchange.reading import read_file
from paceline.store.options import StoreOptions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from paceline.cli.console import Console
    from paceline.model import RunId
    from paceline.store.exchange import RunDocument
    from paceline.store.sqlite import Store

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline import main.json                     a run that another machine exported
  paceline import .benchmarks                   all runs of pytest-benchmark
  paceline import asv/results --branch main     all runs of asv
  paceline import junit.xml --commit 1a2b3c4    what each test took, for the next plan
  paceline import .test_durations               the same, from pytest-split
  paceline import 'reports/**/*.xml' --dry-run  say what would come in, change nothing

exit codes: 0 all came in or was there, 14 a file or the store can't be used
"""
_AUTO = "auto"
_MANY = 20  # files of which progress is said, and lines that are shown
_FAILED = StoreError.exit_code
_THERE = "already there"


class _Arrival(NamedTuple):
    """One run of a file, and what became of it."""

    file: Path
    kind: Kind
    run: RunId
    state: str
    measurements: int
    records: int


class _Result(NamedTuple):
    """What a command brought in, left out and could not read."""

    arrivals: list[_Arrival]
    passed: list[Path]
    failed: list[StoreError]


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the files, their format, and what they may not say."""
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="a file, a pattern, or a folder of files"
    )
    parser.add_argument(
        "--format",
        choices=(_AUTO, *(kind.value for kind in Kind)),
        default=_AUTO,
        help="the files' format (default: by what they hold)",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would come in")
    parser.add_argument("--commit", metavar="ID", default="", help="the commit that was run")
    parser.add_argument("--branch", metavar="NAME", default="", help="the branch that was run")
    parser.add_argument(
        "--started",
        metavar="WHEN",
        default="",
        help="when, as 2026-11-21 or 2026-11-21T14:05+01:00 (default: the file's own word or time)",
    )
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Read every file by itself and keep its runs."""
    given = Given(arguments.commit, arguments.branch, started_at(arguments.started))
    kind = None if arguments.format == _AUTO else Kind(arguments.format)
    project = project_of(arguments, console)
    store = project.store()
    is_file = functools.cache(functools.partial(_is_file, project.root))
    beside = kind is not Kind.ASV
    files = dict(one for word in arguments.files for one in expand(word, beside=beside))
    known = {one.id: one.complete for one in store.runs()}
    before = len(known)

    def take(file: Path) -> Iterator[_Arrival]:
        found, documents = read_file(file, kind=kind, given=given, is_file=is_file)
        for one in documents:
            state = _bring(store, one, known, dry_run=arguments.dry_run)
            sizes = (len(one.measurements), len(one.resources))
            yield _Arrival(file, found, one.run.id, state, *sizes)

    try:
        result = _take_all(files, take, console)
    except KeyboardInterrupt:
        console.note(f"{count(len(known) - before, 'run')} came in, whole; no other")
        raise
    console.notes(store.notes)
    _say(result, console, as_json=arguments.json, dry_run=arguments.dry_run)
    _say_retention(len(known), project.options(StoreOptions), console)
    return _FAILED if result.failed else 0


def _take_all(
    files: Mapping[Path, bool], take: Callable[[Path], Iterator[_Arrival]], console: Console
) -> _Result:
    """Take each file, whatever became of the others; ``files`` tells which a folder held."""
    result = _Result([], [], [])
    with Live(console) as live:
        for position, (file, in_folder) in enumerate(files.items()):
            if len(files) > _MANY:
                live.show([f"{position} of {len(files)} files, {_added(result)} runs added"])
            try:
                result.arrivals.extend(take(file))
            except StoreError as error:
                if in_folder and isinstance(error, UnrecognisedError):
                    result.passed.append(file)
                else:
                    result.failed.append(error)
    return result


def started_at(text: str) -> float:
    """Read a date, with or without a time; UTC unless it says another zone.

    Raises:
        UsageError: no date.
    """
    if not text:
        return UNDATED
    try:
        found = dt.datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        remedy = "write it as 2026-11-21 or 2026-11-21T14:05+01:00"
        raise UsageError(f"{text!r} is no date: {error}", remedy=remedy) from error


def _bring(store: Store, document: RunDocument, known: dict[RunId, bool], *, dry_run: bool) -> str:
    """Keep a run, whole or not at all; one that an earlier import left half is completed."""
    found = document.run
    there = known.get(found.id)
    if there is not None and there >= found.complete:
        return _THERE
    if dry_run:
        known[found.id] = found.complete
        return "added"
    with unbroken():
        if there is None:
            store.begin(found)
        if document.measurements:
            store.append(found.id, document.measurements)
        if document.resources:
            store.keep_resources(found.id, document.resources)
        if found.complete:
            store.finish(found)
        known[found.id] = found.complete
    return "added" if there is None else "completed"


def _is_file(root: Path, path: str) -> bool:
    try:
        return (root / path).is_file()
    except (OSError, ValueError):  # too long, or with characters that no name has
        return False


def _added(result: _Result) -> int:
    return sum(arrival.state != _THERE for arrival in result.arrivals)


def _say(result: _Result, console: Console, *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        console.say(dumps(_as_builtins(result, dry_run=dry_run)))
    else:
        for line in _lines(result, dry_run=dry_run, pure_ascii=console.pure_ascii):
            console.say(line)
    for error in result.failed:
        console.complain(error)


def _lines(result: _Result, *, dry_run: bool, pure_ascii: bool) -> tuple[str, ...]:
    cells = [
        [
            one.run[:SHORT],
            one.kind.value,
            one.state,
            str(one.measurements),
            str(one.records),
            safe(str(one.file), pure_ascii=pure_ascii, longest=60),
        ]
        for one in result.arrivals[:_MANY]
    ]
    right, left = Align.RIGHT, Align.LEFT
    headings = [Heading(title, left) for title in ("Run", "Format", "State")]
    headings += [Heading("Measurements", right), Heading("Tests", right), Heading("File", left)]
    table = lay_out(headings, cells, pure_ascii=pure_ascii) if cells else ()
    more = len(result.arrivals) - len(cells)
    rest = (f"({more} more)",) if more else ()
    return (*table, *rest, _summary(result, dry_run=dry_run))


def _summary(result: _Result, *, dry_run: bool) -> str:
    there = len(result.arrivals) - _added(result)
    said = [f"{count(_added(result), 'run')} {'would be ' if dry_run else ''}added"]
    said += [f"{there} already there"] if there else []
    said += (
        [f"{count(len(result.passed), 'file')} without runs passed over"] if result.passed else []
    )
    said += [f"{count(len(result.failed), 'file')} refused"] if result.failed else []
    return ", ".join(said)


def _as_builtins(result: _Result, *, dry_run: bool) -> dict[str, Any]:
    return {
        "format": "paceline-import",
        "version": 1,
        "dry_run": dry_run,
        "runs": [
            {
                "run": one.run,
                "file": str(one.file),
                "format": one.kind.value,
                "state": one.state,
                "measurements": one.measurements,
                "records": one.records,
            }
            for one in result.arrivals
        ],
        "passed_over": [str(file) for file in result.passed],
        "refused": [
            {
                "file": error.place.file if error.place else "",
                "line": error.place.line if error.place else 0,
                "problem": error.problem,
                "remedy": error.remedy,
            }
            for error in result.failed
        ],
    }


def _say_retention(runs: int, options: StoreOptions, console: Console) -> None:
    if 0 < options.keep_runs < runs:
        console.note(
            f"note: with these the store holds {runs} runs, and store.keep_runs keeps"
            f" {options.keep_runs}: the next recorded run removes the oldest"
        )
