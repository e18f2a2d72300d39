"""Board: what a dashboard asks a store, each question one statement over an index made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from paceline.store.daily import FAILED, SUMMABLE
from paceline.store.rows import plain

if TYPE_CHECKING:
    from paceline.model import RunId
    from paceline.store.transactions import Transactions

__all__ = ["Board", "Day", "Flaky", "Pair", "Rate", "Slow"]

_RECENT = (
    "WITH recent AS (SELECT number FROM runs WHERE complete = 1"
    " ORDER BY started DESC, number DESC LIMIT ?) "
)
_SLOWEST = (
    f"{_RECENT}SELECT cases.id, sum(median) / count(*), count(*)"  # noqa: S608  (constants)
    " FROM cases CROSS JOIN metrics ON metrics.name = ? CROSS JOIN recent ON recent.number > 0"
    " CROSS JOIN measurements ON case_number = cases.number AND metric_number = metrics.number"
    f" AND run_number = recent.number WHERE category = ? AND {SUMMABLE.format('median')}"
    " GROUP BY cases.id ORDER BY sum(median) / count(*) DESC, cases.id LIMIT ?"
)
_DAYS = (
    "SELECT day, CAST(sum(figures) AS BIGINT), sum(total) / sum(figures), min(least), max(most)"
    " FROM daily_figures WHERE category = ? AND day >= ?"
    " AND metric_number IN (SELECT number FROM metrics WHERE name = ?) GROUP BY day ORDER BY day"
)
_RATES = (
    "SELECT category, CAST(sum(tests) AS BIGINT), CAST(sum(failed) AS BIGINT), sum(seconds)"
    " FROM daily_tests WHERE day >= ? GROUP BY category ORDER BY category"
)
_PAIRS = (
    "SELECT cases.id, metrics.name, old.median, new.median FROM measurements AS old"
    " JOIN measurements AS new ON new.case_number = old.case_number"
    " AND new.metric_number = old.metric_number JOIN cases ON cases.number = old.case_number"
    " JOIN metrics ON metrics.number = old.metric_number"
    " WHERE old.run_number = (SELECT number FROM runs WHERE id = ?)"
    " AND new.run_number = (SELECT number FROM runs WHERE id = ?)"
    " ORDER BY old.case_number, old.metric_number"
)
_FLAKY = (
    f"{_RECENT}, ended AS (SELECT case_number, count(*) AS runs,"  # noqa: S608  (constants)
    f" sum(CASE WHEN outcome IN {FAILED} THEN 1 ELSE 0 END) AS failed"
    " FROM recent CROSS JOIN resources ON run_number = recent.number"
    f" WHERE outcome = 'passed' OR outcome IN {FAILED} GROUP BY case_number)"
    " SELECT cases.id, CAST(sum(failed) AS BIGINT), CAST(sum(runs) AS BIGINT)"
    " FROM ended JOIN cases ON cases.number = case_number GROUP BY cases.id"
    " HAVING sum(failed) > 0 AND sum(failed) < sum(runs) ORDER BY sum(failed) DESC, cases.id"
)


class Slow(NamedTuple):
    """A case's mean of medians, in the metric's base unit, over so many runs."""

    case: str
    mean: float
    runs: int


class Day(NamedTuple):
    """A day's medians in the base unit; ``day`` counts from 1970-01-01 (UTC)."""

    day: int
    figures: int
    mean: float
    least: float
    most: float


class Rate(NamedTuple):
    """How the tests of a category ended, and the seconds they took."""

    category: str
    tests: int
    failed: int
    seconds: float


class Pair(NamedTuple):
    """One figure in two runs: medians in the base unit, None without finite values."""

    case: str
    metric: str
    old: float | None
    new: float | None


class Flaky(NamedTuple):
    """A test that failed in some of so many runs and passed in the others."""

    case: str
    failed: int
    runs: int


class Board:
    """Answers over many runs; each raises StoreError when the store can't be read."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def slowest(
        self, category: str, metric: str, *, runs: int = 50, limit: int = 20
    ) -> tuple[Slow, ...]:
        """Name the slowest cases of a category over the newest complete runs."""
        wanted = (runs, plain(metric), category, limit)
        return tuple(Slow(*row) for row in self._rows(_SLOWEST, wanted))

    def days(self, category: str, metric: str, *, since: int) -> tuple[Day, ...]:
        """Follow a category's figures by day, from the roll-up."""
        wanted = (category, since, plain(metric))
        return tuple(Day(*row) for row in self._rows(_DAYS, wanted))

    def rates(self, *, since: int) -> tuple[Rate, ...]:
        """Say how many tests of each category failed since a day, from the roll-up."""
        return tuple(Rate(*row) for row in self._rows(_RATES, (since,)))

    def pairs(self, old: RunId, new: RunId) -> tuple[Pair, ...]:
        """Put the figures of two runs side by side, where both have one."""
        return tuple(Pair(*row) for row in self._rows(_PAIRS, (plain(old), plain(new))))

    def flaky(self, *, runs: int = 50) -> tuple[Flaky, ...]:
        """Name the tests that both failed and passed in the newest complete runs."""
        return tuple(Flaky(*row) for row in self._rows(_FLAKY, (runs,)))

    def _rows(self, sql: str, wanted: tuple[object, ...]) -> list[tuple[Any, ...]]:
        return self._transactions.read(
            lambda connection: connection.execute(sql, wanted).fetchall()
        )
