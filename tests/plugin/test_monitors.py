from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

import pytest

from paceline.plugin import monitors
from paceline.plugin.monitors import MB, PerformanceMonitor, ResourceMonitor
from paceline.probes.clock import Real
from paceline.probes.network import Traffic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def resource_monitor() -> Iterator[ResourceMonitor]:
    with ResourceMonitor() as monitor:
        yield monitor


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(1, 100))
    monkeypatch.setattr(Real, "perf_counter", lambda: float(next(seconds)))


@pytest.mark.usefixtures("ticking")
def test_duration_goes_on_until_the_end_of_the_block() -> None:
    monitor = PerformanceMonitor()
    assert (monitor.duration, monitor.duration) == (1, 2)
    with monitor:
        assert monitor.duration == 1
    assert (monitor.duration, monitor.duration) == (2, 2)


def test_memory_is_told_in_mb_while_the_test_runs(resource_monitor: ResourceMonitor) -> None:
    before = resource_monitor.memory_peak
    held = bytearray(40 * MB)
    assert 35 < resource_monitor.memory_delta < 60
    assert resource_monitor.memory_peak > before + 30
    assert len(held) == 40 * MB


def test_each_block_is_a_stretch_of_its_own(resource_monitor: ResourceMonitor) -> None:
    with resource_monitor as first:
        held = bytearray(40 * MB)
    assert first.memory_delta > 35
    with resource_monitor:
        pass
    assert resource_monitor.memory_delta < 20
    assert len(held) == 40 * MB


def test_files_and_bytes_are_counted(resource_monitor: ResourceMonitor, tmp_path: Path) -> None:
    before = resource_monitor.io_written
    file = os.open(tmp_path / "a", os.O_RDWR | os.O_CREAT)
    os.write(file, b"x" * 50_000)
    os.pread(file, 20_000, 0)
    left, read = resource_monitor.open_files, resource_monitor.io_read
    os.close(file)
    assert resource_monitor.io_written - before >= 50_000
    assert read >= 20_000
    assert (left, resource_monitor.threads) == (1, 0)


@pytest.mark.usefixtures("ticking")
def test_the_processors_share_is_in_percent_of_one() -> None:
    with ResourceMonitor() as monitor:
        pass
    assert 0 <= monitor.cpu_avg < 100


def test_traffic_is_what_passed_since_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(
        [Traffic(0, 0), Traffic(50, 5), Traffic(100, 10), Traffic(150, 30), Traffic(170, 31)]
    )
    monkeypatch.setattr(monitors, "transferred", lambda: next(told))
    monitor = ResourceMonitor()
    with monitor:
        assert monitor.network_received == 50
    assert (monitor.network_received, monitor.network_sent) == (70, 21)


def test_what_can_not_be_told_is_nan_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitors, "transferred", lambda: Traffic(math.nan, math.nan))
    with ResourceMonitor() as monitor:
        pass
    assert math.isnan(monitor.network_sent)
    assert monitor.unsure.startswith("network: ")


def test_a_monitor_that_knows_everything_is_sure(resource_monitor: ResourceMonitor) -> None:
    resource_monitor.stop()
    resource_monitor.stop()
    assert resource_monitor.unsure == ""
