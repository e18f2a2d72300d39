from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as some

from paceline.engine.line import Line, in_order
from paceline.model import Host, Run, RunId

if TYPE_CHECKING:
    import random

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
RANKS = {f"c{place}": place for place in range(6)}
COMMITS = some.sampled_from([*RANKS, "gone", ""])
STARTS = some.integers(0, 20).map(float)
RUNS = some.lists(some.tuples(COMMITS, STARTS), max_size=20).map(
    lambda rows: [
        Run(RunId(f"{at:02}"), started, HOST, commit) for at, (commit, started) in enumerate(rows)
    ]
)


@given(RUNS, some.randoms())
def test_the_order_keeps_every_run_and_does_not_depend_on_how_they_came(
    runs: list[Run], chance: random.Random
) -> None:
    line = Line("main", RANKS)
    found = in_order(runs, line)
    assert sorted(run.id for run in found) == sorted(run.id for run in runs)
    shuffled = list(runs)
    chance.shuffle(shuffled)
    assert in_order(shuffled, line) == found


@given(RUNS)
def test_runs_with_a_place_stand_by_it_and_of_one_commit_by_time(runs: list[Run]) -> None:
    placed = [run for run in in_order(runs, Line("main", RANKS)) if run.commit in RANKS]
    keys = [(RANKS[run.commit], run.started, run.id) for run in placed]
    assert keys == sorted(keys)


@given(RUNS)
def test_runs_without_a_place_stand_by_time_among_themselves(runs: list[Run]) -> None:
    loose = [run for run in in_order(runs, Line("main", RANKS)) if run.commit not in RANKS]
    assert [(run.started, run.id) for run in loose] == sorted(
        (run.started, run.id) for run in loose
    )
