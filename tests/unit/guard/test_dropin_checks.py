"""The rule of ``--benchmark-compare-fail``."""

from __future__ import annotations

import math

import pytest

from paceline.errors import UsageError
from paceline.guard.dropin import (
    Check,
    machine_differences,
    parse_expression,
    regressions,
    require_comparison,
)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("mean:10%", Check("mean", 10.0, relative=True)),
        ("min:0.001", Check("min", 0.001, relative=False)),
        ("median:20%", Check("median", 20.0, relative=True)),
        ("stddev:.5", Check("stddev", 0.5, relative=False)),
        ("iqr:1e-6", Check("iqr", 1e-6, relative=False)),
        ("max:0%", Check("max", 0.0, relative=True)),
    ],
)
def test_an_expression_is_a_field_and_per_cent_or_seconds(text: str, check: Check) -> None:
    assert parse_expression(text) == check


@pytest.mark.parametrize(
    "text", ["", "mean", "mean:", "mean:-1%", "mean:1.5%", "p99:10%", "mean:10% ", "mean:10ms"]
)
def test_another_expression_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError, match="Could not parse value") as caught:
        parse_expression(text)
    assert "mean:10%" in caught.value.remedy


def test_only_what_lies_above_the_threshold_fails() -> None:
    check = parse_expression("mean:50%")
    assert check.failure({"mean": 3.0}, {"mean": 2.0}) == ""
    assert check.failure({"mean": 3.02}, {"mean": 2.0}) == (
        "Field 'mean' has failed PercentageRegressionCheck: 51.000000000 > 50.000000000"
    )


def test_a_difference_counts_in_seconds() -> None:
    check = parse_expression("min:0.5")
    assert check.failure({"min": 2.5}, {"min": 2.0}) == ""
    assert check.failure({"min": 3.0}, {"min": 2.0}).endswith(
        "DifferenceRegressionCheck: 1.000000000 > 0.500000000"
    )


def test_a_saved_zero_is_exceeded_infinitely() -> None:
    assert parse_expression("stddev:5%").excess({"stddev": 1.0}, {"stddev": 0.0}) == math.inf


def test_every_broken_check_is_listed_and_unsaved_fields_are_passed_over() -> None:
    checks = tuple(map(parse_expression, ("min:5%", "max:1", "iqr:5%")))
    said = regressions(checks, {"min": 2.0, "max": 9.0, "iqr": 1.0}, {"min": 1.0, "max": 8.5})
    assert [line.partition(" has")[0] for line in said] == ["Field 'min'"]


def test_checks_without_a_saved_run_are_refused() -> None:
    require_comparison((), compared=False)
    require_comparison((parse_expression("min:5%"),), compared=True)
    with pytest.raises(UsageError, match="requires valid --benchmark-compare"):
        require_comparison((parse_expression("min:5%"),), compared=False)


def test_machines_differ_in_their_facts_and_in_what_both_know_of_processors() -> None:
    here = {"node": "a", "python_build": ("main", "x"), "cpu": {"count": 2, "flags": ["avx"]}}
    there = {
        "node": "a",
        "python_build": ["main", "x"],
        "cpu": {"count": 4, "flags": [], "bits": 64},
    }
    assert machine_differences(here, there) == ("cpu.count: 2 → 4",)
    assert machine_differences(here, here) == ()
    assert machine_differences({"user": "b"}, {}) == ("user: b → not known",)
    assert machine_differences({}, {"user": "b"}) == ("user: not known → b",)
    assert machine_differences({"node": "a"}, {"node": "b", "cpu": None}) == ("node: a → b",)
