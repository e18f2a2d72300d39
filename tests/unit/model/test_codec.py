from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from paceline.errors import Place
from paceline.model import (
    METRICS,
    RESOURCES,
    Better,
    Case,
    Host,
    Measurement,
    Metric,
    Resources,
    Run,
    RunId,
    Site,
    StoredSummary,
    Turn,
)
from paceline.model.codec import (
    OLD_RECORD_COLUMNS,
    RECORD_COLUMNS,
    decode_host,
    decode_measurement,
    decode_resources,
    decode_run,
    encode_host,
    encode_measurement,
    encode_resources,
    encode_run,
)

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7", "example-ci")
RUN = Run(RunId("a"), 1.5, HOST, "c0ffee", "main", True, (("timer", "x"),), True, "7ee")
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
    sites=(Site("cache.SEEN", Place("score.py", 7), 4096.0, 2.0, 1024.0, 1.0), Site()),
)
RECORD = Resources(
    MEASUREMENT.case,
    (0.5, None, *map(float, range(len(RESOURCES) - 2))),
    (("test_setup_time", "the clock jumped"),),
    Turn("gw1", 7, 1_700_000_000.5, "xfailed", 2, 0.25),
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


@pytest.mark.parametrize("figures", [(0.5, 0.25, 0.125, 0.0), (None, 0.25, None, None)])
def test_a_summary_stands_in_for_values_that_are_not_at_hand(
    figures: tuple[float | None, ...],
) -> None:
    brief = replace(MEASUREMENT, values=(), summary=StoredSummary(40, *figures))
    assert decode_measurement(json.loads(json.dumps(encode_measurement(brief)))) == brief
    assert brief.rounds == 40
    assert replace(brief, values=(1.0, 2.0)).rounds == 2


def test_what_an_older_format_holds_has_no_summary_and_no_tree() -> None:
    older = {name: one for name, one in encode_run(RUN).items() if name != "tree"}
    assert decode_run(older | {"format": 3}) == replace(RUN, tree="")
    data = {
        name: one
        for name, one in encode_measurement(MEASUREMENT).items()
        if name != "stored_summary"
    }
    assert decode_measurement(data | {"format": 3}) == MEASUREMENT


def test_a_measurement_of_the_first_format_has_no_sites() -> None:
    data = encode_measurement(MEASUREMENT) | {"format": 1}
    del data["sites"]
    assert decode_measurement(data) == replace(MEASUREMENT, sites=())
    assert decode_run(encode_run(RUN) | {"format": 1}) == replace(RUN, tree="")


def test_sites_must_come_with_the_second_format() -> None:
    data = encode_measurement(MEASUREMENT)
    del data["sites"]
    with pytest.raises(KeyError, match="sites"):
        decode_measurement(data)


def test_a_later_format_is_refused() -> None:
    with pytest.raises(ValueError, match="measurement format 5 is not 1 or 2 or 3 or 4"):
        decode_measurement(encode_measurement(MEASUREMENT) | {"format": 5})
    with pytest.raises(ValueError, match="run format 5 is not 1 or 2 or 3 or 4"):
        decode_run(encode_run(RUN) | {"format": 5})


def test_a_measurement_of_the_second_format_is_that_of_the_third() -> None:
    assert decode_measurement(encode_measurement(MEASUREMENT) | {"format": 2}) == MEASUREMENT
    assert decode_run(encode_run(RUN) | {"format": 2}) == replace(RUN, tree="")


def test_a_record_of_the_second_format_has_no_turn() -> None:
    row = [2, *encode_resources(RECORD)[1 : len(OLD_RECORD_COLUMNS)]]
    assert decode_resources(row) == replace(RECORD, turn=Turn())


def test_a_record_comes_back_from_json_as_it_was() -> None:
    row = encode_resources(RECORD)
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    assert decode_resources(row) == RECORD
    assert decode_resources(encode_resources(Resources(Case("a"), RECORD.figures))).unsure == ()


def test_the_columns_say_what_stands_where_in_a_record() -> None:
    found = dict(zip(RECORD_COLUMNS, encode_resources(RECORD), strict=True))
    assert (found["node_id"], found["label"]) == (RECORD.case.node_id, "warm")
    assert (found["test_time"], found["test_setup_time"]) == (0.5, None)
    assert found["unsure"] == [["test_setup_time", "the clock jumped"]]
    assert (found["worker"], found["outcome"], found["shared"]) == ("gw1", "xfailed", 0.25)


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("format", 1, r"begins with \[1\] is not 28 entries of format 4"),
        ("format", 2, r"begins with \[2\]"),
        ("format", True, r"begins with \[True\]"),
        ("node_id", 7, "does not fit: sequence item 0"),
        ("markers", [None], "does not fit: sequence item 3"),
        ("markers", None, "does not fit: 'NoneType' object is not iterable"),
        ("parameters", [["size"]], "not enough values"),
        ("unsure", 1, "does not fit: 'int' object is not iterable"),
        ("test_time", "0.5", "does not fit: must be real number"),
        ("test_threads", 10**400, "does not fit: int too large"),
        ("test_time", math.nan, "holds a figure that is not finite"),
        ("test_bytes_written", math.inf, "holds a figure that is not finite"),
        ("worker", None, "has no turn that fits"),
        ("position", 1.5, "has no turn that fits"),
        ("started", math.nan, "has no turn that fits"),
        ("shared", "0", "has no turn that fits"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(column: str, value: Any, problem: str) -> None:
    row = encode_resources(RECORD)
    row[RECORD_COLUMNS.index(column)] = value
    with pytest.raises(ValueError, match=problem):
        decode_resources(row)


@pytest.mark.parametrize("end", [0, 1, 22, 27])
def test_a_record_cut_short_is_refused(end: int) -> None:
    with pytest.raises(ValueError, match=f"a record of {end} entries"):
        decode_resources(encode_resources(RECORD)[:end])
