"""Times with Paceline's benchmark fixture where it is there, with a plain loop elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


class Measured(Protocol):
    """Calls a function so many times and gives its last result."""

    def __call__(self, function: Callable[[], Any], *, rounds: int) -> Any:
        """Call it."""


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Do the same rounds either way, so that a run takes as long with Paceline as without."""
    if request.config.pluginmanager.has_plugin("paceline"):
        benchmark = request.getfixturevalue("benchmark")
        return lambda function, *, rounds: benchmark.pedantic(function, rounds=rounds)

    def loop(function: Callable[[], Any], *, rounds: int) -> Any:
        seconds, result = [], None
        for _ in range(rounds):
            began = time.perf_counter()
            result = function()
            seconds.append(time.perf_counter() - began)
        assert min(seconds) > 0
        return result

    return loop
