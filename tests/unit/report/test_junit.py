from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from paceline.errors import Place
from paceline.model import Kind
from paceline.report.junit import properties, to_junit

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement, Verdict
    from paceline.report.document import Document

    Make = Callable[..., Measurement]
    Judge = Callable[..., Verdict]
    Build = Callable[..., Document]


def _parsed(document: Document) -> ET.Element:
    return ET.fromstring(to_junit(document))  # noqa: S314  (our own output)


def test_figures_are_properties_in_base_units(make_measurement: Make) -> None:
    found = dict(properties(make_measurement(values=(0.5, 0.5), items=2)))
    assert found["paceline.wall_time.mean"] == "0.5"
    assert found["paceline.wall_time.ops"] == "2.0"
    assert found["paceline.wall_time.throughput"] == "4.0"
    assert found["paceline.wall_time.unit"] == "s"


def test_operations_per_second_are_for_times_only(make_measurement: Make) -> None:
    assert "paceline.peak_memory.ops" not in dict(
        properties(make_measurement(metric="peak_memory"))
    )


def test_a_measurement_without_values_has_no_properties(make_measurement: Make) -> None:
    assert properties(make_measurement(values=())) == ()


def test_all_metrics_of_a_case_stand_in_one_testcase(
    make_document: Build, make_measurement: Make
) -> None:
    root = _parsed(make_document(make_measurement(), make_measurement(metric="peak_memory")))
    names = {element.get("name") for element in root.findall("testsuite/testcase/properties/*")}
    assert len(root.findall("testsuite/testcase")) == 1
    assert {"paceline.wall_time.mean", "paceline.peak_memory.mean"} <= names


@pytest.mark.parametrize(
    ("name", "owner", "shown"),
    [
        ("test_a", "tests.test_a", "test_a"),
        ("TestX::test_a[1]", "tests.test_a.TestX", "test_a[1]"),
        ("TestX::test_a[b::c]", "tests.test_a.TestX", "test_a[b::c]"),
    ],
)
def test_testcases_are_named_as_pytest_names_them(
    make_document: Build, make_measurement: Make, name: str, owner: str, shown: str
) -> None:
    (case,) = _parsed(make_document(make_measurement(name))).findall("testsuite/testcase")
    assert (case.get("classname"), case.get("name")) == (owner, shown)


def test_broken_budgets_and_regressions_fail(
    make_document: Build, make_measurement: Make, make_verdict: Judge
) -> None:
    broken = make_verdict(Kind.OVER_BUDGET, place=Place("b.toml", 2))
    slower = make_verdict(Kind.REGRESSED, ratio=1.2, subject="baseline main")
    others = (make_verdict(Kind.UNSURE), make_verdict(Kind.OK))
    root = _parsed(make_document(make_measurement(), verdicts=(broken, slower, *others)))
    failures = root.findall("testsuite/testcase/failure")
    assert [failure.get("type") for failure in failures] == ["budget", "regression"]
    assert failures[0].get("message") == "budget api: mean 1 ms of 2 ms, 50 % (b.toml:2)"
    assert (root.get("failures"), root.get("tests")) == ("1", "1")


def test_times_are_decimals_to_the_nanosecond(make_document: Build, make_measurement: Make) -> None:
    measurement = make_measurement(values=(1e-9, 2e-9), iterations=10)
    (case,) = _parsed(make_document(measurement)).findall("testsuite/testcase")
    assert case.get("time") == "0.000000030"
