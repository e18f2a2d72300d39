from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import pytest

from paceline.guard.baseline import Recorded, judge_against
from paceline.guard.grammar import Rule, parse_rule
from paceline.model import METRICS, Case, Direction, Host, Kind, Measurement, Run, RunId, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

HOST = Host("EPYC", 4, 8 * 1024**3, "Linux", "CPython 3.11.7")
RUN = Run(RunId("1"), 0.0, HOST)
CASE = Case("a.py::test_list")
OTHER = Case("a.py::test_get")
STEADY = tuple(1 + 0.001 * (k * 7 % 11) for k in range(30))


def measured(
    milliseconds: float, *, case: Case = CASE, metric: str = "wall_time", **more: Any
) -> Measurement:
    values = tuple(milliseconds / 1000 * (1 + 0.001 * (k % 5 - 2)) for k in range(100))
    return Measurement(case, METRICS[metric], more.pop("values", values), **more)


def recorded(*measurements: Measurement, run: Run = RUN) -> Recorded:
    return Recorded(run, measurements)


def compared(base: Measurement, head: Measurement, *rules: Rule, **more: Any) -> Verdict:
    comparison = judge_against(recorded(base), recorded(head), rules=rules, **more)
    (verdict,) = comparison.verdicts
    return verdict


@pytest.mark.parametrize(
    ("before", "after", "kind", "said"),
    [
        (100, 134, Kind.REGRESSED, "1.34× slower ["),
        (134, 100, Kind.IMPROVED, "1.34× faster ["),
        (100, 105, Kind.OK, "1.05× slower ["),
        (100, 100.1, Kind.OK, "1.00× slower ["),
    ],
)
def test_a_change_counts_beyond_noise_and_threshold(
    before: float, after: float, kind: Kind, said: str
) -> None:
    verdict = compared(measured(before), measured(after), name="main")
    assert (verdict.kind, verdict.subject) == (kind, "baseline main")
    assert verdict.because.startswith(said)
    assert verdict.because.endswith("]; threshold 10 %; this process only")


def test_figure_limit_and_change_travel_with_the_verdict() -> None:
    verdict = compared(measured(100), measured(150), threshold=0.2)
    assert verdict.figure is not None
    assert verdict.figure.point == pytest.approx(0.15)
    assert verdict.limit == pytest.approx(0.12)
    assert verdict.change is not None
    assert verdict.change.ratio.point == pytest.approx(1.5)


def test_higher_is_better_turns_the_judgement_round() -> None:
    more, less = (measured(ms, metric="throughput") for ms in (2000, 1000))
    assert compared(less, more).kind is Kind.IMPROVED
    verdict = compared(more, less)
    assert verdict.kind is Kind.REGRESSED
    assert verdict.limit == pytest.approx(1.8)
    assert verdict.because.startswith("2.00× lower [")


def test_operations_per_second_are_higher_when_better() -> None:
    verdict = compared(measured(100), measured(50), parse_rule("ops:10%"))
    assert (verdict.kind, verdict.metric.unit) == (Kind.IMPROVED, "1/s")


@pytest.mark.parametrize(
    ("rule", "kind", "said"),
    [
        ("median:20%", Kind.OK, "threshold 20 %"),
        ("min:5%", Kind.REGRESSED, "threshold 5 %"),
        ("mean:0.001", Kind.REGRESSED, "threshold 1 ms"),
        ("mean:20 ms", Kind.OK, "threshold 20 ms"),
    ],
)
def test_a_rule_decides_alone_about_its_metric(rule: str, kind: Kind, said: str) -> None:
    verdict = compared(measured(100), measured(112), parse_rule(rule))
    assert verdict.kind is kind
    assert said in verdict.because


def test_several_rules_give_several_verdicts() -> None:
    rules = [parse_rule("min:5%"), parse_rule("mean:5%")]
    comparison = judge_against(recorded(measured(1)), recorded(measured(1)), rules=rules)
    assert [verdict.statistic for verdict in comparison.verdicts] == ["min", "mean"]


