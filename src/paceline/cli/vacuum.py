"""``paceline vacuum``: remove what is not kept any more and give the disk back."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general, add_json
from paceline.cli.project import project_of
from paceline.engine.recorder import retention
from paceline.engine.vacuum import vacuum
from paceline.report.json import dumps
from paceline.report.table import safe
from paceline.report.words import count
from paceline.store.options import StoreOptions
from paceline.store.place import FOLDER
from paceline.units import format_quantity

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from paceline.cli.console import Console
    from paceline.engine.vacuum import Vacuumed
    from paceline.store.retention import Removed

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline vacuum --dry-run                        what would go, and what that gives
  paceline vacuum --keep-runs 100 --keep-branch main --keep-branch 'release/*'
  paceline vacuum --aside                          damaged and older stores kept beside, too

exit codes: 0 done, 14 another process writes, the disk is too full, or the store can't be used
"""
_WORD = 11


def declare(parser: argparse.ArgumentParser) -> None:
    """Add what to keep; each number bears the key of its option."""
    numbers = (
        ("--keep-runs", "store.keep_runs", "N", "the newest runs that are kept; 0 for all"),
        ("--keep-days", "store.keep_days", "D", "the age beyond which runs go; 0 for never"),
        ("--raw-runs", "store.raw_runs", "N", "the newest runs that keep raw values; 0 for all"),
    )
    for flag, key, metavar, said in numbers:
        parser.add_argument(flag, dest=key, metavar=metavar, help=f"{said} (default: {key})")
    parser.add_argument(
        "--keep-branch",
        metavar="NAME",
        action="append",
        default=[],
        help="remove no run of this branch; may hold '*', may be repeated",
    )
    parser.add_argument(
        "--aside",
        action="store_true",
        help="remove damaged and older stores kept beside, and what a server refused, as well",
    )
    parser.add_argument("--dry-run", action="store_true", help="say it, change nothing")
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Remove, and say what went."""
    project = project_of(arguments, console)
    store = project.store()
    policy = dataclasses.replace(
        retention(project.options(StoreOptions)), keep_branches=tuple(arguments.keep_branch)
    )
    spool = project.root / FOLDER / "spool"
    found = vacuum(store, policy, dry_run=arguments.dry_run, spool=spool)
    if arguments.aside and not arguments.dry_run:
        for one in found.aside:
            one.path.unlink(missing_ok=True)
    console.notes(store.notes)
    if arguments.json:
        console.say(dumps(_as_builtins(found, dry_run=arguments.dry_run, aside=arguments.aside)))
        return 0
    lines = _lines(found, dry_run=arguments.dry_run, aside=arguments.aside)
    texts = [f"{word:<{_WORD}}{text}" for word, text in lines]
    console.say("\n".join(safe(one, pure_ascii=console.pure_ascii, longest=200) for one in texts))
    return 0


def _lines(found: Vacuumed, *, dry_run: bool, aside: bool) -> Iterator[tuple[str, str]]:
    """Write what went as pairs of a word and a text."""
    done = "would go" if dry_run else "removed"
    swept = found.swept
    yield "runs", f"{len(swept.removed):,} {done}{_by_branch(swept.removed)}"
    yield "raw values", f"of {count(swept.thinned, 'run')} {done}"
    cases, hosts = count(swept.cases, "case"), count(swept.hosts, "host")
    yield "unneeded", f"{cases} and {hosts} that no run refers to {done}"
    if found.aside:
        size = format_quantity(sum(one.size for one in found.aside), "B")
        said = done if aside else "kept: --aside removes them"
        yield "aside", f"{count(len(found.aside), 'file')}, {size}, {said}"
        for one in found.aside:
            yield "", f"{one.path.name}  {format_quantity(one.size, 'B')}"
    if found.before is None or found.after is None:
        yield "disk", "the server frees it by itself"
    else:
        before, after = (format_quantity(one, "B") for one in (found.before, found.after))
        yield "file", f"{before} → {after}"


def _by_branch(removed: Sequence[Removed]) -> str:
    """Count the removed runs by branch, most first, and say how old the oldest is."""
    if not removed:
        return ""
    found = collections.Counter(one.branch or "no branch" for one in removed)
    counts = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    said = ", ".join(f"{branch} {number:,}" for branch, number in counts[:8])
    more = f", {len(counts) - 8:,} more branches" if len(counts) > 8 else ""  # noqa: PLR2004
    oldest = dt.datetime.fromtimestamp(min(one.started for one in removed), tz=dt.UTC)
    return f" ({said}{more}; the oldest of {oldest:%Y-%m-%d})"


def _as_builtins(found: Vacuumed, *, dry_run: bool, aside: bool) -> dict[str, object]:
    swept = found.swept
    return {
        "dry_run": dry_run,
        "removed": [
            {"id": one.id, "branch": one.branch, "started": one.started} for one in swept.removed
        ],
        "thinned": swept.thinned,
        "cases": swept.cases,
        "hosts": swept.hosts,
        "aside": [
            {"file": str(one.path), "bytes": one.size, "removed": aside and not dry_run}
            for one in found.aside
        ],
        "bytes_before": found.before,
        "bytes_after": found.after,
    }
