"""What a store promises on a file, it keeps on a server: the same tests on another shelf."""

from __future__ import annotations

import pytest
from tests.postgresql.borrowed import borrowed_from
from tests.unit.store import (
    test_store_board,
    test_store_daily,
    test_store_facts,
    test_store_past,
    test_store_resources,
    test_store_retention,
    test_store_sharing,
    test_store_sqlite,
)

pytestmark = pytest.mark.slow

SHARED = {
    "test_threads_write_without_losing_a_run",
    "test_processes_write_at_once_from_the_very_first_write_on",
    "test_a_forked_child_may_write_to_its_parents_store",
}

filled = test_store_retention.filled
board = test_store_board.board
globals().update(borrowed_from(test_store_facts, test_store_past, test_store_resources))
globals().update(borrowed_from(test_store_retention, test_store_sqlite))
globals().update(borrowed_from(test_store_board, test_store_daily))
globals().update(borrowed_from(test_store_sharing, only=SHARED))
