"""Read what the newest runs say to a plan, in one pass and without making whole records."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from paceline.suite.past import Past, Sample, fold_samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paceline.store.transactions import Connection

__all__ = ["read_past"]

_RECENT = 30  # runs that are looked at
_COUNTED = (
    "SELECT number, (SELECT count(*) FROM resources WHERE run_number = number) FROM"
    " (SELECT number, started FROM runs ORDER BY started DESC, number DESC LIMIT ?) AS newest"
    " ORDER BY started DESC, number DESC"
)
# Set-ups for one test alone are passed over; of what older versions kept, nobody can tell.
_SAMPLES = (
    "SELECT case_number, test_time, shared, test_process_rise,"
    " coalesce(test_cpu_time + coalesce(test_children_cpu_time, 0), test_children_cpu_time),"
    " outcome"
    " FROM resources WHERE run_number = ? AND (outcome <> '' OR shared > 0 OR position < 0)"
    " ORDER BY case_number"
)


def read_past(connection: Connection, *, runs: int) -> Past:
    """Fold as many records as the ``runs`` newest whole runs hold: runs of a part take little.

    Of the 30 newest runs, the one with most records tells what a whole run is.
    """
    counted = connection.execute(_COUNTED, (_RECENT,)).fetchall()
    most = runs * max((count for _, count in counted), default=0)
    before = itertools.accumulate((count for _, count in counted), initial=0)
    wanted = [
        number
        for (number, count), read in zip(counted, before, strict=False)
        if count + read <= most
    ]
    cases = {
        number: (node_id, label)
        for number, node_id, label in connection.execute("SELECT number, node_id, label FROM cases")
    }
    return fold_samples(_samples(connection, wanted, cases))


def _samples(
    connection: Connection, wanted: list[int], cases: dict[int, tuple[str, str]]
) -> Iterator[Sample]:
    make = Sample._make
    for number in wanted:
        for row in connection.execute(_SAMPLES, (number,)):
            case = cases.get(row[0])
            if case is not None:  # a check of the store tells of records that lost theirs
                yield make(case + row[1:])
