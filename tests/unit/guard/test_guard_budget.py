from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from paceline.errors import Place
from paceline.guard.budget import judge_budgets, quantity, unspent
from paceline.guard.grammar import from_marker, parse_budget
from paceline.guard.limit import RATIO
from paceline.model import METRICS, Budget, Case, Direction, Kind, Measurement, Metric, Verdict
from paceline.options import Entry

PLACE = Place("budgets.yml", 14)
CASE = Case("tests/test_api.py::test_list[v2]", parameters=(("version", "v2"),), group="api")
SLOW = Case("tests/test_api.py::test_slow[v2]", parameters=(("version", "v2"),), group="api")
OTHER = Case("tests/test_api.py::test_other")
OLD = Case("tests/test_api.py::test_slow[v1]", parameters=(("version", "v1"),), group="api")


def measured(
    milliseconds: float, *, case: Case = CASE, metric: str = "wall_time", **more: Any
) -> Measurement:
    values = tuple(milliseconds / 1000 * (1 + 0.001 * (k % 5 - 2)) for k in range(100))
    return Measurement(case, METRICS[metric], more.pop("values", values), **more)


def budgets(**keys: object) -> tuple[Budget, ...]:
    entries = {key: Entry(value, PLACE) for key, value in keys.items()}
    return parse_budget("api", entries, place=PLACE)


def judged(measurement: Measurement, *others: Measurement, **keys: object) -> Verdict:
    keys.setdefault("pattern", "test_list")
    (verdict,) = judge_budgets(budgets(**keys), [measurement, *others])
    return verdict


def test_a_broken_budget_says_figure_limit_and_share() -> None:
    verdict = judged(measured(148), max_mean="120 ms")
    assert verdict.kind is Kind.OVER_BUDGET
    assert verdict.because == "148 ms of 120 ms, 123 %"
    assert verdict.spent == pytest.approx(148 / 120)
    assert (verdict.limit, verdict.place, verdict.subject) == (0.12, PLACE, "budget api")


def test_a_kept_budget_is_ok() -> None:
    verdict = judged(measured(60), max_median="120 ms")
    assert (verdict.kind, verdict.statistic, verdict.warning) == (Kind.OK, "median", False)
    assert verdict.because == "60 ms of 120 ms, 50 %"


def test_a_missed_target_warns_and_is_ok() -> None:
    sides = {"target": Entry("80 ms", PLACE), "threshold": Entry("100 ms", PLACE)}
    verdict = judged(measured(90), max_mean=sides)
    assert (verdict.kind, verdict.warning) == (Kind.OK, True)
    assert verdict.because == "90 ms of 100 ms, 90 %; misses its target of 80 ms"


def test_a_broken_budget_does_not_also_warn() -> None:
    sides = {"target": Entry("80 ms", PLACE), "threshold": Entry("100 ms", PLACE)}
    assert not judged(measured(110), max_mean=sides).warning


def test_a_limit_within_the_interval_is_judged_by_the_point_and_said() -> None:
    verdict = judged(measured(100), max_mean="100.001 ms")
    assert verdict.kind is Kind.OK
    assert verdict.because.endswith("; the limit lies within the interval")


@pytest.mark.parametrize(
    ("milliseconds", "kind", "because"),
    [
        (2300, Kind.OK, "2.3 s of 2.4 s (2 s + 20 %), 96 %"),
        (2500, Kind.OVER_BUDGET, "2.5 s of 2.4 s (2 s + 20 %), 104 %"),
    ],
)
def test_a_tolerance_widens_an_absolute_baseline(
    milliseconds: float, kind: Kind, because: str
) -> None:
    verdict = judged(measured(milliseconds), max_mean="2.0 s", tolerance="20 %")
    assert (verdict.kind, verdict.because) == (kind, because)


def test_a_tolerance_lowers_a_floor() -> None:
    verdict = judged(measured(100, items=1), min_throughput="12/s", tolerance="25 %")
    assert (verdict.kind, verdict.because) == (
        Kind.OK,
        "10/s of at least 9/s (12/s − 25 %), 90 %",
    )


def test_throughput_is_items_over_time_with_the_interval_turned_over() -> None:
    time = judged(measured(100, items=50), max_mean="1 s").figure
    verdict = judged(measured(100, items=50), min_throughput="600/s")
    assert (verdict.kind, verdict.metric.name) == (Kind.OVER_BUDGET, "throughput")
    assert verdict.because == "500/s of at least 600/s, 120 %"
    assert time is not None
    assert verdict.figure is not None
    assert verdict.figure.low == pytest.approx(50 / time.high)
    assert verdict.figure.high == pytest.approx(50 / time.low)


