from __future__ import annotations

import dataclasses
import math

import pytest

from paceline.stats.growth import Growth, Trend
from paceline.stats.leak import (
    LeakVerdict,
    grows_alike,
    grows_in_steps,
    is_drift,
    is_python_leak,
    is_vague,
    native_holds,
    rate_holds,
    resources_of,
    smallest_seen,
)


def growth(point: float, trend: Trend = Trend.STEADY, **facts: float) -> Growth:
    made = Growth(trend, point, 0.9 * point, 1.1 * point, 1000 * point, 0.0, point)
    return dataclasses.replace(made, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stages", "holds"),
    [
        ([growth(1)], True),
        ([growth(1), growth(0.8)], True),
        ([growth(1), growth(0.5)], False),
        ([growth(9, Trend.SWINGING), growth(0.5)], False),
        ([growth(9, Trend.FULL), growth(0.5), growth(0.5)], True),
        ([growth(1), growth(1, Trend.SLOWING)], False),
    ],
)
def test_a_steady_rate_must_hold_against_the_stage_before(
    stages: list[Growth], holds: bool
) -> None:
    assert rate_holds(stages) is holds


@pytest.mark.parametrize(
    ("point", "scatter", "holds"),
    [(32, 5e3, True), (31, 5e3, False), (16, 0, True), (15, 0, False)],
)
def test_native_growth_needs_two_steady_stages_and_enough_bytes(
    point: float, scatter: float, holds: bool
) -> None:
    stages = [growth(point, scatter=scatter)] * 2
    assert native_holds(stages) is holds
    assert not native_holds(stages[:1])
    assert not native_holds([*stages, growth(point, Trend.FULL)])


@pytest.mark.parametrize(
    ("last", "alike"),
    [
        (growth(8, scatter=160), True),
        (growth(8, scatter=161), False),
        (growth(4), False),
        (growth(8, Trend.SPARSE), False),
    ],
)
def test_bytes_grow_alike_when_no_round_differs_in_two_stages(last: Growth, alike: bool) -> None:
    assert grows_alike([growth(8), last]) is alike
    assert not grows_alike([last])


@pytest.mark.parametrize(
    ("traced", "heap", "owned", "leak"),
    [
        (growth(64), [growth(60)], False, True),
        (growth(64), [growth(10)], False, False),
        (growth(64), [growth(60, Trend.SWINGING), growth(60)], False, False),
        (growth(8), [growth(8)], False, False),
        (growth(8), [growth(8)], True, True),
        (growth(64, Trend.SPARSE), [growth(60)], True, False),
    ],
)
def test_traced_bytes_must_be_borne_out_by_the_heap(
    traced: Growth, heap: list[Growth], owned: bool, leak: bool
) -> None:
    assert is_python_leak(traced, heap, owned=owned) is leak


@pytest.mark.parametrize(
    ("rates", "trend", "grows"),
    [
        ([17, 19, 18], Trend.SPARSE, True),
        ([17, 27, 18], Trend.SPARSE, False),
        ([15, 15, 15], Trend.SPARSE, False),
        ([17, 19, 18], Trend.SWINGING, False),
        ([17, 19], Trend.SPARSE, False),
    ],
)
def test_a_buffer_enlarged_now_and_then_grows_at_one_rate(
    rates: list[float], trend: Trend, grows: bool
) -> None:
    assert grows_in_steps([growth(rate, trend) for rate in rates]) is grows


@pytest.mark.parametrize(
    ("guilty", "calls", "low", "vague"),
    [
        (("blocks",), 300, 0.5, True),
        (("blocks",), 300, 0.99, False),
        (("blocks",), 4000, 0.5, False),
        (("blocks", "objects"), 300, 0.5, False),
    ],
)
def test_blocks_alone_are_believed_when_even_or_after_many_calls(
    guilty: tuple[str, ...], calls: int, low: float, vague: bool
) -> None:
    growths = {"blocks": growth(1, low=low, high=1.0)}
    assert is_vague(growths, guilty, calls) is vague
    assert is_vague({"blocks": growth(0.0005)}, ("blocks",), 10**6)


@pytest.mark.parametrize(
    ("grown", "calls", "drift"),
    [(("blocks",), 4000, True), (("blocks",), 3999, False), (("blocks", "entries"), 4000, False)],
)
def test_blocks_that_grow_irregularly_over_many_calls_are_drift(
    grown: tuple[str, ...], calls: int, drift: bool
) -> None:
    assert is_drift(grown, calls) is drift


def test_resources_carry_their_unit_and_verdict() -> None:
    found = resources_of({"entries": growth(1), "heap": growth(8)}, {"entries": LeakVerdict.LEAK})
    assert [(one.name, one.unit, one.verdict.value, one.point) for one in found] == [
        ("entries", "1", "LEAK", 1),
        ("heap", "B", "CLEAN", 8),
    ]


def test_the_smallest_leak_follows_calls_and_scatter() -> None:
    calm = smallest_seen({"blocks": growth(0), "files": growth(0), "heap": growth(0)}, 8000)
    assert (calm.object_calls, calm.handle_calls, calm.size) == (1000, 1000, 0.001)
    wild = smallest_seen({"blocks": growth(0, scatter=160)}, 8000)
    assert (wild.object_calls, wild.handle_calls, wild.size) == (10, math.inf, math.inf)
