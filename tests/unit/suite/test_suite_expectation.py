from __future__ import annotations

import pytest

from paceline.suite.expectation import Expectation, Source, expect
from paceline.suite.past import Known, Past
from paceline.suite.task import Task


def known(node_id: str, seconds: float) -> Known:
    return Known(node_id, seconds, 0.0, None, None, "passed")


PAST = Past(
    (
        known("a.py::test_x[1]", 1.0),
        known("a.py::test_x[2]", 3.0),
        *(known(f"b.py::test_{at}", float(at)) for at in range(10)),
    )
)


@pytest.mark.parametrize(
    ("node_id", "seconds", "source"),
    [
        ("a.py::test_x[1]", 1.0, Source.RECORDED),
        ("a.py::test_x[new]", 2.0, Source.FUNCTION),
        ("b.py::test_new", 8.5, Source.MODULE),
        ("c.py::test_new", 8.3, Source.GUESS),
    ],
)
def test_the_nearest_record_is_what_is_expected(
    node_id: str, seconds: float, source: Source
) -> None:
    (found,) = expect([Task(0, node_id, node_id.partition("::")[0])], PAST)
    assert found.seconds == pytest.approx(seconds)
    assert found.source is source
    assert found.known is (source in {Source.RECORDED, Source.FUNCTION})


def test_without_any_record_a_test_counts_ten_milliseconds() -> None:
    assert expect([Task(0, "a.py::test_x", "a.py")], Past()) == (Expectation(0.01, Source.GUESS),)
