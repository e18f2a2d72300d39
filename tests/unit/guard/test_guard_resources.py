from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from paceline.guard.resources import for_resources, judge_resources
from paceline.model import (
    METRICS,
    RESOURCES,
    Budget,
    Case,
    Direction,
    Kind,
    Measurement,
    Resources,
    Selector,
)

MIB = 1024.0**2


def record(name: str, *, label: str = "", unsure: str = "", **figures: float) -> Resources:
    case = Case(f"tests/test_a.py::{name}", label, markers=("db",) if "db" in name else ())
    reasons = ((unsure, "the kernel is silent"),) if unsure else ()
    return Resources(case, tuple(figures.get(one) for one in RESOURCES), reasons)


def budget(metric: str, limit: float, **more: Any) -> Budget:
    selector = Selector(**{k: more.pop(k) for k in ("pattern", "marker", "node_id") if k in more})
    made = Budget("b", selector, metric, "max", Direction.MAX, limit)
    return dataclasses.replace(made, **more)


def judged(one: Budget, *records: Resources, **more: Any) -> list[tuple[str, Kind]]:
    return [(found.case.name, found.kind) for found in judge_resources([one], records, **more)]


QUICK = record("test_quick", test_time=0.1, test_cpu_time=0.09)
SLOW = record("test_slow", test_time=3.0, test_cpu_time=0.3)
SILENT = record("test_silent", unsure="test_time")
FIXTURE = record("test_db", label="fixture db", test_time=9.0)


def test_broken_budgets_are_told_and_of_the_kept_the_nearest() -> None:
    more = record("test_more", test_time=0.2)
    found = judged(budget("test_time", 1.0), QUICK, SLOW, more)
    assert found == [("test_slow", Kind.OVER_BUDGET), ("test_more", Kind.OK)]


def test_a_record_without_the_figure_is_unsure_with_its_reason() -> None:
    (found,) = judge_resources([budget("test_time", 1.0)], [SILENT])
    assert (found.kind, found.because) == (Kind.UNSURE, "the kernel is silent")


def test_a_figure_that_can_not_be_trusted_is_unsure() -> None:
    traced = record("test_traced", unsure="test_time", test_time=5.0)
    (found,) = judge_resources([budget("test_time", 1.0)], [traced])
    assert found.kind is Kind.UNSURE
    assert "the kernel is silent" in found.because


def test_a_missed_target_is_told() -> None:
    (found, _) = judge_resources([budget("test_time", 5.0, target=1.0)], [SLOW, QUICK])
    assert (found.case.name, found.kind, found.warning) == ("test_slow", Kind.OK, True)


def test_a_least_is_kept_from_above() -> None:
    least = budget("test_time", 1.0, direction=Direction.MIN)
    assert judged(least, QUICK, SLOW) == [("test_quick", Kind.OVER_BUDGET), ("test_slow", Kind.OK)]


def test_fixtures_are_judged_only_where_a_pattern_names_them() -> None:
    assert judged(budget("test_time", 1.0), FIXTURE) == []
    named = budget("test_time", 1.0, pattern="*#fixture db")
    assert judged(named, FIXTURE, SLOW) == [("test_db#fixture db", Kind.OVER_BUDGET)]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ({"pattern": "test_s*"}, ["test_slow"]),
        ({"node_id": "tests/test_a.py::test_slow"}, ["test_slow"]),
        ({"node_id": "tests/test_a.py::test_gone"}, []),
        ({"marker": "db"}, ["test_db"]),
        ({}, ["test_slow", "test_db"]),
    ],
)
def test_a_budget_is_for_the_tests_it_selects(selector: dict[str, str], names: list[str]) -> None:
    records = (SLOW, record("test_db", test_time=2.0))
    assert [name for name, _ in judged(budget("test_time", 1.0, **selector), *records)] == names


def test_the_processors_share_is_judged_like_a_figure() -> None:
    found = judged(budget("test_cpu_share", 0.8), QUICK, SLOW)
    assert found == [("test_quick", Kind.OVER_BUDGET), ("test_slow", Kind.OK)]


def test_whole_processes_are_judged_by_their_measurements() -> None:
    run = [Measurement(Case("run", "gw0"), METRICS["run_peak"], (600 * MIB,))]
    found = judged(budget("run_peak", 500 * MIB), measurements=run)
    assert found == [("run#gw0", Kind.OVER_BUDGET)]


def test_budgets_of_benchmarks_are_left_out() -> None:
    assert judged(budget("wall_time", 0.0), SLOW) == []
    assert not for_resources(budget("peak_memory", 1.0))
    assert for_resources(budget("run_growth", 1.0))
