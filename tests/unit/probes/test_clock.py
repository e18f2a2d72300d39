from __future__ import annotations

import itertools
import time

import pytest

from paceline.errors import SettingsError
from paceline.probes.clock import clock_of, find_timer


@pytest.mark.parametrize("tick", [0.015625, 1e-3, 1e-6])
def test_the_resolution_of_a_coarse_clock_is_its_tick(tick: float) -> None:
    readings = itertools.count()
    clock = clock_of(lambda: (next(readings) // 40) * tick)
    assert clock.resolution == pytest.approx(tick)


def test_the_cost_of_reading_does_not_count_as_resolution() -> None:
    readings = itertools.count()
    clock = clock_of(lambda: next(readings) * 60e-9 + (next(readings) % 3) * 1e-9)
    assert clock.resolution <= 4e-9


def test_the_performance_counter_is_finer_than_a_microsecond() -> None:
    assert 0 < clock_of().resolution < 1e-6


def test_a_timer_is_found_by_its_dotted_name() -> None:
    assert find_timer("time.process_time") is time.process_time


@pytest.mark.parametrize("name", ["time.nothing", "nowhere.clock", "perf_counter", "time.strftime"])
def test_what_is_no_timer_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        find_timer(name)
