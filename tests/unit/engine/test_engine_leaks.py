from __future__ import annotations

import asyncio
import functools
import gc
import itertools
import math
import os
import threading
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from paceline.engine.leaks.calls import CallError, Calls, place_in
from paceline.engine.leaks.check import check
from paceline.engine.leaks.codec import decode, encode
from paceline.engine.leaks.options import LeakOptions, limits_of
from paceline.engine.leaks.rounds import Rounds, rounds
from paceline.engine.leaks.stages import Limits, uneven
from paceline.errors import MeasureError, Place
from paceline.probes.resources import Gauge
from paceline.stats.growth import Trend, judge_growth
from paceline.stats.leak import LeakResult, LeakVerdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

KEPT: list[Any] = []
NUMBER = itertools.count()
BOUND = 40
BOUNDED: dict[int, list[int]] = {}
FEW = Limits(warm_calls=5, first_calls=5, most_calls=31, seconds=30.0, round_seconds=30.0)


class Ticking:
    """A clock that goes on by a microsecond a look: a busy machine changes nothing."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        self.time += 1e-6
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


def checked(function: Callable[[], object], limits: Limits = FEW) -> LeakResult:
    clock = Ticking()
    return check(function, name="it", limits=limits, now=clock, pause=clock.pause)


CLOCK = Ticking()
TIMES: dict[int, float] = {}
EMPTIED: list[list[int]] = []
OVERRUN: list[list[int]] = []
MAX_OVERRUN = 1500


class Time:
    """A module of the time, whose time is the check's own."""

    @staticmethod
    def monotonic() -> float:
        return CLOCK.time


def expire() -> None:
    now = Time.monotonic()
    for number in [number for number, kept in TIMES.items() if kept < now - 0.05]:
        del TIMES[number]
    TIMES[next(NUMBER)] = now


def empty() -> None:
    EMPTIED.append([1])
    if len(EMPTIED) >= 1500:
        EMPTIED.clear()


def overrun() -> None:
    OVERRUN.append([1])
    if len(OVERRUN) > MAX_OVERRUN:
        OVERRUN.reverse()


def keep() -> None:
    KEPT.append([1])


def fill() -> None:
    BOUNDED[next(NUMBER) % BOUND] = [1]


@functools.lru_cache(maxsize=10_000)
def cached(number: int) -> list[int]:
    return [number]


def yielding() -> Iterator[int]:
    yield 1
    KEPT.append([1])


async def awaiting() -> None:
    await asyncio.sleep(0)


async def yielding_later() -> AsyncIterator[int]:
    yield 1


async def forgotten() -> None:
    KEPT.append(asyncio.ensure_future(asyncio.Event().wait()))


def pass_on() -> Any:
    return awaiting()


@pytest.mark.slow
@pytest.mark.parametrize(
    "function",
    [lambda: None, list, fill, awaiting, yielding_later, pass_on, lambda: [[] for _ in range(99)]],
    ids=["nothing", "list", "filled", "coroutine", "async generator", "awaitable", "garbage"],
)
def test_what_gives_everything_back_is_clean_and_grows_by_nothing(
    function: Callable[[], object],
) -> None:
    found = checked(function)
    assert (found.verdict, found.unsure) == (LeakVerdict.CLEAN, ""), found
    grown = {one.name: one.point for one in found.resources}
    assert {grown[name] for name in ("objects", "entries", "files", "threads")} == {0.0}


@pytest.mark.slow
def test_a_growing_list_is_a_leak_with_its_name_rate_and_line() -> None:
    found = checked(keep)
    assert found.verdict is LeakVerdict.LEAK
    entries = next(one for one in found.resources if one.name == "entries")
    assert (entries.point, entries.low, entries.high) == pytest.approx((1, 1, 1))
    assert found.holders[0].name == f"{__name__}.KEPT"
    assert any(one.place and one.place.file == __file__ for one in found.holders[1:])


@pytest.mark.slow
def test_a_generator_is_exhausted() -> None:
    assert checked(yielding).verdict is LeakVerdict.LEAK


@pytest.mark.slow
def test_a_bounded_cache_is_filling_as_far_as_it_is() -> None:
    found = checked(lambda: cached(next(NUMBER)))
    assert found.verdict is LeakVerdict.FILLING
    assert found.holders[0].bound == 10_000
    assert f"of {__name__}.cached holds" in found.because


@pytest.mark.slow
def test_a_bound_within_reach_is_passed_to_see_whether_it_holds() -> None:
    assert checked(empty).because == f"{__name__}.EMPTIED filled to its bound"
    broken = checked(overrun)
    assert (broken.verdict, broken.holders[0].name) == (LeakVerdict.LEAK, f"{__name__}.OVERRUN")
    assert broken.holders[0].length > MAX_OVERRUN


class Evicting(dict[int, bytes]):
    """Keeps its own bound."""

    maxsize = 50_000

    def __setitem__(self, key: int, value: bytes) -> None:
        super().__setitem__(key, value)
        if len(self) > self.maxsize:
            del self[next(iter(self))]


EVICTING = Evicting()


@pytest.mark.slow
def test_a_container_may_keep_its_bound_itself() -> None:
    found = checked(lambda: EVICTING.__setitem__(next(NUMBER), b""))
    assert found.verdict is LeakVerdict.FILLING
    assert found.holders[0].bound == 50_000


@pytest.mark.parametrize("each", [1, 39, 40, 2002, 20_000])
def test_rounds_are_uneven_by_a_twentieth_at_most_and_none_is_lost(each: int) -> None:
    shifts = [uneven(each, place) for place in range(8)]
    assert abs(sum(shifts)) <= 4
    assert max(map(abs, shifts)) <= each / 20


