"""Collecting: what it takes to import and collect each test file, and who asks for fixtures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.resources import collected
from paceline.model.codec import decode_measurement, encode_measurement
from paceline.probes.clock import Real

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from paceline.model import Measurement

__all__ = ["Collected", "Collecting", "collected_of", "collected_of_worker"]

_OUTPUT = "paceline_collected"
_COLLECTING = pytest.StashKey["Collecting"]()


@dataclass(frozen=True, slots=True)
class Collected:
    """What one process's collection took: the ``whole`` of it and each of the ``files``.

    ``used`` has, by the node id of a class or file, how many of its tests ask for each fixture.
    """

    whole: Measurement
    files: tuple[Measurement, ...]
    used: Mapping[str, Mapping[str, int]]


class Collecting:
    """Times collectors, each without those that it collects on the way."""

    def __init__(self, config: pytest.Config) -> None:
        self._worker: str = getattr(config, "workerinput", {}).get("workerid", "")
        self._sends = hasattr(config, "workerinput")  # not in a worker that was forked since
        self._files: dict[str, float] = {}
        self._inner = 0.0
        self._whole = 0.0
        self._used: dict[str, Counter[str]] = {}
        config.stash[_COLLECTING] = self

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Time the whole of it."""
        began = Real.perf_counter()
        try:
            return (yield)
        finally:
            self._whole += Real.perf_counter() - began

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Time one collector; what a class takes is its file's."""
        outer, self._inner = self._inner, 0.0
        began = Real.perf_counter()
        try:
            return (yield)
        finally:
            seconds = Real.perf_counter() - began
            file = collector.getparent(pytest.File)  # type: ignore[type-abstract]
            if file is not None:
                self._files[file.nodeid] = self._files.get(file.nodeid, 0.0) + seconds - self._inner
            self._inner = outer + seconds

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count who asks for fixtures, by class and file."""
        used: dict[int, tuple[str, Counter[str]]] = {}
        for item in session.items:
            names = getattr(item, "fixturenames", ())
            parent = item.parent
            if not names or parent is None:
                continue
            known = used.get(id(parent))  # to hash a node is slow
            if known is None:
                known = used[id(parent)] = parent.nodeid, Counter()
            known[1].update(names)
        self._used = dict(used.values())

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In a worker that collected, send what was found."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None and self._sends:
            found = self.found()
            output[_OUTPUT] = {
                "times": [encode_measurement(one) for one in (found.whole, *found.files)],
                "used": {node_id: dict(names) for node_id, names in found.used.items()},
            }

    def found(self) -> Collected:
        """Give what collection took, in seconds."""
        whole, *files = collected(self._files, self._whole, worker=self._worker)
        return Collected(whole, tuple(files), self._used)


def collected_of(config: pytest.Config) -> Collected | None:
    """Give what this process's collection took, None where it collects nothing or isn't asked."""
    collecting = config.stash.get(_COLLECTING, None)
    return collecting.found() if collecting is not None else None


def collected_of_worker(node: Any) -> Collected | None:
    """Give what a worker told when it ended, None where it told nothing."""
    told = (getattr(node, "workeroutput", None) or {}).get(_OUTPUT)
    if told is None:
        return None
    whole, *files = map(decode_measurement, told["times"])
    return Collected(whole, tuple(files), told["used"])