def test_other_statistics_of_throughput_are_those_of_each_rounds_rate() -> None:
    times = measured(0, values=(0.1, 0.2, 0.4), items=1)
    verdict = judged(times, min_throughput_min="3/s")
    assert verdict.figure is not None
    assert verdict.figure.point == pytest.approx(2.5)


def test_a_measured_throughput_comes_first() -> None:
    load = Measurement(CASE, METRICS["throughput"], (100.0,) * 20)
    verdict = judged(load, min_throughput="50/s")
    assert (verdict.kind, verdict.because) == (Kind.OK, "100/s of at least 50/s, 50 %")


def test_throughput_in_bytes_wants_bytes() -> None:
    bytes_stated = measured(1000, items=6 * 1024**2, item_unit="B")
    assert (
        judged(bytes_stated, min_throughput="5 MiB/s").because
        == "6 MiB/s of at least 5 MiB/s, 83 %"
    )
    verdict = judged(measured(1000, items=1e9), min_throughput="5 MiB/s")
    assert (verdict.kind, verdict.because) == (
        Kind.UNSURE,
        "the limit is in bytes, the test states items",
    )


def test_operations_per_second_need_no_items() -> None:
    verdict = judged(measured(100), min_ops="8/s")
    assert (verdict.kind, verdict.metric.unit) == (Kind.OK, "1/s")
    assert verdict.because == "10/s of at least 8/s, 80 %"


def test_a_count_is_exact() -> None:
    verdict = judged(measured(100), min_rounds=200)
    assert (verdict.kind, verdict.metric.unit) == (Kind.OVER_BUDGET, "1")
    assert verdict.because == "100 of at least 200, 200 %"


def test_memory_is_judged_by_its_maximum() -> None:
    memory = Measurement(CASE, METRICS["peak_memory"], (6 * 1024.0**2,))
    verdict = judged(memory, max_kb=5120)
    assert verdict.kind is Kind.OVER_BUDGET
    assert verdict.because == "6 MiB of 5 MiB, 120 %; a single value, no interval"


@pytest.mark.parametrize(
    ("milliseconds", "kind", "because"),
    [
        (1000, Kind.OK, "10× of at least 8×, 80 %"),
        (500, Kind.OVER_BUDGET, "5× of at least 8×, 160 %"),
    ],
)
def test_a_ratio_is_reference_over_case(milliseconds: float, kind: Kind, because: str) -> None:
    slow = measured(milliseconds, case=SLOW)
    verdict = judged(measured(100), slow, min_ratio="8x", reference="test_slow")
    assert (verdict.kind, verdict.because, verdict.metric) == (kind, because, RATIO)


def test_of_several_references_the_one_with_equal_parameters_counts() -> None:
    others = measured(1000, case=SLOW), measured(100, case=OLD)
    verdict = judged(measured(100), *others, min_ratio=2, reference="test_slow")
    assert verdict.kind is Kind.OK


def test_a_label_refers_to_a_benchmark_in_the_same_item() -> None:
    cached, plain = Case("a.py::test_c", label="cached"), Case("a.py::test_c", label="plain")
    elsewhere = Case("a.py::test_d", label="plain")
    (verdict,) = judge_budgets(
        budgets(min_ratio=4, reference="#plain", pattern="test_c#cached"),
        [measured(100, case=cached), measured(500, case=plain), measured(1, case=elsewhere)],
    )
    assert (verdict.kind, verdict.because) == (Kind.OK, "5× of at least 4×, 80 %")


def test_a_reference_is_not_compared_with_itself() -> None:
    found = [measured(100), measured(1000, case=SLOW)]
    verdicts = judge_budgets(budgets(min_ratio=2, reference="test_slow", group="api"), found)
    assert [verdict.case for verdict in verdicts] == [CASE]


def test_a_reference_may_be_a_constant_time() -> None:
    verdict = judged(measured(100), min_ratio="10x", reference="2 s")
    assert (verdict.kind, verdict.because) == (Kind.OK, "20× of at least 10×, 50 %")


