from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from paceline.guard.baseline import Recorded, judge_against
from paceline.guard.grammar import parse_rule
from paceline.guard.policy import Does, Policy
from paceline.model import METRICS, Case, Host, Kind, Measurement, Run, RunId, Verdict

HOST = Host("EPYC", 4, 8 * 1024**3, "Linux", "CPython 3.11.7")
WAVE = (0.0, 0.02, -0.01, 0.015, -0.02, 0.005, -0.015, 0.01)


def run(number: int, *factors: float, metric: str = "wall_time", **facts: Any) -> Recorded:
    """Record a run of so many benchmarks, each of 20 rounds around a factor of a millisecond."""
    figures = [
        Measurement(
            Case(f"a.py::test_{place}"),
            METRICS[metric],
            tuple(1e-3 * factor * (1 + k / 1e4) for k in range(20)),
            **facts,
        )
        for place, factor in enumerate(factors)
    ]
    return Recorded(Run(RunId(f"r{number}"), float(number), HOST, complete=True), figures)


def past(count: int, cases: int = 1, **facts: Any) -> list[Recorded]:
    """Record runs of the same code that differ by a few per cent, each benchmark in its way."""
    return [
        run(
            number, *(math.exp(WAVE[(number * 3 + 5 * case) % 8]) for case in range(cases)), **facts
        )
        for number in range(count)
    ]


def judged(history: list[Recorded], head: Recorded, **more: Any) -> tuple[Verdict, ...]:
    return judge_against(history[-1], head, history=history, **more).verdicts


@pytest.mark.parametrize(
    ("factor", "kind"),
    [(1.0, Kind.OK), (1.5, Kind.REGRESSED), (0.6, Kind.IMPROVED), (1.11, Kind.UNSURE)],
)
def test_a_change_counts_beyond_what_runs_of_the_same_code_reach(factor: float, kind: Kind) -> None:
    (verdict,) = judged(past(12), run(99, factor))
    assert verdict.kind is kind
    assert verdict.statistic == "min"
    assert "; 12 runs show changes from 1." in verdict.because


def test_why_a_change_is_unsure_is_said() -> None:
    (verdict,) = judged(past(12), run(99, 1.05), threshold=0.02)
    assert ", which runs of the same code reach too; threshold 2 %" in verdict.because
    (verdict,) = judged(past(12), run(99, 1.09))
    assert ", too wide to rule out 10 %" in verdict.because


@pytest.mark.parametrize(
    ("factor", "kind", "said"),
    [
        (1.3, Kind.UNSURE, ", only 1 run known: 9 more, or paceline ab; threshold 10 %"),
        (3.0, Kind.REGRESSED, "3.00× slower ["),
        (0.3, Kind.IMPROVED, "faster ["),
        (1.02, Kind.OK, "; this process only"),
    ],
)
def test_with_few_runs_only_what_no_machine_does_is_called(
    factor: float, kind: Kind, said: str
) -> None:
    (verdict,) = judged(past(1), run(99, factor))
    assert verdict.kind is kind
    assert said in verdict.because


def test_the_intervals_hold_the_spread_between_runs() -> None:
    (verdict,) = judged(past(12), run(99, 1.5))
    assert verdict.change is not None
    assert verdict.figure == verdict.change.head
    assert verdict.figure.method == "spread of 12 runs"
    assert 0.02 < verdict.figure.half_width < 0.08
    assert verdict.change.ratio.half_width > verdict.figure.half_width
    assert "this process only" not in verdict.because


def test_what_all_benchmarks_share_is_no_regression_of_each() -> None:
    history = past(12, cases=6)
    slow = judged(history, run(99, *(1.6,) * 6))
    assert {verdict.kind for verdict in slow} == {Kind.UNSURE}
    assert "shared by 6 benchmarks: the machine, or all of the code" in slow[0].because
    fast = judged(history, run(99, *(0.5,) * 6))
    assert {verdict.kind for verdict in fast} == {Kind.UNSURE}
    one = judged(history, run(99, 2.8, *(1.6,) * 5))
    assert [verdict.kind for verdict in one[:2]] == [Kind.REGRESSED, Kind.UNSURE]