def test_what_accompanies_wall_time_is_judged_by_rules_only() -> None:
    first, later = (measured(ms, metric="first_call") for ms in (1, 9))
    assert judge_against(recorded(first), recorded(later)).verdicts == ()
    assert compared(first, later, parse_rule("first_call:10%")).kind is Kind.REGRESSED


def test_a_relevant_change_that_may_be_noise_is_unsure() -> None:
    base = measured(0, values=(1.0, 9.0) * 10)
    head = measured(0, values=(1.3, 11.0) * 10)
    verdict = compared(base, head, Rule("wall_time", "mean", 0.1))
    assert verdict.kind is Kind.UNSURE
    assert "which may be noise" in verdict.because


@pytest.mark.parametrize(
    ("after", "kind"), [(2000.0, Kind.UNSURE), (1010.0, Kind.UNSURE), (1000.0, Kind.OK)]
)
def test_a_single_value_is_unsure_unless_it_is_unchanged(after: float, kind: Kind) -> None:
    memory = METRICS["peak_memory"]
    base, head = (Measurement(CASE, memory, (value,)) for value in (1000.0, after))
    verdict = compared(base, head)
    assert (verdict.kind, verdict.statistic) == (kind, "max")
    assert ("from a single value" in verdict.because) is (kind is Kind.UNSURE)


@pytest.mark.parametrize(
    ("base", "head", "rule", "said"),
    [
        ((1.0, 3.0), (1.0, 3.1), "mean:10%", ", too wide to rule out 10 %; this process only"),
        ((1.0, 3.0), (1.0, 2.9), "mean:10%", ", too wide to rule out 10 %"),
        ((1.0, 3.0), (1.0, 3.1), "mean:0.2 s", ", too wide to rule out 200 ms"),
        ((1.0, 3.0), (1.0, 3.0, 2.0), "mean:10%", ", too wide to rule out 10 %"),
        ((1.0, 3.0), (0.9, 2.9), "ops:10%", "the interval of the ratio has no bound"),
        ((9.0, 9.5) * 4, (9.1, 9.6) * 4, "ops:2%", ", too wide to rule out 2 %"),
        (STEADY, [2 * one for one in STEADY], "p95:10%", ", too few rounds for p95 at 95 %"),
        (STEADY, STEADY[1:], "p95:10%", ", too few rounds for p95 at 95 %"),
        ((5.0, 5.0), (5.1,), "max:10%", ", from a single value"),
        ((1e-9, 1.0, 1.0, 1.0) * 5, (1e-9, 1.0, 1.0, 1.1) * 5, "min:10%", "has no bound"),
        ((1.0, math.inf), (1.0, 1.0), "mean:10%", "values that are no number"),
        ((1.0, 1.0), (1.0, math.nan), "mean:10%", "values that are no number"),
        ((1.0,), (1.0,), "stddev:10%", "a single value has no stddev"),
    ],
)
def test_what_cannot_be_told_is_never_ok(
    base: Iterable[float], head: Iterable[float], rule: str, said: str
) -> None:
    before, after = (measured(0, values=tuple(map(float, side))) for side in (base, head))
    verdict = compared(before, after, parse_rule(rule))
    assert verdict.kind is Kind.UNSURE
    assert said in verdict.because


@pytest.mark.parametrize(
    ("base", "head"),
    [((1.0, 3.0), (1.0, 3.0)), ((2.0, 2.0), (2.0,)), ((2.0,) * 3, (2.1,) * 3)],
)
def test_what_is_equal_or_has_no_width_is_ok(
    base: tuple[float, ...], head: tuple[float, ...]
) -> None:
    assert compared(measured(0, values=base), measured(0, values=head)).kind is Kind.OK


def test_an_interval_that_reaches_far_the_better_way_is_ok() -> None:
    base, head = (measured(0, values=(1.0, 3.0) * 20, metric="throughput") for _ in "ab")
    head = dataclasses.replace(head, values=tuple(1.09 * value for value in head.values))
    assert compared(base, head, parse_rule("throughput_mean:30%")).kind is Kind.OK


