from __future__ import annotations

from typing import Any

import pytest

from paceline.errors import Place
from paceline.guard.budget import judge_budgets
from paceline.guard.memory import (
    DEFAULT,
    Broken,
    Shared,
    broken_limits,
    default_budgets,
    explained,
    limit_budget,
    not_overruled,
    place_lines,
    share_of,
    shared_peak,
)
from paceline.model import METRICS, Budget, Case, Kind, Measurement, Selector, Site
from paceline.probes.memory_options import MemoryOptions, Trace

MIB = 1024.0**2
CASE = Case("tests/test_a.py::test_it")
SITE = Site(place=Place("a.py", 3), size=8 * MIB, count=4, size_growth=8 * MIB, count_growth=4)


def measurement(value: float, metric: str = "test_peak_memory", **more: Any) -> Measurement:
    return Measurement(CASE, METRICS[metric], (value,), **more)


def budget(limit: float, metric: str = "test_peak_memory", name: str = "test_it") -> Budget:
    return limit_budget(metric, limit, selector=Selector(node_id=CASE.node_id), name=name)


def broken(value: float, metric: str = "test_peak_memory", **more: Any) -> tuple[Broken, ...]:
    taken = [measurement(value, metric, **more)]
    verdicts = judge_budgets([budget(MIB, metric)], taken)
    return broken_limits(verdicts, taken)


def test_limits_of_settings_become_budgets_for_every_test_and_the_run() -> None:
    options = MemoryOptions(limit=5.0, growth=4.0, peak=3.0, run_peak=2.0, run_growth=1.0)
    found = {one.metric: one.limit for one in default_budgets(options)}
    assert found == {
        "test_process_rise": 5.0,
        "test_process_growth": 4.0,
        "test_peak_memory": 3.0,
        "run_peak": 2.0,
        "run_growth": 1.0,
    }


def test_without_limits_in_the_settings_there_are_no_budgets() -> None:
    assert default_budgets(MemoryOptions()) == ()


@pytest.mark.parametrize(
    ("options", "all_traced"),
    [
        (MemoryOptions(), False),
        (MemoryOptions(trace=Trace.ALL), True),
        (MemoryOptions(peak=1.0), True),
    ],
)
def test_a_limit_on_every_peak_traces_every_test(options: MemoryOptions, all_traced: bool) -> None:
    assert options.traces_all is all_traced


def test_a_tests_own_limit_overrules_the_default() -> None:
    own = [budget(20 * MIB)]
    default = [budget(MIB, name=DEFAULT)]
    verdicts = judge_budgets([*own, *default], [measurement(9 * MIB)])
    assert [one.kind for one in not_overruled(verdicts, own)] == [Kind.OK]


def test_a_default_limit_holds_where_the_own_limit_is_on_something_else() -> None:
    own = [budget(20 * MIB, "test_memory_growth")]
    default = [budget(MIB, name=DEFAULT)]
    verdicts = judge_budgets(default, [measurement(9 * MIB)])
    assert [one.kind for one in not_overruled(verdicts, own)] == [Kind.OVER_BUDGET]


def test_shared_fixtures_peak_one_after_the_other() -> None:
    first = Shared("first", held=10.0, peak=30.0, began=1, ended=2)
    second = Shared("second", held=5.0, peak=25.0, began=3, ended=4)
    assert shared_peak([first, second]) == 35.0


def test_a_fixture_set_up_within_another_is_in_its_peak_already() -> None:
    outer = Shared("outer", held=10.0, peak=30.0, began=1, ended=4)
    inner = Shared("inner", held=5.0, peak=25.0, began=2, ended=3)
    assert shared_peak([outer, inner]) == 30.0


def test_no_shared_fixtures_have_no_peak() -> None:
    assert shared_peak([]) == 0.0


@pytest.mark.parametrize(("figure", "share"), [(16 * MIB, 0.5), (4 * MIB, 1.0), (0.0, 0.0)])
def test_places_explain_a_share_of_a_figure(figure: float, share: float) -> None:
    assert explained([SITE], figure) == share


def test_a_share_of_a_limit_of_nothing_has_no_end() -> None:
    assert share_of(1.0, 0.0) == "∞ %"


def test_places_are_written_with_size_count_average_and_share() -> None:
    lines = place_lines([SITE], 16 * MIB)
    assert lines == ("  a.py:3   8.000 MiB  (4 × 2.000 MiB)", "  these explain 50 % of the peak")


@pytest.mark.parametrize(("growth", "said"), [(2 * MIB, "+2.000 MiB"), (-2 * MIB, "−2.000 MiB")])
def test_a_place_that_held_something_before_says_its_difference(growth: float, said: str) -> None:
    site = Site(place=Place("a.py", 3), size=8 * MIB, count=4, size_growth=growth)
    assert said in place_lines([site], 8 * MIB)[0]


def test_tiny_places_take_no_line_but_the_first_stays() -> None:
    tiny = Site(name="fixture db", size=10.0, count=1, size_growth=10.0)
    assert len(place_lines([SITE, tiny], 16 * MIB)) == 2
    assert "fixture db" in place_lines([tiny], 16 * MIB)[0]


def test_no_place_is_said_as_such() -> None:
    assert "no place was seen" in place_lines([], MIB)[0]


def test_broken_limits_carry_their_places() -> None:
    (found,) = broken(8 * MIB, sites=(SITE,))
    assert (found.sites, found.figure, found.native) == ((SITE,), 8 * MIB, 0.0)


@pytest.mark.parametrize(("rise", "native"), [(100 * MIB, 100 * MIB), (9 * MIB, 0.0)])
def test_a_process_that_rose_far_beyond_python_has_native_memory(
    rise: float, native: float
) -> None:
    (found,) = broken(2 * MIB, conditions=(("process rise", str(rise)),))
    assert found.native == native


def test_a_kept_limit_and_a_limit_on_time_are_no_broken_memory_limits() -> None:
    assert broken(MIB / 2) == ()
    assert broken(9 * MIB, "test_time") == ()


def test_a_broken_limit_without_its_measurement_has_no_places() -> None:
    taken = [measurement(8 * MIB, sites=(SITE,))]
    verdicts = judge_budgets([budget(MIB)], taken)
    (found,) = broken_limits(verdicts, [])
    assert found.sites == ()
    assert found.native == 0.0


def test_the_worst_broken_limit_comes_first() -> None:
    taken = [measurement(8 * MIB), measurement(9 * MIB, "test_memory_growth")]
    both = [budget(MIB), budget(MIB, "test_memory_growth")]
    found = broken_limits(judge_budgets(both, taken), taken)
    assert [one.figure for one in found] == [9 * MIB, 8 * MIB]
