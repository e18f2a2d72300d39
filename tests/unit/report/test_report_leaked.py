from __future__ import annotations

import pytest

from paceline.errors import Place
from paceline.model import METRICS, Case, Measurement, Site
from paceline.report.leaked import render

SITE = Site("app.SEEN", Place("app.py", 3), count=40, count_growth=2.0)


def checked(
    name: str, verdict: str, *, size: float = 0.0, unsure: str = ""
) -> tuple[Measurement, ...]:
    conditions = (("verdict", verdict), ("because", "2 objects a call"))
    return tuple(
        Measurement(
            Case(f"t.py::{name}"),
            METRICS[metric],
            () if unsure else (value,),
            conditions=conditions,
            unsure=unsure,
            sites=(SITE,),
        )
        for metric, value in (("leaked_objects", 2.0), ("leaked_bytes", size))
    )


def test_a_leak_is_said_with_its_rate_and_its_places() -> None:
    assert render(checked("test_a", "LEAK", size=64.0)) == (
        "LEAK    t.py::test_a\n"
        "        2 objects a call; 64 B a call\n"
        "        app.SEEN  +2 a call  app.py:3\n"
    )


@pytest.mark.parametrize("verdict", ["CLEAN", "FILLING"])
def test_what_needs_nobody_is_not_said(verdict: str) -> None:
    assert render(checked("test_a", verdict)) == ""


def test_what_could_not_be_told_comes_after_leaks_with_its_reason() -> None:
    both = (*checked("test_a", "UNSURE", unsure="call 2 raised"), *checked("test_b", "LEAK"))
    said = render(both).splitlines()
    assert [line for line in said if not line.startswith(" ")] == [
        "LEAK    t.py::test_b",
        "UNSURE  t.py::test_a",
    ]
    assert "        call 2 raised" in said


def test_many_leaks_are_counted_after_the_fifth() -> None:
    many = [one for number in range(8) for one in checked(f"test_{number}", "LEAK")]
    assert render(many).splitlines()[-1] == "and 3 more"