@pytest.mark.parametrize(
    ("unit", "base", "head", "rule"),
    [
        ("wall_time", 1.0, 1.1, "median:10%"),
        ("peak_memory", 10 * 1024.0**2, 11 * 1024.0**2, "peak_memory:1 MiB"),
        ("wall_time", 0.3, 0.1 + 0.2 + 0.1, "median:0.1 s"),
        ("throughput", 1.1, 1.1 * 0.9, "throughput:10%"),
    ],
)
def test_exactly_the_threshold_is_allowed(unit: str, base: float, head: float, rule: str) -> None:
    before, after = (measured(0, values=(one,) * 20, metric=unit) for one in (base, head))
    verdict = compared(before, after, parse_rule(rule))
    assert verdict.kind is Kind.OK
    assert verdict.change is not None
    assert not verdict.change.relevant


@pytest.mark.parametrize(
    ("base", "head", "kind", "said"),
    [
        ((0.0, 0.0), (1.0, 1.0), Kind.REGRESSED, "1 s from 0 ns; threshold 1 ms; this"),
        ((1.0, 1.0), (0.0, 0.0), Kind.IMPROVED, "0 ns from 1 s; threshold 1 ms"),
        ((0.0, 0.0), (1e-4, 1e-4), Kind.OK, "100 µs from 0 ns; threshold 1 ms"),
        ((0.0, 0.0), (0.0, 0.0, 9.0), Kind.UNSURE, "too wide to rule out 1 ms"),
        ((0.0, 0.0), (1.0,), Kind.UNSURE, "from a single value"),
    ],
)
def test_an_absolute_rule_needs_no_ratio(
    base: tuple[float, ...], head: tuple[float, ...], kind: Kind, said: str
) -> None:
    verdict = compared(
        measured(0, values=base), measured(0, values=head), parse_rule("median:1 ms")
    )
    assert (verdict.kind, verdict.change) == (kind, None)
    assert said in verdict.because


@pytest.mark.parametrize("figure", [(1e-9, 1.0), (1.0, 1e-9)])
def test_a_factor_beyond_a_thousand_is_not_spelled_out(figure: tuple[float, float]) -> None:
    base, head = (measured(0, values=(one,) * 9) for one in figure)
    word = "slower" if figure[0] < figure[1] else "faster"
    assert f">1,000× {word} [>1,000 … >1,000]" in compared(base, head).because


def test_a_factor_without_a_bound_is_written_so() -> None:
    base = measured(0, values=(1e-9,) * 6 + (1.0,) * 14)
    verdict = compared(base, measured(0, values=(1e-10,) * 20), parse_rule("q1:10%"))
    assert verdict.because.startswith("10.00× faster [")
    assert " … ∞]" in verdict.because


def test_a_baseline_that_cannot_be_read_leaves_everything_unsure() -> None:
    both = recorded(measured(1), measured(0, case=OTHER, values=()))
    for base in (None, both):
        verdicts = judge_against(base, both, unreadable="main.json is damaged").verdicts
        assert {verdict.kind for verdict in verdicts} == {Kind.UNSURE}
        assert {verdict.because for verdict in verdicts} == {"main.json is damaged"}
        assert [verdict.figure is None for verdict in verdicts] == [False, True]


def test_what_a_rule_names_and_only_the_base_has_is_unsure() -> None:
    memory = [measured(1, metric="peak_memory", case=case) for case in (CASE, OTHER)]
    base = recorded(measured(1), measured(1, metric="first_call"), *memory)
    rules = [parse_rule("peak_memory:20%")]
    verdicts = judge_against(base, recorded(measured(1)), rules=rules).verdicts
    (missing,) = (one for one in verdicts if one.metric.name == "peak_memory")
    assert (missing.kind, missing.because) == (Kind.UNSURE, "not measured now")
    assert (missing.case, missing.figure, missing.statistic) == (CASE, None, "max")


def test_a_verdict_knows_which_way_is_worse() -> None:
    assert compared(measured(1), measured(2)).direction is Direction.MAX
    assert compared(measured(1), measured(2), parse_rule("ops:5%")).direction is Direction.MIN


