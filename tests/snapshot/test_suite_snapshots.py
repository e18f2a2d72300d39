from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place
from paceline.guard.grammar import parse_budgets
from paceline.guard.resources import judge_resources
from paceline.model import METRICS, RESOURCES, Case, Measurement, Resources, Turn
from paceline.options import Entry
from paceline.report.paint import ansi
from paceline.report.suite import Suite, survey
from paceline.report.suite_text import View, render
from paceline.report.timeline import to_svg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paceline.model import Run, Verdict

    Check = Callable[[str, str], None]

PLACE = Place("pyproject.toml", 12)
BUDGETS = {
    "max_test_time": {"target": "500 ms", "threshold": "2 s"},
    "max_run_category_time": "5 s",
    "max_test_call_time": "9 s",
}


def taken(name: str, seconds: float, *, at: float, worker: str, **more: float) -> Resources:
    kind = name.partition("/")[0]
    shared = more.pop("shared", 0.0)
    figures = {"test_time": seconds, "test_call_time": seconds - shared, **more}
    figures["test_setup_time"] = shared
    outcome = "failed" if "broken" in name else "passed"
    case = Case(f"tests/{name}", markers=(kind,))
    values = tuple(figures.get(metric) for metric in RESOURCES)
    return Resources(case, values, turn=Turn(worker, 0, 1000.0 + at, outcome, 1, shared))


def fixture(place: str, name: str, seconds: float, turn: Turn) -> Resources:
    figures = (seconds, *(None,) * (len(RESOURCES) - 1))
    return Resources(Case(place, f"fixture {name}"), figures, turn=turn)


RECORDS = (
    taken("unit/test_price.py::test_tax[0]", 0.02, at=0.0, worker="gw0"),
    taken("unit/test_price.py::test_tax[1]", 0.75, at=0.05, worker="gw0"),
    taken("unit/test_price.py::test_broken", 0.25, at=0.9, worker="gw0"),
    taken("integration/test_api.py::test_order", 4.0, at=0.0, worker="gw1", shared=1.5),
    taken("integration/test_api.py::test_refund", 1.25, at=4.5, worker="gw1"),
    fixture(".", "database", 1.2, Turn("gw1", 3, 1000.0, "", 2, 2.1)),
    fixture("tests/integration/test_api.py", "api[v2]", 0.3, Turn("gw1", 3, 1000.0, "", 1, 0.3)),
)
MEASURED = tuple(
    Measurement(case, METRICS[metric], (seconds,))
    for metric, case, seconds in (
        ("run_time", Case("run"), 6.5),
        ("run_collection_time", Case("run", "gw0"), 0.6),
        ("collection_time", Case("tests/unit/test_price.py"), 0.125),
        ("collection_time", Case("tests/integration/test_api.py"), 0.25),
        ("fixture_users", Case(".", "fixture database"), 2.0),
    )
)


def judged() -> Sequence[Verdict]:
    entries = {
        key: Entry(
            {one: Entry(limit, PLACE) for one, limit in value.items()}
            if isinstance(value, dict)
            else value,
            PLACE,
        )
        for key, value in BUDGETS.items()
    }
    budgets = parse_budgets({"quick": Entry(entries, PLACE)})
    times = (
        Measurement(Case("run", kind), METRICS["run_category_time"], (seconds,))
        for kind, seconds in (("unit", 1.02), ("integration", 5.25))
    )
    return judge_resources(budgets, RECORDS, tuple(times))


@pytest.fixture
def suite(run: Run) -> Suite:
    return survey(
        run,
        RECORDS,
        MEASURED,
        category=lambda case: case.markers[0],
        verdicts=judged(),
        walls=(5.0, None, 6.0, 6.5),
        times=lambda case: (1.0, 2.0, 4.0) if "order" in case else (1.0,),
        least=0.05,
    )


def draw(figures: Sequence[float | None]) -> str:
    """Stand for a curve."""
    return "".join("." if one is None else str(round(one)) for one in figures)


@pytest.mark.parametrize("view", View)
def test_a_suite_from_every_side(suite: Suite, view: View, matches_golden: Check) -> None:
    matches_golden(f"suite-{view.value}.txt", render(suite, view, top=20, draw=draw))


def test_a_suite_in_colour_and_short(suite: Suite, matches_golden: Check) -> None:
    matches_golden("suite-short.txt", render(suite, top=1, draw=draw, paint=ansi))


def test_a_suite_of_an_older_record(run: Run, matches_golden: Check) -> None:
    older = tuple(Resources(one.case, one.figures) for one in RECORDS)
    found = survey(run, older, (), category=lambda case: case.markers[0])
    matches_golden("suite-older.txt", render(found, top=3, draw=draw))


def test_a_suite_s_timeline_as_a_drawing(suite: Suite, matches_golden: Check) -> None:
    matches_golden("suite-timeline.svg", to_svg(suite.workers))