def test_what_a_few_benchmarks_share_may_be_the_code() -> None:
    found = judged(past(12, cases=4), run(99, *(1.6,) * 4))
    assert {verdict.kind for verdict in found} == {Kind.REGRESSED}


def test_a_baseline_off_its_neighbours_accuses_nobody() -> None:
    history = past(12)
    history[6] = run(6, 0.5)
    (verdict,) = judge_against(history[6], run(99, 1.2), history=history).verdicts
    assert verdict.kind is Kind.UNSURE
    quick = [*past(12), run(12, math.exp(-0.045))]
    (verdict,) = judged(quick, run(99, math.exp(0.05)), threshold=0.05)
    assert "the baseline's run lies off the runs around it" in verdict.because


def test_the_same_values_are_ok_however_wide_the_spread() -> None:
    history = past(12)
    assert judged(history, history[-1])[0].kind is Kind.OK


def test_a_rule_of_the_users_own_judges_by_this_process() -> None:
    (verdict,) = judged(past(12), run(99, 1.11), rules=[parse_rule("median:5%")])
    assert (verdict.kind, verdict.statistic) == (Kind.REGRESSED, "median")
    assert verdict.because.endswith("this process only")


def test_what_is_unsure_missing_or_zero_teaches_nothing() -> None:
    history = past(12)
    for place, facts in enumerate(({"unsure": "tracing"}, {"metric": "throughput"})):
        history[place] = run(place, 9.0, **facts)
    history[2] = run(2, 0.0)
    (verdict,) = judged(history, run(99, 1.5))
    assert "; 9 runs show changes" in verdict.because


@pytest.mark.parametrize("side", ["base", "head"])
def test_doubt_about_a_side_stays_and_says_what_it_would_be(side: str) -> None:
    facts = {"unsure": "tracing"}
    history = [*past(12), run(12, 1.0, **(facts if side == "base" else {}))]
    (verdict,) = judged(history, run(99, 3.0, **(facts if side == "head" else {})))
    assert verdict.kind is Kind.UNSURE
    assert verdict.because.startswith("not judged: tracing; 3.00× slower")


def test_a_side_without_values_is_unsure() -> None:
    head = run(99, 1.0)
    empty = [dataclasses.replace(one, values=()) for one in head.measurements]
    (verdict,) = judged(past(12), Recorded(head.run, empty))
    assert verdict.because == "one side holds no values"


def test_a_figure_of_zero_is_left_to_the_differences() -> None:
    (verdict,) = judged(past(12), run(99, 0.0))
    assert verdict.because == "one side is not above zero, so there is no ratio"


def test_other_hosts_are_not_judged_by_this_ones_history() -> None:
    history = past(12)
    host = dataclasses.replace(HOST, cpu="Xeon")
    head = run(99, 3.0)
    elsewhere = Recorded(dataclasses.replace(head.run, host=host), head.measurements)
    (verdict,) = judged(history, elsewhere)
    assert verdict.because.startswith("not judged: cpu: EPYC → Xeon")


def test_memory_needs_no_assumed_spread() -> None:
    (few,) = judged(past(2, metric="peak_memory"), run(99, 1.5, metric="peak_memory"))
    assert (few.kind, few.statistic) == (Kind.REGRESSED, "max")
    steady = [run(number, 1.0, metric="peak_memory") for number in range(12)]
    (enough,) = judged(steady, run(99, 1.2, metric="peak_memory"))
    assert (enough.kind, enough.change is not None) == (Kind.REGRESSED, True)


def test_more_is_better_where_the_metric_says_so() -> None:
    history = past(12, metric="throughput")
    kinds = [judged(history, run(99, f, metric="throughput"))[0].kind for f in (0.5, 2.0, 1.0)]
    assert kinds == [Kind.REGRESSED, Kind.IMPROVED, Kind.OK]


def test_a_group_has_the_threshold_of_its_policy() -> None:
    (verdict,) = judged(past(12), run(99, 1.5), policies=[Policy("", Does.BLOCK, 0.6)])
    assert verdict.kind is not Kind.REGRESSED
    assert verdict.because.endswith("12 runs show changes from 1.63× on")
