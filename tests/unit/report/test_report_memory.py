from __future__ import annotations

from typing import Any

import pytest

from paceline.errors import Place
from paceline.guard.budget import judge_budgets
from paceline.guard.memory import limit_budget
from paceline.model import METRICS, Case, Measurement, Selector, Site, Verdict
from paceline.report.memory import MOST_LINES, render

MIB = 1024.0**2
SITES = tuple(
    Site(place=Place("pkg/load.py", line), size=MIB, count=2, size_growth=MIB)
    for line in range(1, 21)
)


def broken(
    count: int = 1, metric: str = "test_peak_memory", **more: Any
) -> tuple[tuple[Verdict, ...], list[Measurement]]:
    budget = limit_budget(metric, MIB, selector=Selector(), name="all")
    taken = [
        Measurement(
            Case(f"tests/test_a.py::test_{number}"),
            METRICS[metric],
            ((20 + number) * MIB,),
            **{"sites": SITES, **more},
        )
        for number in range(count)
    ]
    return judge_budgets([budget], taken), taken


def lines(*arguments: Any, **more: Any) -> list[str]:
    return render(*broken(*arguments, **more)).splitlines()


def test_kept_limits_say_nothing() -> None:
    assert render((), ()) == ""


def test_a_broken_limit_says_test_figure_limit_share_and_places() -> None:
    said = lines()
    assert said[0] == "MEMORY  tests/test_a.py::test_0"
    assert said[1].strip() == "test_peak_memory max 20 MiB of 1 MiB, 2,000 %"
    assert said[2].strip() == "pkg/load.py:1   1.000 MiB  (2 × 512.0 KiB)"
    assert said[-1].strip() == "these explain 45 % of the peak"


@pytest.mark.parametrize("rise", ["0", str(900 * MIB)])
def test_one_limit_takes_at_most_twelve_lines(rise: str) -> None:
    assert len(lines(conditions=(("process rise", rise),))) <= MOST_LINES


def test_many_broken_limits_fit_a_screen_the_worst_first() -> None:
    said = lines(30)
    assert len(said) <= 40
    assert said[0].endswith("test_29")
    assert sum(line.startswith("MEMORY") for line in said) == 5
    assert said[-1] == "and 25 more broken memory limits"


def test_far_more_process_memory_points_to_native_capture() -> None:
    said = lines(conditions=(("process rise", str(900 * MIB)),))
    assert "native memory" in said[-1]
    assert "memory.native" in said[-1]


@pytest.mark.parametrize(
    ("metric", "hint"),
    [
        ("test_process_rise", "process memory has no lines"),
        ("test_children_peak", "measure inside the child"),
    ],
)
def test_figures_without_places_say_where_to_look(metric: str, hint: str) -> None:
    assert hint in lines(metric=metric, sites=())[-1]


def test_growth_is_explained_by_what_is_held_at_the_end() -> None:
    assert lines(metric="test_memory_growth")[-1].endswith("of the end")


def test_hostile_names_and_plain_terminals_are_kept_safe() -> None:
    site = Site(name="fixture \x1b[2J", size=MIB, count=1, size_growth=MIB)
    verdicts, taken = broken(sites=(site,))
    said = render(verdicts, taken, pure_ascii=True)
    assert said.isascii()
    assert "\x1b" not in said
