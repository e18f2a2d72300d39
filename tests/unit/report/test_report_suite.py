from __future__ import annotations

import json

import pytest

from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId, Turn
from paceline.report.suite import FixtureCost, Part, Suite, survey, to_data

RUN = Run(RunId("r1"), 1_767_225_600.0, Host("Example", 2, 8, "Linux", "CPython"), complete=True)
A, B = "tests/test_a.py", "tests/test_b.py"


def record(name: str, turn: Turn, label: str = "", **figures: float) -> Resources:
    values = tuple(figures.get(metric) for metric in RESOURCES)
    return Resources(Case(name, label), values, turn=turn)


def measured(metric: str, case: Case, value: float) -> Measurement:
    return Measurement(case, METRICS[metric], (value,))


ONE = record(
    f"{A}::test_one",
    Turn("gw0", 0, 100.0, "passed", 1, 1.5),
    test_time=4.0,
    test_setup_time=2.0,
    test_call_time=1.5,
    test_teardown_time=0.5,
)
TWO = record(f"{A}::test_two", Turn("gw1", 1, 100.5, "failed"), test_time=1.0, test_call_time=1.0)
THREE = record(f"{B}::test_three", Turn("gw0", 2, 104.5, "passed"), test_time=2.0)
APP = record(A, Turn("gw0", 0, 100.0, "", 2, 2.5), "fixture app", test_time=1.5)
TMP = record(f"{A}::test_one", Turn("gw0", 0, 100.0), "fixture tmp", test_time=0.25)
RECORDS = (ONE, APP, TMP, TWO, THREE)
MEASURED = (
    measured("run_time", Case("run"), 8.0),
    measured("run_collection_time", Case("run", "gw0"), 0.5),
    measured("run_collection_time", Case("run", "gw1"), 0.75),
    measured("collection_time", Case(A), 0.1),
    measured("collection_time", Case(B), 0.4),
    measured("fixture_users", Case(A, "fixture app"), 2.0),
)


def looked_at(*records: Resources, measurements: tuple[Measurement, ...] = ()) -> Suite:
    return survey(RUN, records, measurements, category=lambda case: case.node_id[6:12])


WHOLE = looked_at(*RECORDS, measurements=MEASURED)


def test_the_slowest_tests_come_first_up_to_a_number_and_down_to_a_time() -> None:
    assert [one.record for one in WHOLE.slowest] == [ONE, THREE, TWO]
    some = survey(RUN, RECORDS, (), category=str, top=2, least=1.5)
    assert [one.record for one in some.slowest] == [ONE, THREE]
    fewer = survey(RUN, RECORDS, (), category=str, top=1, times=lambda case: (float(len(case)),))
    assert [one.times for one in fewer.slowest] == [(25.0,)]


def test_efficiency_is_work_over_what_the_workers_had_time_for() -> None:
    assert (WHOLE.work, WHOLE.wall, len(WHOLE.workers)) == (7.0, 8.0, 2)
    assert WHOLE.efficiency == 7 / 16


def test_without_a_recorded_time_the_run_lasts_as_long_as_its_tests() -> None:
    assert looked_at(*RECORDS).wall == 6.5
    assert looked_at(*RECORDS).collection is None


def test_nothing_is_said_of_efficiency_where_nobody_knows_when_tests_ran() -> None:
    older = looked_at(record(f"{A}::test_one", Turn(), test_time=1.0))
    assert (older.wall, older.efficiency, older.workers) == (None, None, ())


def test_set_ups_of_shared_fixtures_are_a_phase_of_their_own() -> None:
    found = {one.name: (one.tests, one.seconds, one.where) for one in WHOLE.phases}
    assert found == {
        "shared fixtures": (1, 1.5, f"{A}::test_one"),
        "set-up": (1, 0.5, f"{A}::test_one"),
        "call": (2, 2.5, f"{A}::test_one"),
        "teardown": (1, 0.5, f"{A}::test_one"),
    }


def test_files_and_categories_are_told_by_what_their_tests_take() -> None:
    assert WHOLE.files == (
        Part(A, 2, 5.0, 4.0, f"{A}::test_one"),
        Part(B, 1, 2.0, 2.0, f"{B}::test_three"),
    )
    assert [one.name for one in WHOLE.categories] == ["test_a", "test_b"]


def test_a_shared_fixture_costs_all_its_set_ups_together() -> None:
    assert WHOLE.fixtures == (FixtureCost(f"{A} fixture app", 1.5, 2, 2.5, 2),)


def test_of_a_fixture_that_an_older_version_recorded_one_set_up_is_known() -> None:
    (found,) = looked_at(record(A, Turn(), "fixture app", test_time=1.5)).fixtures
    assert found == FixtureCost(f"{A} fixture app", 1.5, 1, 1.5, None)


def test_collection_is_as_long_as_that_of_the_slowest_worker() -> None:
    assert WHOLE.collection == 0.75
    assert WHOLE.collected == ((B, 0.4), (A, 0.1))


def test_the_data_is_strict_json_with_every_side_of_the_suite() -> None:
    data = json.loads(json.dumps(to_data(WHOLE), allow_nan=False))
    assert (data["format"], data["version"]) == ("paceline-suite", 1)
    assert (data["wall"], data["efficiency"]) == (8.0, 7 / 16)
    assert next(one["case"] for one in data["slowest"]) == f"{A}::test_one"
    assert data["slowest"][0]["setup"] == 2.0
    assert data["workers"][0] == {"worker": "gw0", "tests": 2, "busy": 6.0}
    assert data["fixtures"][0]["users"] == 2


@pytest.mark.parametrize("records", [(), (APP,)])
def test_a_run_without_tests_can_be_looked_at(records: tuple[Resources, ...]) -> None:
    assert looked_at(*records).phases == looked_at(*records).files == ()