@pytest.mark.parametrize(
    ("measurement", "keys", "because"),
    [
        (measured(1), {"max_kb": 1}, "peak_memory was not measured"),
        (measured(0, values=()), {"max_mean": 1}, "wall_time was not measured"),
        (measured(1), {"min_throughput": 1}, "the test states no items= or bytes="),
        (measured(1, metric="first_call"), {"min_throughput": 1}, "wall_time was not measured"),
        (measured(1, metric="first_call"), {"min_ratio": 1, "reference": "1 s"}, "wall_time was"),
        (measured(0, items=1), {"min_throughput": 1}, "too short for the clock"),
        (measured(0, items=1), {"min_throughput_p95": 1}, "too short for the clock"),
        (measured(1), {"min_ratio": 1, "reference": "test_x"}, "nothing measured matches the ref"),
        (measured(0), {"min_ratio": 1, "reference": "test_slow"}, "too short for the clock"),
    ],
)
def test_what_is_not_known_is_unsure(
    measurement: Measurement, keys: dict[str, object], because: str
) -> None:
    verdict = judged(measurement, measured(1, case=SLOW), **keys)
    assert (verdict.kind, verdict.figure, verdict.spent) == (Kind.UNSURE, None, 0.0)
    assert because in verdict.because


def test_an_ambiguous_reference_is_unsure() -> None:
    again = dataclasses.replace(SLOW, label="again")
    others = measured(1, case=SLOW), measured(1, case=again)
    verdict = judged(measured(1), *others, min_ratio=1, reference="test_slow")
    assert verdict.because == "2 benchmarks match the reference 'test_slow'"


def test_an_untrusted_figure_is_shown_but_not_judged() -> None:
    verdict = judged(measured(148, unsure="tracing is active"), max_mean="120 ms")
    assert verdict.kind is Kind.UNSURE
    assert verdict.because == "148 ms of 120 ms, 123 %; not judged: tracing is active"


def test_an_untrusted_reference_is_said() -> None:
    slow = measured(1000, case=SLOW, unsure="too few rounds")
    verdict = judged(measured(100), slow, min_ratio=2, reference="test_slow")
    assert verdict.because.endswith("not judged: the reference: too few rounds")


def test_a_budget_whose_tests_measured_nothing_is_unsure_not_silent() -> None:
    ran = [CASE, SLOW, OLD]
    verdicts = judge_budgets(budgets(max_mean=1, pattern="test_slow"), [measured(1)], ran=ran)
    assert [(verdict.kind, verdict.because) for verdict in verdicts] == [
        (Kind.UNSURE, "nothing was measured in the 2 tests it selects")
    ]


def test_a_label_that_was_not_measured_is_unsure_not_silent() -> None:
    labelled = measured(1, case=dataclasses.replace(CASE, label="cached"))
    found = budgets(max_mean=1, pattern="test_list#cashed")
    (verdict,) = judge_budgets(found, [labelled], ran=[CASE])
    assert verdict.kind is Kind.UNSURE
    assert verdict.because == "nothing was measured in the test it selects"


def test_a_pattern_of_labels_may_find_none_in_a_part_of_the_suite() -> None:
    found = budgets(max_mean=1, pattern="*#cached")
    assert judge_budgets(found, [measured(1)], ran=[CASE]) == ()


def test_a_test_that_measured_under_a_label_is_not_silent() -> None:
    labelled = measured(1, case=dataclasses.replace(CASE, label="cached"))
    found = budgets(max_mean=2, pattern="test_list")
    verdicts = judge_budgets(found, [labelled], ran=[CASE])
    assert [verdict.kind for verdict in verdicts] == [Kind.OK]


def test_a_marker_is_for_every_benchmark_in_its_item_and_no_other() -> None:
    found = from_marker({"max_mean": 2}, node_id=CASE.node_id, place=PLACE)
    labelled = dataclasses.replace(CASE, label="cached")
    both = [measured(1), measured(1, case=labelled), measured(1, case=OLD)]
    assert [verdict.case for verdict in judge_budgets(found, both)] == [CASE, labelled]


def test_a_budget_that_no_verdict_speaks_of_is_unspent() -> None:
    spent, idle = budgets(max_mean=1), budgets(max_kb=1, group="api")
    idle = tuple(dataclasses.replace(one, name="idle") for one in idle)
    verdicts = judge_budgets((*spent, *idle), [measured(1, case=OTHER)])
    assert unspent((*spent, *idle), verdicts) == idle


def test_a_ratio_whose_tests_measured_nothing_is_unsure_too() -> None:
    found = budgets(min_ratio=1, reference="1 s")
    (verdict,) = judge_budgets(found, [], ran=[CASE])
    assert (verdict.kind, verdict.metric) == (Kind.UNSURE, RATIO)


def test_a_budget_that_selects_nothing_that_ran_has_no_verdict() -> None:
    assert judge_budgets(budgets(max_mean=1, pattern="test_x"), [measured(1)], ran=[CASE]) == ()


