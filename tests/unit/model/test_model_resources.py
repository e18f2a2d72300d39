from __future__ import annotations

import pytest

from paceline.errors import Place
from paceline.model import METRICS, RESOURCES, Case, Resources, Site

CASE = Case("test_a.py::test_a")


def record(unsure: tuple[tuple[str, str], ...] = (), **figures: float) -> Resources:
    return Resources(CASE, tuple(figures.get(name) for name in RESOURCES), unsure)


def test_every_resource_is_a_metric() -> None:
    assert [name for name in RESOURCES if name not in METRICS] == []


def test_a_record_gives_one_measurement_for_each_figure() -> None:
    found = record(test_process_peak=5.0, test_threads=0.0).measurements()
    assert [(one.metric.name, one.values) for one in found] == [
        ("test_process_peak", (5.0,)),
        ("test_threads", (0.0,)),
    ]


def test_a_figure_that_could_not_be_had_keeps_its_reason() -> None:
    (found,) = record((("test_process_rise", "clear_refs is denied"),)).measurements()
    assert (found.metric.name, found.values, found.unsure) == (
        "test_process_rise",
        (),
        "clear_refs is denied",
    )


def test_the_processor_share_is_processor_time_over_time() -> None:
    *_, share = record(test_time=2.0, test_cpu_time=0.5).measurements()
    assert (share.metric.name, share.values) == ("test_cpu_share", (0.25,))


@pytest.mark.parametrize("metric", ["test_time", "test_cpu_time"])
def test_a_share_of_figures_that_are_unsure_is_unsure(metric: str) -> None:
    *_, share = record(((metric, "traced"),), test_time=2.0, test_cpu_time=0.5).measurements()
    assert share.unsure == "traced"


def test_a_site_knows_the_average_of_its_blocks() -> None:
    assert Site(place=Place("a.py", 3), size=10.0, count=4).average == 2.5
    assert Site("list a.G").average == 0.0
