from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from paceline.model import Case, Kind
from paceline.report.comparison import Comparison, Relation, render, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Run, Verdict

    Judge = Callable[..., Verdict]


def test_the_worst_comes_first_with_base_head_and_ratio(
    make_run: Callable[..., Run], make_verdict: Judge
) -> None:
    verdicts = (
        make_verdict(Kind.OK, "test_b", ratio=1.02),
        make_verdict(Kind.REGRESSED, "test_a", ratio=1.2),
    )
    lines = render(Comparison(make_run(), make_run(), verdicts)).splitlines()
    assert lines[3].split("  ")[0] == "test_a"
    assert "1.000 ms ±1.0 %  1.000 ms ±1.0 %  1.20× slower [1.19…1.21]  regressed" in lines[3]
    assert "1.02× slower [1.01…1.03]" in lines[4]


def test_what_can_not_be_compared_says_why(
    make_run: Callable[..., Run], make_verdict: Judge
) -> None:
    verdicts = (make_verdict(Kind.UNSURE, because="cpu: a → b"),)
    shown = render(Comparison(make_run(), make_run(), verdicts, (Case("a.py::test_old"),)))
    assert "unsure: test_one: cpu: a → b" in shown
    assert "gone: a.py::test_old" in shown
    assert shown.endswith("1 comparison  1 unsure  1 gone\n")


def test_runs_are_named_by_branch_and_commit(make_run: Callable[..., Run]) -> None:
    head = dataclasses.replace(make_run(), commit="1a2b3c4d5e", dirty=True)
    base = dataclasses.replace(make_run(), commit="", branch="")
    assert render(Comparison(base, head, ())).startswith("base r1  head main@1a2b3c4+")


def test_json_says_how_the_hosts_differ(make_run: Callable[..., Run], make_verdict: Judge) -> None:
    verdicts = (make_verdict(Kind.REGRESSED, ratio=1.2),)
    written = json.loads(to_json(Comparison(make_run("a"), make_run("b"), verdicts)))
    assert written["format"] == "paceline-comparison"
    assert written["differences"] == ["cpu: a → b", "runner: a → b"]
    assert written["verdicts"][0]["change"]["ratio"]["point"] == 1.2


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        (Relation(0, 0, True), "base and head are the same commit"),
        (Relation(0, 1, True), "base is an ancestor of head, 1 commit before it"),
        (Relation(2, 0, False), "head is an ancestor of base, 2 commits before it"),
        (Relation(2, 3, False), "no ancestor of head: 2 commits only in base, 3 commits only in"),
        (Relation(2, 3, None), "cut short: base may be an ancestor of head, or not"),
    ],
)
def test_how_the_commits_lie_to_each_other_is_said(
    make_run: Callable[..., Run], relation: Relation, said: str
) -> None:
    compared = Comparison(make_run(), make_run(), (), relation=relation, permalink="run:1..run:2")
    shown = render(compared)
    assert said in shown
    assert shown.endswith("\npermalink run:1..run:2\n")
    found = json.loads(to_json(compared))
    assert list(found["relation"].values()) == [relation.ancestor, relation.behind, relation.ahead]