def test_hosts_that_differ_are_unsure_and_the_facts_are_shown() -> None:
    elsewhere = dataclasses.replace(RUN, host=dataclasses.replace(HOST, cpu="Xeon", cores=2))
    comparison = judge_against(
        recorded(measured(100)), recorded(measured(150), run=elsewhere), name="main"
    )
    (verdict,) = comparison.verdicts
    assert verdict.kind is Kind.UNSURE
    assert verdict.because.startswith("not judged: cpu: EPYC → Xeon; cores: 4 → 2; 1.50× slower")


@pytest.mark.parametrize(
    ("base", "head", "because"),
    [
        (measured(1, unsure="tracing"), measured(2), "not judged: tracing; 2.00× slower"),
        (measured(1), measured(2, unsure="tracing"), "not judged: tracing; 2.00× slower"),
        (measured(1), measured(0, values=()), "one side holds no values"),
        (measured(0, values=()), measured(1), "one side holds no values"),
        (measured(0), measured(1), "one side is not above zero, so there is no ratio"),
        (measured(1), measured(0), "one side is not above zero, so there is no ratio"),
    ],
)
def test_what_cannot_be_compared_is_unsure(
    base: Measurement, head: Measurement, because: str
) -> None:
    verdict = compared(base, head)
    assert verdict.kind is Kind.UNSURE
    assert verdict.because.startswith(because)


@pytest.mark.parametrize(
    ("base", "head", "rule"),
    [
        ((0.0, 0.0), (0.0,), "mean:1ms"),
        ((0.0,), (0.0, 0.0), "mean:10%"),
        ((0.0, 0.0, 9.0), (0.0, 0.0, 9.0), "median:10%"),
        ((1e-9, 1.0, 1.0, 1.0) * 5, (1e-9, 1.0, 1.0, 1.0) * 5, "min:10%"),
    ],
)
def test_what_stays_the_same_is_ok_without_a_ratio(
    base: tuple[float, ...], head: tuple[float, ...], rule: str
) -> None:
    verdict = compared(measured(0, values=base), measured(0, values=head), parse_rule(rule))
    assert (verdict.kind, verdict.because) == (Kind.OK, "unchanged")


def test_without_a_baseline_everything_is_new_and_says_so() -> None:
    (verdict,) = judge_against(None, recorded(measured(1)), name="main").verdicts
    assert (verdict.kind, verdict.because) == (
        Kind.NEW,
        "no baseline yet: nothing to compare with",
    )
    assert verdict.figure is not None


def test_a_case_that_the_baseline_lacks_is_new() -> None:
    base, head = recorded(measured(1)), recorded(measured(1), measured(1, case=OTHER))
    verdicts = judge_against(base, head).verdicts
    assert [(verdict.case, verdict.kind) for verdict in verdicts] == [
        (CASE, Kind.OK),
        (OTHER, Kind.NEW),
    ]


def test_a_new_case_without_values_has_no_figure() -> None:
    (verdict,) = judge_against(None, recorded(measured(0, values=()))).verdicts
    assert (verdict.kind, verdict.figure) == (Kind.NEW, None)


@pytest.mark.parametrize(("whole", "gone"), [(True, (OTHER,)), (False, ())])
def test_cases_are_gone_only_from_a_whole_run(gone: tuple[Case, ...], *, whole: bool) -> None:
    base = recorded(measured(1), measured(1, case=OTHER))
    comparison = judge_against(base, recorded(measured(1)), whole=whole)
    assert comparison.gone == gone


def test_what_no_rule_would_compare_is_not_missed() -> None:
    run = measured(1, case=Case("run"), metric="run_time")
    base = recorded(measured(1), run)
    assert judge_against(base, recorded(measured(1))).gone == ()
    asked = (Rule("run_time", "median", 0.1),)
    assert judge_against(base, recorded(measured(1)), rules=asked).gone == (Case("run"),)


def test_an_improvement_without_a_bound_is_written_so() -> None:
    values = (0.001, 1.0) * 4
    verdict = compared(measured(5000), measured(0, values=values), Rule("wall_time", "mean", 0.1))
    assert "× faster [" in verdict.because
