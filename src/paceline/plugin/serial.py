"""Serial: under parallel workers, a benchmark runs while no other test does.

Every test holds a lock on one file that the controller made: tests without a benchmark a shared
one, a benchmark an exclusive one. No test holds two locks, so none waits for ever.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline.plugin.selecting import has_benchmark

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

__all__ = ["Lock", "Serial"]

LOCK = "paceline_lock"


class Serial:
    """One hook around each test of a worker, registered only by ``--benchmark-serial``."""

    def __init__(self, config: pytest.Config) -> None:
        self._path = Path(config.workerinput[LOCK])  # type: ignore[attr-defined]  # xdist's own

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Hold the lock while the test runs."""
        with _locked(self._path, exclusive=has_benchmark(item)):
            return (yield)


class Lock:
    """The controller's side: make the file, tell each worker of it, take it away at the end."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="paceline-", suffix=".lock")
        os.close(handle)
        self._path = Path(name)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker before it starts."""
        node.workerinput[LOCK] = str(self._path)

    def pytest_unconfigure(self) -> None:
        """Leave no file behind."""
        self._path.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path, *, exclusive: bool) -> Iterator[None]:
    if fcntl is None:
        yield
        return
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
