"""Twelve benchmarks whose true cost is counted in units."""

from collections.abc import Callable
from typing import Any

import pytest
import work


@pytest.mark.parametrize("name", work.__all__)
def test_work(benchmark: Callable[..., Any], name: str) -> None:
    """Measure one kind of work."""
    assert benchmark(getattr(work, name)) is not None
