from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline.probes.places import Held, PeakPlaces, ReturnLook, Snapshot, shortened, sites

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path("/somewhere/project")
MIB = 1024.0**2


class Totals:
    """A total and a clock that a test moves."""

    def __init__(self) -> None:
        self.total = 0.0
        self.now = 0.0
        self.taken: list[float] = []
        self.cost = 0.0

    def places(self) -> PeakPlaces:
        return PeakPlaces(lambda: self.total, self.snapshot, now=lambda: self.now)

    def snapshot(self) -> Snapshot:
        self.taken.append(self.total)
        self.now += self.cost
        return Snapshot()


def test_a_snapshot_is_kept_when_the_total_is_clearly_a_new_most() -> None:
    totals = Totals()
    places = totals.places()
    for total in (1.0, 1.0, 1.2, 1.3, 0.5, 1.3):
        totals.total = total * MIB
        places.look()
    assert totals.taken == [1.0 * MIB, 1.3 * MIB]


def test_a_little_memory_is_not_worth_a_snapshot() -> None:
    totals = Totals()
    places = totals.places()
    totals.total = 1000.0
    places.look()
    assert totals.taken == []


def test_snapshots_take_a_bounded_share_of_the_windows_time() -> None:
    totals = Totals()
    totals.cost = 1.0
    places = totals.places()
    for step in range(30):
        totals.total = 2.0**step * MIB
        totals.now += 0.1
        places.look()
    assert sum(totals.taken and [totals.cost] * len(totals.taken)) <= 0.6 * totals.now + 1


def test_the_last_moment_is_looked_at_whatever_it_costs() -> None:
    totals = Totals()
    totals.cost = 10.0
    places = totals.places()
    for step in range(3):
        totals.total = 2.0**step * MIB
        places.look(late=True)
    assert len(totals.taken) == 3


def test_snapshots_are_few() -> None:
    totals = Totals()
    places = totals.places()
    for step in range(500):
        totals.total = 2.0**step * MIB
        places.look()
    assert len(totals.taken) == 50


def test_sites_are_those_that_grew_the_largest_first() -> None:
    now = {("/a.py", 1): Held(10, 1), ("/b.py", 2): Held(50, 5), ("/c.py", 3): Held(70, 7)}
    found = sites(now, {("/c.py", 3): Held(70, 7)}, root=ROOT, most=5)
    assert [(str(one.place), one.size_growth) for one in found] == [
        ("/b.py:2", 50),
        ("/a.py:1", 10),
    ]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("/somewhere/project/pkg/a.py", "pkg/a.py"),
        ("/somewhere/project/.venv/lib/python3.11/site-packages/numpy/core.py", "numpy/core.py"),
        (os.__file__, f"{Path(os.__file__).parent.name}/os.py"),
        ("/elsewhere/a.py", "/elsewhere/a.py"),
        ("<frozen os>", "<frozen os>"),
    ],
)
def test_files_are_named_within_what_they_belong_to(file: str, said: str) -> None:
    assert shortened(file, ROOT) == said


def test_a_snapshot_without_tracing_is_empty() -> None:
    assert Snapshot().lines() == {}
    assert Snapshot().weight == 0


@pytest.fixture
def unprofiled() -> Iterator[None]:
    mine = sys.getprofile()
    sys.setprofile(None)
    yield
    sys.setprofile(mine)


def looked(function: Any) -> list[str]:
    found: list[str] = []
    look = ReturnLook(function, lambda: found.append("now"))
    look.start()
    try:
        if asyncio.iscoroutinefunction(function):
            asyncio.run(function())
        else:
            function()
    finally:
        look.stop()
    function() if not asyncio.iscoroutinefunction(function) else None
    return found


@pytest.mark.usefixtures("unprofiled")
def test_the_end_of_a_function_is_looked_at_and_no_other() -> None:
    def work() -> int:
        return len(str(shortened("/a.py", ROOT)))

    assert looked(work) == ["now"]


@pytest.mark.usefixtures("unprofiled")
def test_the_end_of_a_coroutine_is_looked_at() -> None:
    async def work() -> None:
        pass

    assert looked(work) == ["now"]


def test_what_has_no_code_is_not_looked_at() -> None:
    assert looked(bool) == []


@pytest.mark.skipif(hasattr(sys, "monitoring"), reason="the interpreter has room for several")
@pytest.mark.usefixtures("unprofiled")
def test_another_profiler_is_left_in_place() -> None:
    def theirs(*_: object) -> None:
        pass

    sys.setprofile(theirs)
    assert looked(lambda: None) == []
    assert sys.getprofile() is theirs
