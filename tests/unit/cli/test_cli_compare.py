from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place


@pytest.mark.parametrize(
    ("factor", "flags", "status"),
    [
        (1.0, (), 0),
        (3.0, (), 11),
        (0.3, (), 0),
        (3.0, ("--threshold", "300%"), 0),
        (1.5, ("--strict",), 12),
        (1.5, ("--spread", "process"), 11),
        (1.07, ("--threshold", "5 %", "--spread", "process"), 11),
        (1.07, (), 0),
        (1.07, ("--fail-on", "mean:5%"), 11),
        (1.5, ("--fail-on", "mean:60%", "--fail-on", "min:70%"), 0),
    ],
)
def test_a_relevant_change_for_the_worse_ends_with_11(
    place: Place, factor: float, flags: tuple[str, ...], status: int
) -> None:
    place.keep("a")
    place.keep("b", factor)
    assert place.paceline("compare", "latest~1", *flags).status == status


def test_a_few_runs_call_only_a_huge_change_and_say_how_many_are_missing(place: Place) -> None:
    place.keep("a")
    place.keep("b", 1.5)
    assert "only 1 run known: 9 more, or paceline ab" in place.paceline("compare", "latest~1").out


def test_ten_runs_of_the_branch_let_a_smaller_change_be_seen(place: Place) -> None:
    for number in range(10):
        place.keep(f"a{number}", 1 + number % 3 / 200)
    place.keep("b", 1.2, branch="feature")
    assert place.paceline("compare", "latest~1").status == 11
    place.keep("c", 1.2, host=dataclasses.replace(place.host, cpu="Other"))
    assert place.paceline("compare", "a0").status == 0


def test_a_policy_lets_a_group_regress(place: Place) -> None:
    place.settings('[tool.paceline.policies]\n"" = "monitor"\n')
    place.keep("a")
    place.keep("b", 3)
    ended = place.paceline("compare", "latest~1")
    assert (ended.status, ended.out.count("regressed")) == (0, 3)
    assert "only monitored (pyproject.toml:2): not counted: 2 regressions" in ended.err


def test_head_is_the_newest_run_unless_named(place: Place) -> None:
    for name, factor in (("a", 1), ("b", 3), ("c", 1)):
        place.keep(name, factor)
    assert place.paceline("compare", "aaaa").status == 0
    assert place.paceline("compare", "aaaa", "bbbb").status == 11
    assert place.paceline("compare", "bbbb", "aaaa").status == 0


@pytest.mark.parametrize("pattern", ["test_one", "tests/test_a.py::test_one", "*_one", "one"])
def test_a_pattern_leaves_out_the_other_cases(place: Place, pattern: str) -> None:
    place.keep("a")
    place.keep("b", 2)
    out = place.paceline("compare", "latest~1", "-k", pattern).out
    assert "test_one" in out
    assert "test_two" not in out


def test_a_pattern_that_matches_nothing_names_the_nearest_case(place: Place) -> None:
    place.keep("a")
    ended = place.paceline("compare", "latest", "--name", "test_onne")
    assert (ended.status, "did you mean 'test_one'?" in ended.err) == (2, True)


def test_incomparable_hosts_are_unsure_and_their_differences_shown(place: Place) -> None:
    place.keep("a")
    place.keep("b", 2, host=dataclasses.replace(place.host, cpu="Other"))
    ended = place.paceline("compare", "latest~1")
    assert ended.status == 0
    assert "hosts differ in cpu: Example 9000 → Other" in ended.err
    assert "regressed" not in ended.out
    assert place.paceline("compare", "latest~1", "--strict").status == 12


def test_an_incomplete_run_is_said_to_be_one(place: Place) -> None:
    place.keep("a")
    place.keep("b", complete=False)
    ended = place.paceline("compare", "a", "b")
    assert "the head is an incomplete run" in ended.err


def test_json_holds_both_runs_and_every_verdict(place: Place) -> None:
    place.keep("a")
    place.keep("b", 3)
    found = json.loads(place.paceline("compare", "latest~1", "--json").out)
    assert (found["base"]["id"], found["head"]["id"]) == ("a" * 8, "b" * 8)
    assert [verdict["kind"] for verdict in found["verdicts"]] == ["regressed"] * 2


def test_an_exported_file_is_compared_as_its_run_would_be(place: Place) -> None:
    place.keep("a")
    assert place.paceline("export", "a", "--output", "a.json").status == 0
    place.keep("b", 3)
    by_file, by_run = place.paceline("compare", "a.json"), place.paceline("compare", "a")
    assert (by_file.status, by_file.out) == (by_run.status, by_run.out) == (11, by_run.out)


@pytest.mark.parametrize("reference", ["nope", "nope.json", "latest~9"])
def test_a_run_that_is_not_there_ends_with_14(place: Place, reference: str) -> None:
    place.keep("a")
    assert place.paceline("compare", reference).status == 14


def test_a_damaged_file_ends_with_14_and_names_it(place: Place) -> None:
    (place.root / "a.json").write_text('{"schema":', encoding="utf-8")
    ended = place.paceline("compare", "a.json")
    assert (ended.status, f"--> {place.root / 'a.json'}" in ended.err) == (14, True)
