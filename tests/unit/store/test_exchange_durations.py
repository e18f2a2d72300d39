from __future__ import annotations

from typing import Any

import pytest

from paceline.errors import Place, StoreError
from paceline.store.exchange.durations import is_durations, read_durations
from paceline.store.exchange.log import is_log, read_log

PLACE = Place("log.txt")
PHASES = ("test_setup_time", "test_call_time", "test_teardown_time", "test_time")
LOG = """\
collecting ... collected 4 items

tests/test_a.py::test_it PASSED                    [ 25%]
tests/test_a.py::test_p[a b] FAILED                [ 50%]
tests/test_a.py::test_no SKIPPED (not today)       [ 75%]
======= slowest durations =======
0.50s call     tests/test_a.py::test_it
0.25s setup    tests/test_a.py::test_it
0.12s call     tests/test_a.py::test_p[a b]
0.12s teardown tests/test_a.py::test_it
0.01s call     tests/test_a.py::test_it

(3 durations < 0.005s hidden.  Use -vv to show these durations.)
======= short test summary info =======
FAILED tests/test_a.py::test_p[a b] - assert 0
======= 1 failed, 1 passed, 1 skipped in 1.25s =======
"""


def figures(data: Any) -> dict[str, tuple[float | None, ...]]:
    records = read_durations(data, PLACE).resources
    return {one.case.node_id: tuple(map(one.figure, PHASES)) for one in records}


def test_a_table_of_seconds_gives_a_record_a_test() -> None:
    assert figures({"a.py::test_it": 0.5, "a.py::test_p[x]": 1}) == {
        "a.py::test_it": (None, None, None, 0.5),
        "a.py::test_p[x]": (None, None, None, 1.0),
    }


def test_the_first_versions_list_of_pairs_reads_as_well() -> None:
    assert figures([["a.py::test_it", 0.5]]) == {"a.py::test_it": (None, None, None, 0.5)}


def entry(total: float, calls: int = 1) -> list[dict[str, Any]]:
    return [{"name": "a.py::test_it", "calls": calls, "total": total, "min": 0, "max": 0, "med": 0}]


def test_categories_give_phases_and_leave_fixtures_out() -> None:
    parts = {"test setup": entry(-1e-9), "test call": entry(1.0, 2), "fixture": entry(9.0)}
    assert figures({"version": "1.0", "categories": parts}) == {
        "a.py::test_it": (0.0, 0.5, None, 0.5)
    }


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"a": "1"}, "a is '1', not a finite number"),
        ({"a": -1}, "a is -1, not a number from 0"),
        ({"a": True}, "a is True, not a finite number"),
        ({"a": float("nan")}, "a is nan, not a finite number"),
        ({"a": 10**400}, "not a finite number"),
        ({"": 1}, "not the time of a test with a name"),
        ({}, "says nothing of any test"),
        ([["a", 1, 2]], "[0] is ['a', 1, 2], not a pair of node id and seconds"),
        ([[1, 1]], "[0][0] is 1, not a text"),
        ({"categories": {}}, "version is missing"),
        ({"version": "2.0", "categories": {}}, "version is '2.0', not '1.0'"),
        ({"version": "1.0", "categories": {"test call": [{}]}}, "[0].name is missing"),
        ({"version": "1.0", "categories": {"test call": entry(1, 0)}}, "calls is 0, not a whole"),
    ],
)
def test_what_does_not_fit_is_said_with_its_keys(data: Any, problem: str) -> None:
    with pytest.raises(StoreError) as caught:
        read_durations(data, PLACE)
    assert problem in caught.value.problem
    assert caught.value.remedy


@pytest.mark.parametrize("data", [{"a": "x"}, ["a"], [["a"]], "a", 1, None])
def test_other_documents_are_none(data: Any) -> None:
    assert not is_durations(data)


def test_a_log_gives_phases_outcomes_and_the_whole_time() -> None:
    document = read_log(LOG, PLACE)
    first, second = document.resources
    assert (first.case.node_id, second.case.node_id) == (
        *("tests/test_a.py::test_it", "tests/test_a.py::test_p[a b]"),
    )
    assert tuple(map(first.figure, PHASES)) == (0.25, 0.5, 0.12, 0.87)
    assert (first.turn.outcome, second.turn.outcome) == ("passed", "failed")
    assert document.measurements[0].values == (1.25,)


def test_a_phase_that_the_log_hides_leaves_the_time_unsure() -> None:
    whole, partly = read_log(LOG, PLACE).resources
    assert whole.unsure == ()
    assert partly.unsure == (("test_time", "phases under 0.005 s are not in the log"),)


def test_workers_of_xdist_are_read_from_its_lines() -> None:
    lines = (
        "[gw1] [ 50%] PASSED tests/test_a.py::test_it \n[gw0] FAILED tests/test_a.py::test_p[a b]"
    )
    first, second = read_log(f"{lines}\n{LOG.partition('items')[2]}", PLACE).resources
    assert (first.turn.worker, first.turn.outcome) == ("", "passed")  # the later line stands
    tail = "=" + LOG.partition("=")[2]
    first, second = read_log(f"{lines}\n{tail}", PLACE).resources
    assert (first.turn.worker, first.turn.outcome) == ("gw1", "passed")
    assert (second.turn.worker, second.turn.outcome) == ("gw0", "failed")


def test_colours_and_the_times_of_ci_are_passed_over() -> None:
    painted = "".join(
        f"2026-11-21T14:05:00.1234567Z \x1b[31m{line}\x1b[0m\r\n" for line in LOG.splitlines()
    )
    assert read_log(painted, PLACE) == read_log(LOG, PLACE)
    assert is_log(painted)


def test_a_quiet_run_ends_without_a_rule() -> None:
    quiet = "=== slowest 5 durations ===\n0.50s call     a.py::test_it\n1 passed in 0.75s\n"
    document = read_log(quiet, PLACE)
    assert document.measurements[0].values == (0.75,)
    assert document.resources[0].figure("test_time") == 0.5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nothing", "log.txt: has no section of durations"),
        (LOG[: LOG.index("0.12s tear")], "log.txt: ends within its section of durations"),
        (LOG.replace("0.12s call", "0.12s c"), "log.txt:9: '0.12s c     tests/test_a.py"),
    ],
)
def test_a_log_that_was_cut_short_is_refused(text: str, problem: str) -> None:
    with pytest.raises(StoreError) as caught:
        read_log(text, PLACE)
    assert problem in str(caught.value)
    assert "pytest --durations=0 -vv" in caught.value.remedy
