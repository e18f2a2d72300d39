from __future__ import annotations

import pytest

from paceline.suite.category import CATEGORIES, category_of, place_in_order, rank, speed_class


@pytest.mark.parametrize(
    ("markers", "node_id", "category"),
    [
        (("unit",), "test_a.py::test_x", "unit"),
        (("asyncio", "e2e", "unit"), "test_a.py::test_x", "e2e"),
        (("integration",), "tests/unit/test_a.py::test_x", "integration"),
        (("slow", "integration"), "test_a.py::test_x", "integration"),
        (("slow",), "tests/unit/test_a.py::test_x", "slow"),
        (("parametrize",), "tests/unit/test_a.py::test_x", "unit"),
        ((), "tests/test_a.py::test_x", ""),
        (("",), "tests/test_a.py::test_x", ""),
    ],
)
def test_the_nearest_marker_names_the_category(
    markers: tuple[str, ...], node_id: str, category: str
) -> None:
    assert category_of(markers, node_id) == category


@pytest.mark.parametrize(
    ("node_id", "category"),
    [
        ("tests/unit/integration/test_a.py::test_x", "unit"),
        ("performance/tests/unit/test_a.py::test_x", "unit"),
        ("performance/tests/test_a.py::test_x", "performance"),
        ("Integration_Tests/test_a.py::test_x", "integration"),
        ("tests/end-to-end/test_a.py::test_x", "e2e"),
        ("benchmarks/test_a.py::TestUnit::test_x[unit/e2e]", "benchmark"),
        ("tests/memory/test_a.py::test_x", ""),
        ("unit.py::test_x", ""),
        ("tests/unity/test_a.py::test_x", ""),
    ],
)
def test_a_folder_names_the_category_of_unmarked_tests(node_id: str, category: str) -> None:
    assert category_of((), node_id) == category


def test_categories_run_from_smoke_to_slow() -> None:
    asked = ("slow", "performance", "e2e", "regression", "", "unit", "smoke")
    assert sorted(asked, key=rank) == list(reversed(asked))
    assert rank("integration") == rank("regression")
    assert rank("no such") == rank("")
    assert list(CATEGORIES) == sorted(CATEGORIES, key=rank)


def test_what_is_marked_slow_runs_last_whatever_its_kind() -> None:
    assert category_of(("unit", "slow"), "a.py") == "unit"
    assert place_in_order(("unit", "slow"), "a.py") == rank("slow")
    assert place_in_order(("unit",), "a.py") == rank("unit")


@pytest.mark.parametrize(
    ("seconds", "speed"),
    [(0, "fast"), (0.999, "fast"), (1, "medium"), (10, "medium"), (10.001, "slow")],
)
def test_speed_follows_the_seconds(seconds: float, speed: str) -> None:
    assert speed_class(seconds) == speed
