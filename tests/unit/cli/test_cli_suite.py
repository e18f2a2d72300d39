from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from paceline.engine.resources import run_time
from paceline.model import RESOURCES, Case, Resources, Turn

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place

    from paceline.model import Run


def record(name: str, seconds: float, at: float = 0.0, worker: str = "gw0") -> Resources:
    figures = (seconds, *(None,) * (len(RESOURCES) - 1))
    turn = Turn(worker, 0, 1_767_225_600.0 + at, "passed")
    return Resources(Case(f"tests/unit/test_a.py::{name}"), figures, turn=turn)


def keep(place: Place, name: str, *records: Resources, seconds: float = 4.0) -> Run:
    run = place.keep(name)
    place.store.append(run.id, [run_time(seconds)])
    place.store.keep_resources(run.id, records)
    return run


SLOW = record("test_slow", 3.0)
QUICK = record("test_quick", 0.01, at=3.0, worker="gw1")
BUDGET = """[tool.paceline.budgets.quick]
marker = "unit"
max_run_category_time = "{}"
"""


def test_the_newest_run_that_left_records_is_shown(place: Place) -> None:
    keep(place, "a", SLOW)
    keep(place, "b", SLOW, QUICK)
    place.keep("c")
    shown = place.paceline("suite")
    assert shown.status == 0
    assert shown.out.startswith("run      bbbbbbbb  2026-01-02 00:00  bbbb\n")
    assert "4.000 s elapsed, 3.010 s of tests on 2 workers  efficiency 38 %" in shown.out
    assert "test_slow" in shown.out
    assert "test_quick" not in shown.out.partition("Category")[0]


def test_another_run_can_be_named(place: Place) -> None:
    keep(place, "a", SLOW)
    keep(place, "b", QUICK)
    assert place.paceline("suite", "aaaa").out.startswith("run      aaaaaaaa")


def test_a_trend_ends_with_the_run_that_is_shown(place: Place) -> None:
    for name, seconds in (("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 9.0)):
        keep(place, name, SLOW, seconds=seconds)
    data = json.loads(place.paceline("suite", "cccc", "--last", "2", "--json").out)
    assert data["walls"] == [2.0, 3.0]
    assert data["slowest"][0]["times"] == [3.0, 3.0]


def test_faster_tests_and_more_lines_are_shown_when_asked_for(place: Place) -> None:
    keep(place, "a", SLOW, QUICK)
    names = [
        [one["case"].rpartition("_")[2] for one in json.loads(shown.out)["slowest"]]
        for shown in (
            place.paceline("suite", "--json", "--least", "0"),
            place.paceline("suite", "--json", "--least", "0", "--top", "1"),
        )
    ]
    assert names == [["slow", "quick"], ["slow"]]


@pytest.mark.parametrize(
    ("view", "title"),
    [
        ("phase", "Phase "),
        ("file", "File "),
        ("category", "Category "),
        ("worker", "Worker "),
    ],
)
def test_one_side_alone_can_be_shown(place: Place, view: str, title: str) -> None:
    keep(place, "a", SLOW, QUICK)
    shown = place.paceline("suite", "--by", view).out
    titles = [line for line in shown.splitlines() if line.startswith(title)]
    assert len(titles) == 1
    assert "Slowest" not in shown


def test_the_timeline_is_drawn_into_a_file(place: Place) -> None:
    keep(place, "a", SLOW, QUICK)
    ended = place.paceline("suite", "--svg", "out/timeline.svg")
    assert ended.err == "written out/timeline.svg\n"
    assert (place.root / "out" / "timeline.svg").read_text("utf-8").count("<rect") == 2


@pytest.mark.parametrize(("limit", "broken"), [("3 s", True), ("4 s", False)])
def test_a_category_beyond_its_budget_ends_with_10(place: Place, limit: str, broken: bool) -> None:
    place.settings(BUDGET.format(limit) + 'max_test_time = "4 s"\n')
    keep(place, "a", SLOW, QUICK)
    ended = place.paceline("suite")
    assert ended.status == (10 if broken else 0)
    assert ("BUDGET   run#unit" in ended.out) is broken


def test_usual_budgets_come_with_the_first_for_a_category(place: Place) -> None:
    place.settings(BUDGET.format("4 s"))
    keep(place, "a", SLOW, QUICK)
    ended = place.paceline("suite")
    assert ended.status == 10
    assert "test_slow  3 s of 1 s, 300 %" in ended.out
    assert "(budget usual for unit)" in ended.out


def test_budgets_that_are_kept_end_with_0(place: Place) -> None:
    place.settings(BUDGET.format("4 s") + 'max_test_time = "4 s"\n')
    keep(place, "a", SLOW, QUICK)
    ended = place.paceline("suite")
    assert ended.status == 0
    assert "budgets kept" in ended.out


def test_without_records_the_remedy_is_to_run_tests(place: Place) -> None:
    ended = place.paceline("suite")
    assert ended.status == 14
    assert "there are no records of tests" in ended.err
    assert "paceline run" in ended.err
    run = place.keep("a")
    assert f"'{run.id}' left no records" in place.paceline("suite", run.id).err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--last", "0"), "'0' is no count above zero"),
        (("--top", "many"), "'many' is no count above zero"),
        (("--least", "-1"), "no number of seconds from 0 on"),
        (("--least", "nan"), "no number of seconds from 0 on"),
        (("--least", "soon"), "no number of seconds from 0 on"),
        (("--by", "moon"), "invalid choice: 'moon'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    place: Place, words: tuple[str, ...], complaint: str
) -> None:
    ended = place.paceline("suite", *words)
    assert ended.status == 2
    assert complaint in ended.err
