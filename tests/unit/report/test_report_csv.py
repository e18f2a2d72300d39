from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.report.csv import COLUMNS, to_csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement
    from paceline.report.document import Document

    Make = Callable[..., Measurement]
    Build = Callable[..., Document]


def test_figures_stand_under_their_column(make_document: Build, make_measurement: Make) -> None:
    measurement = make_measurement(values=(0.5, 0.5), items=2, iterations=7, group="g")
    header, line, rest = to_csv(make_document(measurement)).split("\r\n")
    cells = dict(zip(header.split(","), line.split(","), strict=True))
    assert cells["case"] == '"tests/test_a.py::test_one"'
    assert (cells["group"], cells["min"], cells["iterations"]) == ('"g"', "0.5", "7")
    assert cells["throughput"] == "4.0"
    assert rest == ""


def test_what_is_no_number_is_empty(make_document: Build, make_measurement: Make) -> None:
    line = to_csv(make_document(make_measurement())).split("\r\n")[1]
    assert line.split(",")[COLUMNS.index("throughput")] == ""
