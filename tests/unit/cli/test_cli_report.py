from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place

BUDGET = '[tool.paceline.budgets.one]\npattern = "test_one"\nmax_mean = "{}"\n'


@pytest.mark.parametrize(
    ("limit", "status", "word"), [("2 ms", 0, "0 budgets broken"), ("0.5 ms", 10, "BUDGET")]
)
def test_a_recorded_run_is_judged_by_todays_budgets(
    place: Place, limit: str, status: int, word: str
) -> None:
    place.keep("a")
    place.settings(BUDGET.format(limit))
    ended = place.paceline("report")
    assert ended.status == status
    assert word in ended.out


def test_a_baseline_is_judged_as_well_and_a_missing_one_passes(place: Place) -> None:
    place.keep("a")
    place.paceline("baseline", "save", "main")
    place.keep("b", 3)
    assert place.paceline("report", "--baseline", "main").status == 11
    missing = place.paceline("report", "--baseline", "other")
    assert (missing.status, "other (not saved yet)" in missing.out) == (0, True)


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("terminal", "-"),
        ("md", "# Paceline report"),
        ("json", '{\n "format": "paceline-report"'),
        ("csv", "case,group,metric"),
        ("junit", "<?xml"),
    ],
)
def test_each_format_goes_to_stdout_or_a_file(place: Place, form: str, start: str) -> None:
    place.keep("a")
    ended = place.paceline("report", "--format", form)
    assert ended.out.startswith(start)
    written = place.paceline("report", "--format", form, "--output", "out/report")
    assert (written.status, written.out) == (0, "")
    assert (place.root / "out" / "report").read_bytes() == ended.out.encode()


def test_budgets_in_markers_are_said_to_be_left_out(place: Place) -> None:
    run = place.keep("a")
    place.store.append(run.id, [place.measured("test_three", 1, markers=("budget",))])
    assert "limits in markers are judged while tests run" in place.paceline("report").out


def test_an_incomplete_run_is_reported_as_one(place: Place) -> None:
    place.keep("a", complete=False)
    assert "incomplete run" in place.paceline("report", "a").out


@pytest.mark.parametrize("flags", [(), ("--json",), ("--raw",)])
def test_an_export_holds_the_run_without_loss(place: Place, flags: tuple[str, ...]) -> None:
    run = place.keep("a")
    found = json.loads(place.paceline("export", "latest", *flags).out)
    stored = place.store.measurements(run.id)
    assert [tuple(one["values"]) for one in found["measurements"]] == [one.values for one in stored]


def test_csv_has_a_row_per_measurement_or_per_value(place: Place) -> None:
    place.keep("a")
    rows = {
        flag: list(
            csv.DictReader(io.StringIO(place.paceline("export", "a", "--format=csv", *flag).out))
        )
        for flag in ((), ("--raw",))
    }
    assert [row["case"].rpartition("::")[2] for row in rows[()]] == ["test_one", "test_two"]
    assert len(rows["--raw",]) == 40
    assert rows["--raw",][1]["round"] == "2"


def test_junit_is_exported_and_takes_no_raw_values(place: Place) -> None:
    place.keep("a")
    assert "<testsuite " in place.paceline("export", "a", "--format", "junit").out
    assert place.paceline("export", "a", "--format", "junit", "--raw").status == 2


def test_the_next_command_is_no_baseline_that_is_saved_already(place: Place) -> None:
    place.keep("a")
    assert place.paceline("report").out.endswith("next    paceline baseline save main\n")
    place.paceline("baseline", "save", "main")
    assert place.paceline("report").out.endswith("next    paceline compare main\n")


def test_a_report_compares_with_the_run_before_on_its_branch(place: Place) -> None:
    place.keep("a")
    place.keep("b")
    assert "baseline main@aaaa" in place.paceline("report", "--baseline", "main").out
