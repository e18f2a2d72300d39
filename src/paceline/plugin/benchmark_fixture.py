"""The ``benchmark`` fixture, as pytest sees it: absent where another plugin owns the name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paceline.plugin.benchmark import Benchmark

__all__ = ["benchmark", "benchmark_weave"]


@pytest.fixture
def benchmark(request: pytest.FixtureRequest) -> Iterator[Benchmark]:
    """Measure a callable, given with its arguments.

    The value is the function's own; statistics are at ``benchmark.stats``.
    """
    from paceline.plugin.activation import wake  # noqa: PLC0415  (only where it is used)
    from paceline.plugin.benchmark import open_benchmark  # noqa: PLC0415

    yield from open_benchmark(request, wake(request.config))


@pytest.fixture
def benchmark_weave(benchmark: Benchmark) -> Callable[..., None]:
    """Measure a function wherever the code under test calls it; needs aspectlib."""
    return benchmark.weave
