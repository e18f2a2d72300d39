from __future__ import annotations

import pytest

from paceline.engine.line import Line, in_order, lines_of
from paceline.model import Host, Run, RunId

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
RANKS = {"c0": 0, "c1": 1, "c2": 2, "t2": 2, "c3": 3}


def run(name: str, started: float, commit: str = "", branch: str = "main", tree: str = "") -> Run:
    return Run(RunId(name), started, HOST, commit, branch, complete=True, tree=tree)


def ordered(*runs: Run) -> str:
    return "".join(one.id for one in in_order(runs, Line("main", RANKS)))


@pytest.mark.parametrize(
    ("one", "held"),
    [
        (run("a", 0, "c1", "other"), True),  # its commit is on the line, whatever it was called
        (run("a", 0, "x9", "other", "t2"), True),  # the same content, squashed
        (run("a", 0, "x9", "main"), True),  # gone or not fetched: the name tells
        (run("a", 0, "e1", "main"), False),  # git finds it on another branch
        (run("a", 0, "x9", "other"), False),
        (run("a", 0, "", "main"), True),
        (run("a", 0, "", ""), False),
    ],
)
def test_a_line_holds_runs_by_commit_content_or_name(one: Run, held: bool) -> None:
    assert Line("main", RANKS, frozenset({"e1"})).holds(one) is held


def test_a_branch_that_was_asked_for_holds_the_runs_of_its_name_alone() -> None:
    line = Line("main", RANKS, named=True)
    assert line.holds(run("a", 0, "x9"))
    assert not line.holds(run("a", 0, "c1", "other"))


def test_runs_stand_in_the_order_of_their_commits_and_those_of_one_by_time() -> None:
    runs = (run("c", 5, "c2"), run("d", 1, "c3"), run("b", 9, "c1"), run("a", 8, "c1"))
    assert ordered(*runs) == "abcd"


def test_a_run_without_a_place_stands_after_the_newest_commit_measured_before_it() -> None:
    placed = (run("a", 0, "c0"), run("b", 10, "c2"), run("c", 20, "c3"), run("z", 15, "c0"))
    assert ordered(*placed, run("x", 16, "gone")) == "azbxc"
    assert ordered(*placed, run("x", -1, "gone")) == "xazbc"
    assert ordered(*placed, run("x", 30, "gone")) == "azbcx"


def test_without_any_place_time_decides() -> None:
    assert ordered(run("b", 2), run("a", 1), run("c", 3)) == "abc"


def test_outside_git_the_newest_run_tells_the_branch() -> None:
    runs = (run("b", 2, branch="fix"), run("a", 1))
    lines = lines_of(runs, None)
    assert [lines.holds(one) for one in runs] == [True, False]
    assert all(map(lines_of(runs, None, every=True).holds, runs))
    assert [lines_of(runs, None, branch="main").holds(one) for one in runs] == [False, True]
    assert lines_of((), None).main == Line("")
