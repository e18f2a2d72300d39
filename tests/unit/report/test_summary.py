from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place
from paceline.model import Case, Kind
from paceline.report.summary import MOST_LINES, headline, next_command, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement, Verdict
    from paceline.report.document import Document

    Make = Callable[..., Measurement]
    Judge = Callable[..., Verdict]
    Build = Callable[..., Document]

WORDS = ("BUDGET", "WARN", "SLOWER", "FASTER", "UNSURE", "NEW", "GONE")


def _some(judge: Judge, number: int) -> tuple[Verdict, ...]:
    kinds = (Kind.OVER_BUDGET, Kind.REGRESSED, Kind.IMPROVED, Kind.UNSURE, Kind.NEW)
    return tuple(judge(kind, f"test_{n}", ratio=1.2) for kind in kinds for n in range(number))


def _words(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines()]


def test_an_empty_run_says_nothing(make_document: Build) -> None:
    assert render(make_document()) == ""


def test_a_quiet_run_is_two_lines(make_document: Build, make_measurement: Make) -> None:
    assert _words(render(make_document(make_measurement()))) == ["paceline", "next"]


def test_the_headline_counts_and_names_the_baseline(
    make_document: Build, make_verdict: Judge
) -> None:
    document = make_document(verdicts=_some(make_verdict, 2), baseline="main@1a2b3c4")
    assert headline(document) == (
        "paceline  0 benchmarks  2 budgets broken  2 regressions  2 unsure   baseline main@1a2b3c4"
    )
    assert headline(make_document(complete=False)).endswith("incomplete run   no baseline")


def test_words_stand_in_their_fixed_order(make_document: Build, make_verdict: Judge) -> None:
    verdicts = (*_some(make_verdict, 1), make_verdict(Kind.OK, warning=True))
    shown = render(make_document(verdicts=verdicts, gone=(Case("a.py::test_old"),)))
    assert _words(shown) == ["paceline", *WORDS, "next"]


@pytest.mark.parametrize("number", [1, 5, 200])
def test_the_block_has_at_most_24_lines(
    make_document: Build, make_verdict: Judge, number: int
) -> None:
    gone = tuple(Case(f"a.py::test_{n}") for n in range(number))
    shown = render(make_document(verdicts=_some(make_verdict, number), gone=gone))
    assert len(shown.splitlines()) <= MOST_LINES
    assert set(_words(shown)) == {"paceline", *WORDS, "next"} - {"WARN"}


def test_a_missed_goal_is_told_from_a_regression(make_document: Build, make_verdict: Judge) -> None:
    more = {"subject": "goal, baseline main", "because": "had to improve by 10 %: 1.01× slower"}
    goal = make_verdict(Kind.REGRESSED, "test_two", **more)
    shown = render(make_document(verdicts=(make_verdict(Kind.REGRESSED, ratio=1.2), goal)))
    assert _words(shown) == ["paceline", "SLOWER", "GOAL", "next"]
    assert "test_two  had to improve by 10 %: 1.01× slower" in shown


def test_what_is_left_out_is_counted(make_document: Build, make_verdict: Judge) -> None:
    verdicts = tuple(make_verdict(Kind.OVER_BUDGET, f"test_{n}") for n in range(100))
    lines = render(make_document(verdicts=verdicts)).splitlines()
    assert len(lines) == MOST_LINES
    assert lines[-2].endswith("(78 more)")


def test_the_worst_comes_first(make_document: Build, make_verdict: Judge) -> None:
    spent = [make_verdict(Kind.OVER_BUDGET, f"test_b{by}", spent=by) for by in (1.5, 3.0)]
    grew = [make_verdict(Kind.REGRESSED, f"test_s{by}", ratio=by) for by in (1.2, 2.0)]
    shown = render(make_document(verdicts=(*spent, *grew)))
    order = [line.split()[1].rpartition("::")[2] for line in shown.splitlines()[1:-1]]
    assert order == ["test_b3.0", "test_b1.5", "test_s2.0", "test_s1.2"]


def test_a_broken_budget_stands_beside_its_limit_and_place(
    make_document: Build, make_verdict: Judge
) -> None:
    verdict = make_verdict(Kind.OVER_BUDGET, place=Place("budgets.toml", 14))
    line = render(make_document(verdicts=(verdict,))).splitlines()[1]
    assert line == "BUDGET  test_a.py::test_one  mean 1 ms of 2 ms, 50 %  budgets.toml:14"


def test_a_change_without_ratio_says_why(make_document: Build, make_verdict: Judge) -> None:
    verdict = make_verdict(Kind.REGRESSED, because="no ratio")
    assert "no ratio" in render(make_document(verdicts=(verdict,)))


def test_colour_only_wraps_words(make_document: Build, make_verdict: Judge) -> None:
    document = make_document(verdicts=_some(make_verdict, 2))
    painted = render(document, paint=lambda text, _role: f"<{text}>")
    assert painted.replace("<", "").replace(">", "") == render(document)


@pytest.mark.parametrize(
    ("kinds", "baseline", "command"),
    [
        ((Kind.OVER_BUDGET, Kind.REGRESSED), "main@1", "history tests/test_a.py::test_one"),
        ((Kind.REGRESSED, Kind.UNSURE), "main@1", "compare main"),
        ((Kind.REGRESSED,), "", "compare"),
        ((Kind.UNSURE,), "main@1", "explain unsure"),
        ((Kind.OK,), "main@1", "report"),
        ((Kind.NEW,), "", "baseline save main"),
    ],
)
def test_the_last_line_is_the_most_useful_command(
    make_document: Build, make_verdict: Judge, kinds: tuple[Kind, ...], baseline: str, command: str
) -> None:
    verdicts = tuple(map(make_verdict, kinds))
    assert next_command(make_document(verdicts=verdicts, baseline=baseline)) == (
        f"paceline {command}"
    )


@pytest.mark.parametrize(
    ("saved", "name"), [(("main", "v1"), "main"), (("v1", "v2"), "v1"), (("a b",), "'a b'")]
)
def test_a_baseline_that_is_there_is_compared_with_rather_than_replaced(
    make_document: Build, saved: tuple[str, ...], name: str
) -> None:
    document = dataclasses.replace(make_document(), saved=saved)
    assert next_command(document) == f"paceline compare {name}"


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("test_a[1]", "'tests/test_a.py::test_a[1]'"), ("test_\x1b", "tests/test_a.py")],
)
def test_a_case_is_quoted_for_a_shell(
    make_document: Build, make_verdict: Judge, name: str, quoted: str
) -> None:
    document = make_document(verdicts=(make_verdict(Kind.OVER_BUDGET, name),))
    assert next_command(document) == f"paceline history {quoted}"
