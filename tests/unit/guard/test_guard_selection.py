from __future__ import annotations

import pytest

from paceline.errors import Place, SettingsError
from paceline.guard.selection import check_matched, matches, unmatched
from paceline.model import Budget, Case, Direction, Selector

CASE = Case(
    "tests/test_api.py::TestList::test_list[v1-a::b]",
    label="cached",
    group="api",
    markers=("http",),
)
OTHER = Case("tests/test_api.py::test_get")


def budget(selector: Selector, *, reference: str = "") -> Budget:
    place = Place("budgets.yml", 3)
    return Budget(
        "api", selector, "wall_time", "mean", Direction.MAX, 1.0, reference=reference, place=place
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "tests/test_api.py",
        "tests/*",
        "tests/test_api.py::TestList::test_list[v1-a::b]#cached",
        "tests/test_api.py::TestList::test_list[v1-a::b]",
        "TestList::test_list[v1-a::b]",
        "TestList::*",
        "TestList::test_list",
        "test_list",
        "test_list#cached",
        "#cached",
        "*#cached",
        "test_l?st",
        "test_list[v1-*]",
        "test_list[*]#cached",
    ],
)
def test_a_pattern_names_a_case_by_id_tail_function_or_file(pattern: str) -> None:
    assert matches(Selector(pattern=pattern), CASE)


@pytest.mark.parametrize(
    "pattern", ["test_lis", "List", "test_list[v1]", "test_list[1v]", "TEST_LIST", "test_list#x"]
)
def test_a_pattern_is_exact_where_it_has_no_star(pattern: str) -> None:
    assert not matches(Selector(pattern=pattern), CASE)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(), True),
        (Selector(marker="http"), True),
        (Selector(marker="htt"), False),
        (Selector(group="api"), True),
        (Selector(group="web"), False),
        (Selector(marker="http", group="web"), False),
        (Selector(node_id=CASE.node_id), True),
        (Selector(node_id=OTHER.node_id), False),
    ],
)
def test_every_field_that_is_set_must_fit(selector: Selector, *, expected: bool) -> None:
    assert matches(selector, CASE) is expected


@pytest.mark.parametrize(
    "found",
    [
        budget(Selector(pattern="test_list")),
        budget(Selector(pattern="test_get#any_label")),
        budget(Selector(marker="http")),
        budget(Selector(group="known only when it runs")),
        budget(Selector(), reference="#cached"),
        budget(Selector(), reference="test_get"),
    ],
)
def test_a_budget_for_a_collected_case_is_matched(found: Budget) -> None:
    assert unmatched([found], [CASE, OTHER]) == ()


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (budget(Selector(pattern="test_gte")), "'test_gte' matches no.*\n.*'test_get'"),
        (budget(Selector(marker="htp")), "'htp' matches no collected test.*\n.*'http'"),
        (budget(Selector(), reference="test_lst"), "'test_lst' matches no.*\n.*'test_list'"),
        (budget(Selector(pattern="zzz")), "\nremedy: see pytest --collect-only"),
    ],
)
def test_a_budget_for_no_collected_case_is_refused_with_the_nearest(
    missing: Budget, message: str
) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        check_matched([missing], [CASE, OTHER])
    assert caught.value.place == Place("budgets.yml", 3)


def test_a_partial_collection_refuses_nothing() -> None:
    missing = budget(Selector(pattern="test_elsewhere"))
    check_matched([missing], [CASE], whole=False)
    assert unmatched([missing], [CASE], whole=False) == ()
