"""Memory: the objects of the fixtures ``memory``, ``memory_tracker`` and ``memory_profiler``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from paceline import units
from paceline.engine.memory import Block
from paceline.errors import PacelineError
from paceline.guard.memory import place_lines
from paceline.model import Case
from paceline.plugin.markers import budgets_of
from paceline.plugin.pytest_internals import item_parameters
from paceline.plugin.role import project_of
from paceline.plugin.sources import add_source
from paceline.plugin.texts import shown, text_of
from paceline.probes.memory import resident
from paceline.probes.memory_options import MemoryOptions
from paceline.probes.places import ReturnLook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paceline.model import Budget, Measurement
    from paceline.plugin.session import Session
    from paceline.probes.native import NativeBlock

__all__ = [
    "Memory",
    "MemoryProfiler",
    "MemoryTracker",
    "open_memory",
    "open_profiler",
    "open_tracker",
]

_MB = 1024**2


class Memory:
    """Measures the memory of blocks inside a test; each block may have a label of its own."""

    def __init__(self, item: pytest.Item, session: Session) -> None:
        self.budgets: tuple[Budget, ...] = budgets_of(item)
        self.passed = False
        self._item = item
        self._root = project_of(item.config)
        self._most = session.settings.get(MemoryOptions).top
        self._blocks: list[Block] = []
        self._labels: dict[str, int] = {}

    def __call__(self, label: str = "", *, trace: bool = True, census: bool = False) -> Block:
        """Measure a block: ``with memory("load") as block: …``; figures are in bytes.

        Without ``trace`` only process and children are measured, and nothing is slowed down. With
        ``census`` the objects that the block leaves are counted, for ``block.findings``.
        """
        case = self._case(label)
        block = Block(case, root=self._root, most=self._most, trace=trace, census=census)
        self._blocks.append(block)
        return block

    def measure(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Block:
        """Measure one call; its own value is at ``value`` and counts as still held."""
        block = self()
        block.run(function, *args, **kwargs)
        return block

    def native(self, label: str = "") -> NativeBlock:
        """Capture a block with native allocations too, where memray is installed."""
        from paceline.probes.native import native_block  # noqa: PLC0415  (only where it is used)

        return native_block(self._case(label).id, root=self._root)

    def take(self, *, last: bool) -> tuple[Measurement, ...]:
        """Hand over what was measured, ``last`` with the teardown, and let go of values."""
        if not last:
            return ()
        blocks, self._blocks = self._blocks, []
        taken = [one for block in blocks for one in block.measurements()]
        for block in blocks:
            block.value = None  # the item lives to the end of the session
        return tuple(taken)

    def _case(self, label: object) -> Case:
        named = text_of(label)
        times = self._labels[named] = self._labels.get(named, 0) + 1
        item = self._item
        return Case(
            item.nodeid,
            named if times == 1 else f"{named}-{times}".lstrip("-"),
            parameters=tuple(
                (name, shown(value)) for name, value in item_parameters(item)[1].items()
            ),
            markers=tuple(dict.fromkeys(marker.name for marker in item.iter_markers())),
        )


class MemoryTracker:
    """Follows the Python bytes of a test from its set-up on; `start` begins anew."""

    def __init__(self, case: Case, *, root: Any) -> None:
        self._case = case
        self._root = root
        self._block = Block(case, root=root)

    def start(self) -> None:
        """Begin (again) to follow."""
        self.stop()
        self._block = Block(self._case, root=self._root)
        self._block.open()

    def stop(self) -> None:
        """Stop following; the figures stay."""
        self._block.close()

    @property
    def current(self) -> float:
        """Python bytes held now above the start."""
        return self._block.current

    def look(self) -> None:
        """Look at the places now, before memory is let go of."""
        self._block.look()

    @property
    def block(self) -> Block:
        """All figures and places of what was followed."""
        return self._block

    def report(self) -> str:
        """Write what was used and the five places that held most."""
        figures = ", ".join(
            f"{word} {units.format_quantity(value, 'B')}"
            for word, value in (("used", self._block.used), ("peak", self._block.peak))
            if not math.isnan(value)
        )
        reasons = [f"unsure: {name}: {why}" for name, why in self._block.unsure.items()]
        places = place_lines(self._block.top(5), self._block.peak)
        return "\n".join([f"memory of {self._case.name}: {figures}", *reasons, *places])


class MemoryProfiler:
    """Tells what is held more than at `start`, in MB of 1024 KB; it starts with the test."""

    def __init__(self) -> None:
        self._block = Block(Case(""), most=0)
        self._resident = resident()

    def start(self) -> None:
        """Begin (again)."""
        self.stop()
        self._block = Block(Case(""), most=0)
        self._block.open()
        self._resident = resident()

    def stop(self) -> None:
        """Stop tracing; the delta stays what it was."""
        self._block.close()

    def get_memory_delta(self) -> float:
        """Give the Python bytes held more than at the start, in MB; nan where unknown."""
        return self._block.current / _MB

    def get_process_delta(self) -> float:
        """Give the change of the process's resident memory, in MB; nan where it is not told."""
        return (resident() - self._resident) / _MB


def open_memory(request: pytest.FixtureRequest, session: Session) -> Iterator[Memory]:
    """Make the ``memory`` fixture's object for one test."""
    item: pytest.Item = request.node
    try:
        made = Memory(item, session)
    except PacelineError as error:
        pytest.fail(str(error), pytrace=False)
    add_source(item, made)
    yield made


def open_profiler() -> Iterator[MemoryProfiler]:
    """Trace one test and tell what it holds."""
    profiler = MemoryProfiler()
    profiler.start()
    yield profiler
    profiler.stop()


def open_tracker(request: pytest.FixtureRequest) -> Iterator[MemoryTracker]:
    """Follow one test's memory and print its use and places when the test ends."""
    item: pytest.Item = request.node
    tracker = MemoryTracker(Case(item.nodeid), root=project_of(item.config))
    look = ReturnLook(getattr(item, "obj", print), tracker.look)
    tracker.start()
    look.start()
    yield tracker
    look.stop()
    tracker.stop()
    print(tracker.report())  # noqa: T201  (pytest shows it as it shows the test's own output)