@pytest.mark.parametrize("period", [7, 50, 100, 128, 667, 1000])
@pytest.mark.parametrize("each", [1001, 1601, 2001, 2002])
def test_what_recurs_cannot_fall_into_step_with_the_rounds(each: int, period: int) -> None:
    """A cache that is emptied every ``period`` calls, seen by the end of each round."""
    lengths = [each + uneven(each, place) for place in range(1, 9)]
    held = [float(calls % period) for calls in itertools.accumulate([0, *lengths])]
    at = [calls / each for calls in itertools.accumulate([0, *lengths])]
    assert judge_growth(held, each, at=at, least=2).trend is not Trend.STEADY


@pytest.mark.slow
def test_entries_that_expire_are_no_leak() -> None:
    found = check(expire, limits=FEW, now=CLOCK, pause=CLOCK.pause)
    assert (found.verdict.value, found.because.partition(" of ")[0]) == ("CLEAN", "entries")


@pytest.mark.slow
def test_tasks_left_behind_are_said_after_one_stage_and_ended() -> None:
    found = checked(forgotten)
    assert found.verdict is LeakVerdict.LEAK
    assert found.because.startswith("1 tasks a call")
    assert all(task.done() for task in KEPT if isinstance(task, asyncio.Future))


@pytest.mark.slow
def test_threads_left_behind_are_named() -> None:
    ended = threading.Event()
    started: list[threading.Thread] = []

    def leave() -> None:
        started.append(threading.Thread(target=ended.wait, name="left behind", daemon=True))
        started[-1].start()

    try:
        found = checked(leave)
        assert any(one.name == "thread left behind" for one in found.holders)
        assert found.verdict is LeakVerdict.LEAK
        assert found.calls < 100
        leaking = {one.name for one in found.resources if one.verdict is LeakVerdict.LEAK}
        assert {"threads", "objects", "blocks"} <= leaking
        assert "mapped" not in leaking
    finally:
        ended.set()
        for thread in started:
            thread.join()


@pytest.mark.slow
def test_files_left_open_are_a_leak() -> None:
    opened: list[int] = []
    try:
        assert checked(lambda: opened.append(os.dup(1))).verdict is LeakVerdict.LEAK
    finally:
        for descriptor in opened:
            os.close(descriptor)


@pytest.mark.slow
def test_cycles_count_where_the_code_turned_the_collector_off() -> None:
    def circle() -> None:
        gc.disable()
        ring: list[Any] = []
        ring.append(ring)

    try:
        assert checked(circle).verdict is LeakVerdict.LEAK
    finally:
        gc.enable()
        gc.collect()


def test_code_that_raises_is_unsure_with_call_and_line() -> None:
    number = itertools.count(1)

    def third() -> None:
        if next(number) == 3:
            raise ValueError("bad day")

    found = checked(third)
    assert found.verdict is LeakVerdict.UNSURE
    assert found.unsure == "call 3 raised ValueError: bad day"
    assert found.place is not None
    assert found.place.file == __file__


def test_an_interrupt_passes() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checked(interrupt)


def test_all_calls_share_one_loop() -> None:
    loops = set()

    async def note() -> None:
        loops.add(id(asyncio.get_running_loop()))
        raise SystemExit(len(loops))

    calls = Calls(note)
    for _ in range(2):
        with pytest.raises(CallError, match="SystemExit: 1"):
            calls.run(1)
    calls.close()


@pytest.mark.slow
def test_a_result_survives_the_way_through_the_pipe() -> None:
    for found in (checked(keep), LeakResult("x", LeakVerdict.UNSURE, "", unsure="why")):
        assert decode(encode(found)) == found


@pytest.mark.parametrize(
    ("first", "second", "ratio"), [(0, 0, 1.0), (0, 8, math.inf), (8, 4, 0.5), (-8, 0, 1.0)]
)
def test_the_ratio_of_rounds_is_defined_where_the_first_left_nothing(
    first: int, second: int, ratio: float
) -> None:
    assert Rounds(2, first, second, None, 0, 0).ratio == ratio


@pytest.mark.slow
def test_rounds_tell_what_stays() -> None:
    kept: list[set[int]] = []

    def add() -> set[int]:
        kept.append({1})
        return kept[-1]

    found = rounds(add, rounds=12)
    assert (found.count, found.survivors, found.object_growth >= 12) == (12, 10, True)
    assert found.second > 0
    assert rounds(set).survivors == rounds(set).first == rounds(set).second == 0


def test_rounds_that_cannot_be_told_are_refused() -> None:
    with pytest.raises(MeasureError, match="1 rounds can't be compared"):
        rounds(list, rounds=1)
    tracemalloc.start()
    try:
        with pytest.raises(MeasureError, match="traced already"):
            rounds(list)
    finally:
        tracemalloc.stop()


def test_a_syntax_error_stands_where_it_is_written() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("x = 1\ndef f(:\n", "app.py", "exec")
    assert place_in(caught.value, "app.py") == Place("app.py", 2)


def test_our_own_callbacks_are_not_heard_while_rounds_are_told() -> None:
    gauge, heard = Gauge(), []
    gauge.open()
    gc.callbacks.append(theirs := lambda phase, _info: heard.append(phase))
    try:
        before, counted = list(gc.callbacks), []
        rounds(lambda: counted.append(gauge._collections), rounds=2)
        assert gc.callbacks == before
        assert counted[0] == counted[1]  # though collections ran between the calls
    finally:
        gauge.close()
        gc.callbacks.remove(theirs)
    assert "start" in heard


def test_the_options_time_is_the_limits_own() -> None:
    assert LeakOptions().time == Limits().seconds == limits_of(LeakOptions()).seconds
