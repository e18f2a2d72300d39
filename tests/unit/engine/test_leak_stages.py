from __future__ import annotations

import itertools
import random
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.leaks.calls import Calls
from paceline.engine.leaks.check import check
from paceline.engine.leaks.stages import Limits, Stages
from paceline.probes.leaks.samples import make_readers, readings, settle
from paceline.stats.leak import LeakResult, LeakVerdict

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = itertools.count()
RING: list[tuple[int, str] | None] = [None] * 1024
BATCH: list[int] = []
REST: list[int] = []
KEPT: list[Any] = []
TEXT = [""]
FEW = Limits(warm_calls=5, first_calls=5, most_calls=31, seconds=30.0, round_seconds=30.0)


class Clock:
    """A clock that goes on by a microsecond a look, and by ``pause`` at each of some looks."""

    def __init__(self, pause: float = 0.0) -> None:
        self.time, self.looks, self.held_up = 0.0, 0, pause

    def __call__(self) -> float:
        self.looks += 1
        self.time += self.held_up if self.looks > 16 and self.looks % 5 == 0 else 1e-6
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


def checked(
    function: Callable[[], object], limits: Limits = FEW, *, clock: Clock | None = None
) -> LeakResult:
    clock = clock or Clock(1e-6)
    return check(function, limits=limits, now=clock, pause=clock.pause)


def ring() -> None:
    number = next(NUMBER)
    RING[number % 1024] = (number, "")


def rest() -> None:
    BATCH.append(next(NUMBER))
    if len(BATCH) == 400:
        REST.extend(BATCH[:200])
        BATCH.clear()


def lengthen() -> None:
    TEXT[0] = TEXT[0] + "so much"


@pytest.mark.slow
def test_what_is_kept_beside_a_bounded_container_is_a_leak() -> None:
    found = checked(rest)
    assert found.verdict is LeakVerdict.LEAK
    assert f"{__name__}.REST" in [one.name for one in found.holders]


@pytest.mark.slow
def test_a_machine_that_holds_us_up_ends_no_stage_early() -> None:
    found = checked(ring, Limits(), clock=Clock(0.03))
    assert (found.verdict, found.calls > 2 * len(RING)) == (LeakVerdict.CLEAN, True)


@pytest.mark.slow
def test_the_record_of_a_stage_is_none_of_what_the_code_keeps() -> None:
    clock, readers = Clock(), make_readers()
    stages = Stages(Calls(list), readers, limits=FEW, now=clock, pause=clock.pause)
    stages.run(5)
    start = stages.run(5).start
    settle()
    assert abs(readings(readers)["blocks"] - start["blocks"]) < 20


@pytest.mark.slow
def test_calls_that_become_far_slower_do_not_take_for_ever() -> None:
    clock = Clock(1e-6)

    def slower() -> None:
        KEPT.append([1])
        clock.time += 1.0 if len(KEPT) > 6000 else 1e-5

    found = checked(slower, Limits(), clock=clock)
    assert (found.verdict, found.seconds < 6000) == (LeakVerdict.LEAK, True)


@pytest.mark.slow
def test_new_in_the_place_of_old_is_no_growth_at_any_rate() -> None:
    table = {number: [number] for number in range(5000)}
    chosen = random.Random(1)  # noqa: S311  (the same in every run)
    limits = Limits(most_calls=503, longer=1, seconds=30.0, round_seconds=30.0)
    found = checked(lambda: table.update({chosen.randrange(5000): [1]}), limits)
    assert (found.verdict, found.because) == (LeakVerdict.CLEAN, "what grew goes away by itself")


@pytest.mark.slow
def test_a_text_that_grows_by_little_is_a_leak_where_nothing_can_be_traced() -> None:
    tracemalloc.start()
    try:
        found = checked(lengthen)
    finally:
        tracemalloc.stop()
    assert (found.verdict, found.resources[-1].name) == (LeakVerdict.LEAK, "python")
