from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.report.conditions import condition_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from paceline.model import Measurement
    from paceline.report.document import Document

    Make = Callable[..., Measurement]
    Build = Callable[..., Document]


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ((("collector", "off"),), ["the garbage collector was off while timing"]),
        ((("collector", "on"),), ["the garbage collector ran while timing"]),
        (
            (("warm-up", "not level yet"),),
            ["the warm-up ended at its cap, times not yet level"],
        ),
        (
            (("workers", "4"),),
            ["4 workers ran in parallel: their timings disturb each other"],
        ),
        ((("workers", "4"), ("alone", "yes")), []),
        ((("workers", "1"), ("timer", "perf_counter")), []),
        (
            (("observers", "coverage"),),
            ["coverage watched this process: every call costs more than it does alone"],
        ),
    ],
)
def test_conditions_that_bear_on_figures_are_said(
    make_document: Build,
    make_measurement: Make,
    conditions: tuple[tuple[str, str], ...],
    said: list[str],
) -> None:
    document = make_document(make_measurement(conditions=conditions))
    assert condition_lines(document) == [f"Note: {one}" for one in said]


def test_a_condition_of_some_says_how_many(make_document: Build, make_measurement: Make) -> None:
    some = make_measurement("test_a", conditions=(("collector", "off"),))
    lines = condition_lines(make_document(some, make_measurement("test_b")))
    assert lines == ["Note: the garbage collector was off while timing (1 of 2 benchmarks)"]


def test_notes_come_first_and_doubts_last(make_document: Build, make_measurement: Make) -> None:
    document = make_document(make_measurement(unsure="too short"), notes=("coverage is on",))
    assert condition_lines(document) == [
        "Note: coverage is on",
        "Note: unsure: test_one: too short",
    ]


def test_one_doubt_about_many_is_said_once(make_document: Build, make_measurement: Make) -> None:
    many = [make_measurement(f"test_{n}", unsure="too short") for n in range(5)]
    again = make_measurement("test_0", metric="cpu_share", unsure="too short")
    assert condition_lines(make_document(*many, again)) == [
        "Note: unsure: test_0, test_1, test_2 and 2 more: too short"
    ]
