from __future__ import annotations

import pytest

from paceline.errors import Place
from paceline.guard.grammar import parse_budgets
from paceline.guard.resources import judge_resources
from paceline.guard.suite import by_category, suite_budgets
from paceline.model import METRICS, RESOURCES, Budget, Case, Kind, Measurement, Resources, Verdict
from paceline.options import Entry

PLACE = Place("pyproject.toml", 3)


def budgets(**tables: dict[str, object]) -> tuple[Budget, ...]:
    """Read budgets as a project writes them."""
    return parse_budgets(
        {
            name: Entry({key: Entry(value, PLACE) for key, value in table.items()}, PLACE)
            for name, table in tables.items()
        }
    )


def taken(kind: str, seconds: float) -> Resources:
    case = Case(f"tests/test_a.py::test_{kind}", markers=(kind,))
    return Resources(case, (seconds, *(None,) * (len(RESOURCES) - 1)))


def whole(metric: str, kind: str, seconds: float) -> Measurement:
    return Measurement(Case("run", kind, markers=(kind,)), METRICS[metric], (seconds,))


def judged(found: tuple[Budget, ...], *given: Resources | Measurement) -> list[Verdict]:
    records = [one for one in given if isinstance(one, Resources)]
    measured = [one for one in given if isinstance(one, Measurement)]
    return list(judge_resources(found, records, measured))


def test_without_a_budget_by_category_nothing_is_added() -> None:
    own = budgets(one={"max_test_time": "1 s"})
    assert suite_budgets(own) == own
    assert not by_category(own)


def test_budgets_that_limit_no_time_of_tests_or_runs_are_left_out() -> None:
    assert suite_budgets(budgets(one={"max_mean": "1 s", "max_test_process_rise": "5 MiB"})) == ()


def test_a_budget_for_a_category_brings_the_usual_ones_for_what_is_not_limited() -> None:
    own = budgets(quick={"marker": "unit", "max_run_category_time": "5 s"})
    found = {(one.selector.marker, one.metric): one for one in suite_budgets(own)}
    assert found["unit", "run_category_time"] == own[0]
    assert found["unit", "test_time"].target == 0.1
    assert found["integration", "run_category_time"].limit == 60.0
    assert found["e2e", "test_time"].limit == 10.0
    assert (found["", "run_time"].target, found["", "run_time"].limit) == (60.0, 600.0)
    assert len(found) == 7


@pytest.mark.parametrize(
    ("seconds", "kind", "warning"),
    [(0.05, Kind.OK, False), (0.5, Kind.OK, True), (1.5, Kind.OVER_BUDGET, False)],
)
def test_beyond_its_target_a_test_warns_and_beyond_its_threshold_it_fails(
    seconds: float, kind: Kind, warning: bool
) -> None:
    own = budgets(quick={"marker": "unit", "max_run_category_time": "5 s"})
    (verdict,) = judged(suite_budgets(own), taken("unit", seconds))
    assert (verdict.kind, verdict.warning) == (kind, warning)


def test_a_category_is_judged_as_a_whole() -> None:
    own = budgets(quick={"marker": "unit", "max_run_category_time": "5 s"})
    times = (whole("run_category_time", "unit", 6.0), whole("run_category_time", "e2e", 6.0))
    found = judged(suite_budgets(own), *times)
    kinds = {str(one.case.id): one.kind for one in found}
    assert kinds == {"run#unit": Kind.OVER_BUDGET, "run#e2e": Kind.OK}