def test_a_broken_limit_of_zero_is_spent_without_end() -> None:
    memory = Measurement(CASE, METRICS["peak_memory"], (1024.0, 1024.0))
    verdict = judged(memory, max_kb=0)
    assert (verdict.kind, verdict.spent) == (Kind.OVER_BUDGET, math.inf)
    assert verdict.because == "1 KiB of 0 KiB, ∞ %"


def test_a_figure_of_zero_under_a_floor_is_spent_without_end() -> None:
    share = Measurement(CASE, METRICS["cpu_share"], (0.0, 0.0))
    verdict = judged(share, min_cpu_share="50 %")
    assert (verdict.kind, verdict.because) == (Kind.OVER_BUDGET, "0 of at least 0.5, ∞ %")


def test_a_limit_of_zero_that_holds_has_no_share() -> None:
    memory = Measurement(CASE, METRICS["peak_memory"], (0.0, 0.0))
    verdict = judged(memory, max_kb=0)
    assert (verdict.kind, verdict.spent, verdict.because) == (Kind.OK, 0.0, "0 B of 0 B")


@pytest.mark.parametrize(
    ("seconds", "kind", "because"),
    [
        (0.10004, Kind.OVER_BUDGET, "100.04 ms of 100 ms, 100.04 %"),
        (0.1000000004, Kind.OVER_BUDGET, "100.0000004 ms of 100 ms, 100.0000004 %"),
        (0.1 + 1e-17, Kind.OK, "100 ms of 100 ms, 100 %"),
        (0.1 * (1 + 1e-12), Kind.OK, "100 ms of 100 ms, 100 %"),
    ],
)
def test_a_figure_and_its_limit_are_told_apart(seconds: float, kind: Kind, because: str) -> None:
    verdict = judged(measured(0, values=(seconds,) * 9), max_max="100 ms")
    assert (verdict.kind, verdict.because) == (kind, because)


@pytest.mark.parametrize("side", ["max", "min"])
@pytest.mark.parametrize("statistic", ["stddev", "iqr", "stddev_outliers", "first_call_stddev"])
def test_the_spread_of_a_single_value_is_unsure(side: str, statistic: str) -> None:
    metric = "first_call" if "first" in statistic else "wall_time"
    verdict = judged(measured(0, values=(1.0,), metric=metric), **{f"{side}_{statistic}": 1})
    assert (verdict.kind, verdict.figure) == (Kind.UNSURE, None)
    assert verdict.because == f"a single value has no {statistic.removeprefix('first_call_')}"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "limit",
    [
        {"max_mean": 1},
        {"min_throughput": 1},
        {"min_ratio": 1, "reference": "1 s"},
        {"min_ratio": 1, "reference": "test_slow"},
    ],
)
def test_values_that_are_no_number_are_unsure(number: float, limit: dict[str, object]) -> None:
    odd = measured(0, values=(1.0, number, 1.0), items=1)
    verdict = judged(odd, measured(1, case=SLOW), **limit)
    assert (verdict.kind, verdict.because) == (Kind.UNSURE, "values that are no number")


def test_a_reference_that_is_no_number_is_unsure() -> None:
    odd = measured(0, values=(1.0, math.nan), case=SLOW)
    verdict = judged(measured(1), odd, min_ratio=1, reference="test_slow")
    assert verdict.because == "the reference: values that are no number"


def test_a_verdict_knows_its_direction_and_a_rate_in_bytes_its_unit() -> None:
    verdict = judged(measured(1000, items=6e7, item_unit="B"), min_throughput="50 MiB/s")
    assert (verdict.direction, verdict.metric.unit) == (Direction.MIN, "B")
    assert judged(measured(1), max_mean=5).direction is Direction.MAX


def test_a_time_interval_that_reaches_zero_leaves_the_rate_open_above() -> None:
    verdict = judged(measured(0, values=(0.001, 1.0)), min_ops="1/s")
    assert verdict.figure is not None
    assert verdict.figure.high == math.inf


@pytest.mark.parametrize(
    ("value", "metric", "text"),
    [
        (0.148, METRICS["wall_time"], "148 ms"),
        (10.0, METRICS["throughput"], "10/s"),
        (0.8, METRICS["cpu_share"], "0.8"),
        (8.25, RATIO, "8.25×"),
        (12345.0, Metric("count", "1"), "12,345"),
    ],
)
def test_a_quantity_has_no_idle_zeros(value: float, metric: Metric, text: str) -> None:
    assert quantity(value, metric) == text


def test_a_figure_far_from_its_limit_keeps_its_own_scale() -> None:
    assert judged(measured(0.5), max_mean="2 min").because == "500 µs of 120 s, 0 %"
