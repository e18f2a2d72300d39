from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import pytest

from paceline.model import Better, Kind, Metric
from paceline.report.document import SEVERITY, row_of, severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement, Verdict
    from paceline.report.document import Document

    Make = Callable[..., Measurement]
    Judge = Callable[..., Verdict]
    Build = Callable[..., Document]


def test_every_kind_has_its_severity() -> None:
    assert sorted(map(severity, Kind)) == list(range(len(SEVERITY)))


def test_a_row_takes_its_worst_verdict(make_measurement: Make, make_verdict: Judge) -> None:
    verdicts = (make_verdict(Kind.OK), make_verdict(Kind.REGRESSED), make_verdict(Kind.UNSURE))
    assert row_of(make_measurement(), verdicts).status is Kind.REGRESSED


@pytest.mark.parametrize(("unsure", "status"), [("", Kind.OK), ("too short", Kind.UNSURE)])
def test_an_unjudged_row_is_as_sure_as_its_figure(
    make_measurement: Make, unsure: str, status: Kind
) -> None:
    assert row_of(make_measurement(unsure=unsure)).status is status


def test_throughput_is_work_over_mean_with_its_interval_turned(make_measurement: Make) -> None:
    row = row_of(make_measurement(items=100))
    assert row.throughput is not None
    assert row.throughput.point == pytest.approx(100 / row.mean.point)
    assert row.throughput.low == pytest.approx(100 / row.mean.high)
    assert row.throughput.high == pytest.approx(100 / row.mean.low)


def test_throughput_has_no_upper_end_where_the_time_may_be_zero(make_measurement: Make) -> None:
    row = row_of(make_measurement(values=(1e-9, 0.0, 0.0, 3e-8), items=1))
    assert row.throughput is not None
    assert row.throughput.high == math.inf


@pytest.mark.parametrize(
    "more", [{}, {"items": 1, "values": (0.0,)}, {"items": 1, "metric": "peak_memory"}]
)
def test_no_stated_work_gives_no_throughput(
    make_measurement: Make, more: dict[str, object]
) -> None:
    assert row_of(make_measurement(**more)).throughput is None


def test_a_measurement_without_values_gives_no_row(
    make_measurement: Make, make_document: Build
) -> None:
    assert make_document(make_measurement(values=())).rows == ()


def test_verdicts_stand_with_the_row_of_their_metric(
    make_measurement: Make, make_document: Build, make_verdict: Judge
) -> None:
    ratio = dataclasses.replace(make_verdict(Kind.OK), metric=Metric("ratio", "1", Better.HIGHER))
    memory, time = make_verdict(Kind.OK, metric="peak_memory"), make_verdict(Kind.OK)
    measured = (make_measurement(), make_measurement(metric="peak_memory"))
    document = make_document(*measured, verdicts=(ratio, memory, time))
    assert [row.verdicts for row in document.rows] == [(ratio, time), (memory,)]


def test_a_case_counts_once(make_measurement: Make, make_document: Build) -> None:
    document = make_document(make_measurement(), make_measurement(metric="peak_memory"))
    assert document.cases == ("tests/test_a.py::test_one",)
    assert len(document.timed) == 1
