from __future__ import annotations

import json
import math

import pytest

from paceline.model import METRICS, Better, Case, Host, Measurement, Metric, Run, RunId
from paceline.model.codec import (
    decode_host,
    decode_measurement,
    decode_run,
    encode_host,
    encode_measurement,
    encode_run,
)

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7", "example-ci")
RUN = Run(RunId("a"), 1.5, HOST, "c0ffee", "main", True, (("timer", "x"),), True)
MEASUREMENT = Measurement(
    Case("tests/test_score.py::test_one[3]", "warm", (("size", "3"),), "score", ("slow",)),
    METRICS["wall_time"],
    (0.25, 1 / 3),
    iterations=7,
    warmup=2,
    items=10.0,
    item_unit="B",
    conditions=(("collector", "off"),),
    unsure="noisy",
    extra=(("note", "1"),),
)


def test_a_measurement_comes_back_from_json_as_it_was() -> None:
    travelled = json.loads(json.dumps(encode_measurement(MEASUREMENT), allow_nan=False))
    assert decode_measurement(travelled) == MEASUREMENT


def test_a_run_and_its_host_come_back_from_json_as_they_were() -> None:
    assert decode_run(json.loads(json.dumps(encode_run(RUN)))) == RUN
    assert decode_host(json.loads(json.dumps(encode_host(HOST)))) == HOST


def test_values_that_are_not_finite_travel_as_text() -> None:
    odd = Measurement(MEASUREMENT.case, MEASUREMENT.metric, (1.0, math.inf, -math.inf, math.nan))
    data = encode_measurement(odd)
    assert data["values"] == [1.0, "inf", "-inf", "nan"]
    *numbers, last = decode_measurement(data).values
    assert numbers == [1.0, math.inf, -math.inf]
    assert math.isnan(last)


@pytest.mark.parametrize(
    "metric",
    [
        METRICS["throughput"],
        Metric("shades", "1", Better.HIGHER, "How many."),
        Metric("wall_time", "1", Better.LOWER, "Another one of that name."),
        Metric("wall_time", "s", Better.HIGHER, "Another one of that name."),
    ],
)
def test_a_metric_comes_back_whole(metric: Metric) -> None:
    data = encode_measurement(Measurement(MEASUREMENT.case, metric, ()))
    assert decode_measurement(data).metric == metric


def test_a_metric_of_ours_comes_back_as_itself() -> None:
    back = decode_measurement(json.loads(json.dumps(encode_measurement(MEASUREMENT))))
    assert back.metric is METRICS["wall_time"]


def test_a_later_format_is_refused() -> None:
    with pytest.raises(ValueError, match="measurement format 2 is not 1"):
        decode_measurement(encode_measurement(MEASUREMENT) | {"format": 2})
    with pytest.raises(ValueError, match="run format 2 is not 1"):
        decode_run(encode_run(RUN) | {"format": 2})
