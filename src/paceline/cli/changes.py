"""Changes: the change points of a series as a table and as builtins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paceline.cli.listing import SHORT, commit_of
from paceline.report.json import run_as_builtins
from paceline.report.table import Align, Heading, lay_out, safe

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from paceline.engine.changes import Changes, Shift
    from paceline.model import Run, RunId

__all__ = ["changes_as_builtins", "changes_lines", "percent"]

_TITLES = ("", "First run", "Commit", "Came with", "State", "Note")


def changes_lines(
    changes: Changes, shown: Container[RunId], *, pure_ascii: bool = False
) -> Iterator[str]:
    """Write the change points among the shown runs, newest first, and count the earlier ones."""
    here = [shift for shift in reversed(changes.shifts) if shift.first.id in shown]
    if here:
        headings = [Heading("Level"), *(Heading(title, Align.LEFT) for title in _TITLES)]
        rows = [_row(shift, pure_ascii=pure_ascii) for shift in here]
        yield from ("", *lay_out(headings, rows, pure_ascii=pure_ascii))
    earlier = len(changes.shifts) - len(here)
    if earlier:
        noun = "change point" if earlier == 1 else "change points"
        yield from ("", f"{earlier} earlier {noun}: --limit {changes.runs} shows all")


def changes_as_builtins(changes: Changes) -> list[dict[str, Any]]:
    """Give change points as builtins, oldest first, sizes as relative changes."""
    return [
        {
            "first": run_as_builtins(shift.first),
            "since": run_as_builtins(shift.since),
            "until": run_as_builtins(shift.until),
            "size": {
                "point": shift.point.size.point,
                "low": shift.point.size.low,
                "high": shift.point.size.high,
                "level": shift.point.size.level,
            },
            "strength": shift.point.strength,
            "state": shift.state.value,
            "note": shift.said.note if shift.said else "",
        }
        for shift in changes.shifts
    ]


def percent(share: float) -> str:
    """Write a relative change, as in ``+21.9 %``."""
    return f"{100 * share:+,.1f} %"


def _row(shift: Shift, *, pure_ascii: bool) -> list[str]:
    size = shift.point.size
    note = safe(shift.said.note if shift.said else "", pure_ascii=pure_ascii, longest=80)
    return [
        percent(size.point),
        f"[{100 * size.low:+,.1f}…{100 * size.high:+,.1f}]",
        shift.first.id[:SHORT],
        commit_of(shift.first),
        _came_with(shift),
        shift.state.value,
        note,
    ]


def _came_with(shift: Shift) -> str:
    """Say which commits the change may have come with, as git names them."""
    since, until = _name(shift.since), _name(shift.until)
    if shift.since.commit and shift.since.commit == shift.until.commit:
        return f"no commit: {since} has both levels"
    return f"{since}..{until}"


def _name(run: Run) -> str:
    return commit_of(run) or f"run {run.id[:SHORT]}"
