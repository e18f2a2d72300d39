from __future__ import annotations

from typing import Any

import pytest

from paceline.errors import Place, SettingsError, UnitError
from paceline.guard.grammar import Rule, from_marker, parse_budget, parse_budgets, parse_rule
from paceline.model import Budget, Direction, Selector
from paceline.options import Entry

PLACE = Place("budgets.yml", 2)


def entries(**keys: object) -> dict[str, Entry]:
    return {
        key: Entry(value, Place("budgets.yml", line))
        for line, (key, value) in enumerate(keys.items(), 3)
    }


def only(**keys: object) -> Budget:
    (budget,) = parse_budget("api", entries(**keys), place=PLACE)
    return budget


def test_each_limit_becomes_one_budget_at_its_own_line() -> None:
    budgets = parse_budget("api", entries(max_mean="1 s", max_kb=5), place=PLACE)
    assert [(b.name, b.metric, b.statistic, b.place) for b in budgets] == [
        ("api", "wall_time", "mean", Place("budgets.yml", 3)),
        ("api", "peak_memory", "max", Place("budgets.yml", 4)),
    ]


def test_selecting_keys_add_up() -> None:
    budget = only(pattern="test_api*", marker="slow", group="api", max_mean=1)
    assert budget.selector == Selector(pattern="test_api*", marker="slow", group="api")


def test_terms_are_shared_by_every_limit() -> None:
    budget = only(max_mean="2.0 s", tolerance="20 %", description="stays quick")
    assert (budget.limit, budget.tolerance, budget.description) == (2.0, 0.2, "stays quick")


@pytest.mark.parametrize(
    ("reference", "name", "constant"),
    [
        ("test_uncached", "test_uncached", None),
        ("#uncached", "#uncached", None),
        ("2024/test_a.py::test_b", "2024/test_a.py::test_b", None),
        ("2 s", "", 2.0),
        (500, "", 0.5),
    ],
)
def test_a_reference_is_a_benchmark_or_a_time(
    reference: object, name: str, constant: float | None
) -> None:
    budget = only(min_ratio="10x", reference=reference)
    assert (budget.direction, budget.limit) == (Direction.MIN, 10)
    assert (budget.reference, budget.constant) == (name, constant)


def test_a_reference_concerns_only_the_ratio() -> None:
    keys = entries(min_ratio=10, max_mean=1, reference="test_other")
    ratio, mean = parse_budget("api", keys, place=PLACE)
    assert (ratio.reference, mean.reference) == ("test_other", "")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "'api' sets no limit"),
        ({"min_ratio": 2}, "limits a ratio without a reference"),
        ({"max_mean": 2, "reference": "test_b"}, "limits no ratio"),
        ({"max_mean": 2, "pat": "x"}, r"budgets.yml:4: .*'pat'.*\n.*'pattern'"),
        ({"max_mean": 2, "pattern": 5}, "pattern is 5"),
        ({"max_mean": 2, "pattern": ""}, "pattern is ''"),
        ({"max_mean": 2, "marker": {}}, "marker is a table"),
        ({"max_mean": 2, "tolerance": 20}, "below 100 %"),
        ({"min_ratio": 2, "reference": 0}, "reference is 0"),
        ({"min_ratio": 2, "reference": ""}, "reference: '' is no quantity"),
        ({"min_ratio": 2, "reference": "2 parsecs"}, "unknown unit 'parsecs'"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        only(**keys)


def test_everything_wrong_in_every_table_is_said_at_once() -> None:
    tables = {
        "one": Entry(entries(max_men=1, max_mean="x"), PLACE),
        "two": Entry(5, PLACE),
    }
    with pytest.raises(SettingsError) as caught:
        parse_budgets(tables)
    assert all(word in str(caught.value) for word in ("max_men", "'x'", "budget 'two' is 5"))


def test_tables_are_read_in_their_order() -> None:
    tables = {name: Entry(entries(max_mean=1), PLACE) for name in ("b", "a")}
    assert [budget.name for budget in parse_budgets(tables)] == ["b", "a"]


def test_a_marker_is_for_its_own_item() -> None:
    keywords = {"max_mean": {"target": "80 ms", "threshold": "100 ms"}, "description": "fast"}
    (budget,) = from_marker(keywords, node_id="a.py::test_b[1]", place=PLACE)
    assert budget.selector == Selector(node_id="a.py::test_b[1]")
    assert budget.target == pytest.approx(0.08)
    assert (budget.name, budget.place) == ("test_b[1]", PLACE)


def test_a_marker_selects_no_others() -> None:
    with pytest.raises(SettingsError, match="'pattern' has no place in a marker"):
        from_marker({"pattern": "x", "max_mean": 1}, node_id="a.py::test_b", place=PLACE)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("mean:10%", Rule("wall_time", "mean", 0.1)),
        ("min: 5 %", Rule("wall_time", "min", 0.05)),
        ("mean:0.001", Rule("wall_time", "mean", 0.001, relative=False)),
        ("q_95:1ms", Rule("wall_time", "p95", 0.001, relative=False)),
        ("peak_memory:1 KiB", Rule("peak_memory", "max", 1024.0, relative=False)),
    ],
)
def test_a_rule_is_a_statistic_and_how_far_it_may_worsen(text: str, rule: Rule) -> None:
    assert parse_rule(text) == rule


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("men:5%", "names no statistic"),
        ("5%", "names no statistic"),
        ("rounds:5%", "names no statistic"),
        ("ratio:5%", "names no statistic"),
        ("total:5%", "compares totals, which grow with the rounds"),
        ("first_call_total:5%", "compares totals"),
        ("mean:-5%", "below zero"),
        ("mean", "is no quantity"),
        ("mean:5 kg", "unknown unit 'kg'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        parse_rule(text, place=PLACE)
    assert caught.value.place == PLACE


def test_a_rules_unit_error_stays_one() -> None:
    with pytest.raises(UnitError):
        parse_rule("mean:5 kg")
