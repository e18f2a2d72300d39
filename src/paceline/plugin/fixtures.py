"""The fixtures besides `benchmark`, as pytest sees them; all else loads when a test asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paceline.plugin.leaks import Leaks
    from paceline.plugin.memory import Memory, MemoryProfiler, MemoryTracker
    from paceline.plugin.monitors import PerformanceMonitor, ResourceMonitor

__all__ = [
    "leaks",
    "memory",
    "memory_profiler",
    "memory_tracker",
    "performance_monitor",
    "resource_monitor",
]


@pytest.fixture
def memory(request: pytest.FixtureRequest) -> Iterator[Memory]:
    """Measure what blocks of code hold, in bytes, with the places that hold it."""
    from paceline.plugin.activation import wake  # noqa: PLC0415  (only where it is used)
    from paceline.plugin.memory import open_memory  # noqa: PLC0415

    yield from open_memory(request, wake(request.config))


@pytest.fixture
def memory_tracker(request: pytest.FixtureRequest) -> Iterator[MemoryTracker]:
    """Follow this test's Python bytes and print its use and five places at its end."""
    from paceline.plugin.memory import open_tracker  # noqa: PLC0415  (only where it is used)

    yield from open_tracker(request)


@pytest.fixture
def memory_profiler() -> Iterator[MemoryProfiler]:
    """Tell what is held more than at ``start``, in MB: ``get_memory_delta``."""
    from paceline.plugin.memory import open_profiler  # noqa: PLC0415  (only where it is used)

    yield from open_profiler()


@pytest.fixture
def leaks(request: pytest.FixtureRequest) -> Leaks:
    """Say whether a function keeps something with every further call, and where."""
    from paceline.plugin.activation import wake  # noqa: PLC0415  (only where it is used)
    from paceline.plugin.leaks import open_leaks  # noqa: PLC0415

    return open_leaks(request, wake(request.config))


@pytest.fixture
def resource_monitor() -> Iterator[ResourceMonitor]:
    """Tell what this test takes of its machine: memory, processor, files, network."""
    from paceline.plugin.monitors import ResourceMonitor  # noqa: PLC0415

    with ResourceMonitor() as monitor:
        yield monitor


@pytest.fixture
def performance_monitor() -> Iterator[PerformanceMonitor]:
    """Tell the time and the memory that this test, or a block under ``with``, took."""
    from paceline.plugin.monitors import PerformanceMonitor  # noqa: PLC0415

    with PerformanceMonitor() as monitor:
        yield monitor
