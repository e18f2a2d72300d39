from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from paceline.model import Case, Kind
from paceline.model.codec import decode_measurement
from paceline.report.json import to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement, Verdict
    from paceline.report.document import Document

    Make = Callable[..., Measurement]
    Judge = Callable[..., Verdict]
    Build = Callable[..., Document]


def test_raw_values_decode_to_the_measurement(make_document: Build, make_measurement: Make) -> None:
    given = make_measurement(items=3.0, extra=(("k", "1"),))
    (written,) = json.loads(to_json(make_document(given), raw=True))["measurements"]
    assert decode_measurement(written) == given


def test_raw_values_are_left_out_unless_asked_for(
    make_document: Build, make_measurement: Make
) -> None:
    (written,) = json.loads(to_json(make_document(make_measurement())))["measurements"]
    assert "values" not in written


def test_what_is_no_number_is_null(make_document: Build, make_measurement: Make) -> None:
    measurement = make_measurement(values=(1e-9, 0.0, 0.0, 3e-8), items=1)
    (written,) = json.loads(to_json(make_document(measurement)))["measurements"]
    assert written["throughput"]["high"] is None


def test_an_infinite_limit_is_null(make_document: Build, make_verdict: Judge) -> None:
    verdicts = (make_verdict(Kind.OK, limit=math.inf),)
    assert json.loads(to_json(make_document(verdicts=verdicts)))["verdicts"][0]["limit"] is None


def test_every_kind_is_counted_and_what_is_gone_named(
    make_document: Build, make_verdict: Judge
) -> None:
    document = make_document(verdicts=(make_verdict(Kind.NEW),), gone=(Case("a.py::test_b"),))
    written = json.loads(to_json(document))
    assert written["counts"] == {kind.value: int(kind is Kind.NEW) for kind in Kind}
    assert written["gone"] == ["a.py::test_b"]
    assert (written["format"], written["version"]) == ("paceline-report", 2)


def test_ratios_and_fits_are_written_as_the_table_says_them(
    make_document: Build, make_measurement: Make
) -> None:
    pair = [make_measurement(f"test_{n}", (n * 1e-3,) * 2, group="g") for n in (2, 1)]
    sizes = [
        make_measurement("test_s", (n * 1e-6,) * 2, label=f"n={n}", extra=(("scaling", str(n)),))
        for n in (10, 100, 1000)
    ]
    written = json.loads(to_json(make_document(*pair, *sizes)))
    first, second = written["side_by_side"][0]["cases"]
    assert (first["ratio"], round(second["ratio"]["point"], 6)) == (None, 2.0)
    assert written["scaling"][0]["complexity"]["name"] == "O(n)"
