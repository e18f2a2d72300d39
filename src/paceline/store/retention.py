"""Retention: which runs are kept, and which of them with their raw values."""

from __future__ import annotations

import fnmatch
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from paceline.model import RunId

if TYPE_CHECKING:
    from paceline.store.transactions import Connection

__all__ = ["Pruned", "Removed", "Retention", "prune", "pruned"]

_DAY = 86_400.0
_HELD = "number IN (SELECT run_number FROM baselines)"
# Null for a run that measured nothing; else one row tells whether raw values were dropped.
_THIN = "(SELECT raw_values IS NULL FROM measurements WHERE run_number = runs.number LIMIT 1)"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many of the newest runs stay, for how many days, and how many keep raw values.

    0 sets no limit. Runs that measured and runs that only hold what their tests took are counted
    apart, so that plain test runs don't push benchmarks out. Neither a baseline's run nor one that
    may still be going on (incomplete, started in the last day) is ever touched; runs of
    ``keep_branches``, names or patterns with ``*``, are never removed.
    """

    keep_runs: int = 0
    keep_days: float = 0.0
    raw_runs: int = 0
    keep_branches: tuple[str, ...] = ()

    def keeps(self, branch: str) -> bool:
        """Tell whether no run of a branch is ever removed."""
        return any(fnmatch.fnmatchcase(branch, one) for one in self.keep_branches)


class Removed(NamedTuple):
    """A run that goes; ``started`` in seconds since the epoch."""

    id: RunId
    branch: str
    started: float


class Pruned(NamedTuple):
    """What a policy did not keep: whole runs, and the raw values of so many others."""

    removed: tuple[Removed, ...]
    thinned: int


def prune(
    connection: Connection, policy: Retention, *, now: float, dry_run: bool
) -> tuple[RunId, ...]:
    """Remove what the policy does not keep and give the removed runs, newest first."""
    found = pruned(connection, policy, now=now, dry_run=dry_run)
    return tuple(one.id for one in found.removed)


def pruned(connection: Connection, policy: Retention, *, now: float, dry_run: bool) -> Pruned:
    """Remove what the policy does not keep and say what that was, newest first."""
    rows = connection.execute(
        f"SELECT number, id, started, complete, branch, {_HELD}, {_THIN} FROM runs"  # noqa: S608  (constants)
        " ORDER BY started DESC, number DESC"
    ).fetchall()
    removed: list[tuple[int, Removed]] = []
    thinned: list[int] = []
    measuring, plain = itertools.count(), itertools.count()
    for number, name, started, complete, branch, held, thin in rows:
        position = next(measuring if thin is not None or not complete else plain)
        if held or (not complete and now - started < _DAY):
            continue
        old = policy.keep_days > 0 and now - started > policy.keep_days * _DAY
        if (old or _beyond(position, policy.keep_runs)) and not policy.keeps(branch):
            removed.append((number, Removed(RunId(name), branch, started)))
        elif _beyond(position, policy.raw_runs) and thin is not None and not thin:
            thinned.append(number)
    if not dry_run:
        _remove(connection, [(number,) for number, _run in removed])
        _drop_raw_values(connection, thinned)
    return Pruned(tuple(run for _number, run in removed), len(thinned))


def _beyond(position: int, limit: int) -> bool:
    return 0 < limit <= position


def _remove(connection: Connection, numbers: list[tuple[int]]) -> None:
    """Remove runs, then those of their cases and hosts that nothing refers to any more."""
    cases = _cases(connection, numbers)
    connection.executemany("DELETE FROM measurements WHERE run_number = ?", numbers)
    connection.executemany("DELETE FROM resources WHERE run_number = ?", numbers)
    connection.executemany("DELETE FROM daily_figures WHERE run_number = ?", numbers)
    connection.executemany("DELETE FROM daily_tests WHERE run_number = ?", numbers)
    connection.executemany("DELETE FROM runs WHERE number = ?", numbers)
    if numbers:
        # Records have no index by case. The runs are tried from the oldest on, and a case that
        # stays is nearly always in the first one tried.
        connection.executemany(
            "DELETE FROM cases WHERE number = ?"
            " AND NOT EXISTS (SELECT 1 FROM measurements WHERE case_number = cases.number)"
            " AND NOT EXISTS (SELECT 1 FROM runs NOT INDEXED CROSS JOIN resources"
            " ON run_number = runs.number AND case_number = cases.number)",
            cases,
        )
        connection.execute("DELETE FROM hosts WHERE number NOT IN (SELECT host_number FROM runs)")


def _cases(connection: Connection, numbers: list[tuple[int]]) -> list[tuple[int]]:
    """Find the cases of runs that are about to go."""
    found: set[tuple[int]] = set()
    for (number,) in numbers:
        found.update(
            connection.execute(
                "SELECT case_number FROM measurements WHERE run_number = ?1"
                " UNION SELECT case_number FROM resources WHERE run_number = ?1",
                (number,),
            )
        )
    return sorted(found)


def _drop_raw_values(connection: Connection, numbers: list[int]) -> None:
    """Drop raw values and sites of whole runs."""
    connection.executemany(
        "UPDATE measurements SET raw_values = NULL, sites = '[]' WHERE run_number = ?",
        [(number,) for number in numbers],
    )
