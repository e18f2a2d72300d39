from __future__ import annotations

from paceline.engine.categories import categorised, category_times, kind_of
from paceline.engine.resources import collected, run_time, users_of
from paceline.model import RESOURCES, Case, Resources, Turn


def record(
    node_id: str, time: float | None, *markers: str, label: str = "", shared: float = 0.0
) -> Resources:
    case = Case(node_id, label, markers=markers)
    figures = (time, *(None,) * (len(RESOURCES) - 1))
    return Resources(case, figures, turn=Turn(shared=shared))


MARKED = record("tests/test_a.py::test_one", 1.0, "integration")
IN_FOLDER = record("tests/unit/test_b.py::test_two", 2.0)
BESIDE = record("tests/unit/test_b.py::test_three", 0.5, "unit")
NEITHER = record("tests/test_c.py::test_four", 4.0)
FIXTURE = record("tests/unit/test_b.py", 8.0, label="fixture app")
RECORDS = (MARKED, IN_FOLDER, BESIDE, NEITHER, FIXTURE)


def test_a_category_comes_from_a_marker_or_a_folder() -> None:
    kinds = [kind_of(one.case) for one in RECORDS[:4]]
    assert kinds == ["integration", "unit", "unit", "unmarked"]


def test_a_folder_s_category_becomes_a_marker_of_its_tests_alone() -> None:
    found = categorised(RECORDS)
    assert [one.case.markers for one in found] == [("integration",), ("unit",), ("unit",), (), ()]
    assert (found[1].figures, found[1].case.node_id) == (IN_FOLDER.figures, IN_FOLDER.case.node_id)


def test_what_a_category_takes_is_what_its_tests_take_together() -> None:
    found = {one.case.label: one.values for one in category_times(RECORDS)}
    assert found == {"integration": (1.0,), "unit": (2.5,), "unmarked": (4.0,)}
    assert next(str(one.case.id) for one in category_times(RECORDS)) == "run#integration"


def test_a_test_without_a_time_takes_part_in_no_category() -> None:
    assert category_times([record("tests/unit/test_b.py::test_gone", None)]) == ()


def test_times_of_a_run_and_of_its_collection_are_measurements() -> None:
    assert (run_time(2.0).metric.name, run_time(2.0).values) == ("run_time", (2.0,))
    whole, file = collected({"a.py": 0.5}, 2.0, worker="gw1")
    assert (str(whole.case.id), whole.values) == ("run#gw1", (2.0,))
    assert (file.metric.name, str(file.case.id), file.values) == ("collection_time", "a.py", (0.5,))


def test_users_of_a_fixture_are_the_tests_at_or_below_its_place_that_ask_for_it() -> None:
    used = {
        "tests/test_a.py": {"app": 2, "db": 1},
        "tests/test_a.py::TestIt": {"app": 3},
        "tests/test_ab.py": {"app": 5},
        "other/test_a.py": {"app": 7},
    }
    places = (".", "tests", "tests/test_a.py", "tests/test_a.py::TestIt")
    shared = [record(place, 1.0, label="fixture app[x]", shared=1.0) for place in places]
    found = {one.case.node_id: one.values for one in users_of(shared, used)}
    assert found == dict(zip(places, [(17.0,), (10.0,), (5.0,), (3.0,)], strict=True))


def test_a_fixture_for_one_test_or_without_users_is_not_counted() -> None:
    own = record("tests/test_a.py::test_one", 1.0, label="fixture app")
    unused = record("tests/test_a.py", 1.0, label="fixture gone", shared=1.0)
    assert users_of([own, unused], {"tests/test_a.py": {"app": 1}}) == ()
