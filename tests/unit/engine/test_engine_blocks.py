from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

import paceline
from paceline.engine.benchmark import Request, run
from paceline.engine.comparison import compare, same
from paceline.engine.result import BudgetBroken
from paceline.engine.scaling import scaling
from paceline.errors import MeasureError
from paceline.model import Case
from paceline.probes.benchmark import Call
from paceline.probes.options import BenchmarkOptions
from paceline.probes.sampling import Fixed


class Work:
    """A clock that moves only when work is taken; ``slows`` by that share for a second of it."""

    def __init__(self) -> None:
        self.now = self.slows = 0.0

    def clock(self) -> float:
        self.now += 1e-9
        return self.now

    def take(self, seconds: float) -> None:
        self.now += seconds * (1 + self.slows * self.now)


@pytest.fixture
def work() -> Work:
    return Work()


REQUEST = Request(
    Case("test_it", group="g"), options=BenchmarkOptions(max_time=0.05, precision=0.05)
)


def test_a_block_gathers_a_round_each_time_it_is_entered() -> None:
    block = paceline.timed("load")
    for _ in range(5):
        with block:
            sum(range(100))
    assert block.statistics.rounds == 5
    assert block.seconds > 0
    assert block.ratio_to(1.0).point < 1
    block.check(max_mean="10 s")
    with pytest.raises(BudgetBroken):
        block.check(max_mean="1 ns")


def test_a_block_that_raises_does_not_count() -> None:
    block = paceline.timed()
    with pytest.raises(KeyError), block:
        raise KeyError
    with pytest.raises(MeasureError, match="not been timed"):
        _ = block.seconds


def test_the_ratio_of_interleaved_implementations_is_the_ratio_of_their_work(work: Work) -> None:
    one, three = (lambda: work.take(1e-6)), (lambda: work.take(3e-6))
    request = dataclasses.replace(REQUEST, timer=work.clock)
    both = compare({"one": one, "three": three}, request, seed=1)
    assert both.ratio("three", over="one").point == pytest.approx(3, rel=0.05)
    assert both.speedup("one", over="three").point == pytest.approx(
        both.ratio("three", over="one").point
    )
    assert both["one"].wall_time.case.id == "test_it#one"


def test_implementations_that_differ_fail_when_they_should_agree() -> None:
    with pytest.raises(AssertionError, match="'b' returned 2, but 'a' returned 1"):
        compare({"a": lambda: 1, "b": lambda: 2}, REQUEST, same_result=True)


def test_a_comparison_needs_two_and_known_names() -> None:
    with pytest.raises(MeasureError, match="two"):
        compare({"a": int}, REQUEST)
    both = compare({"a": int, "b": float}, REQUEST)
    with pytest.raises(MeasureError, match="there are a, b"):
        both.ratio("c", over="a")


def test_scaling_tells_linear_from_quadratic(work: Work) -> None:
    request = dataclasses.replace(REQUEST, timer=work.clock)
    linear = scaling([100, 1000, 4000], int, lambda n: work.take(1e-8 * n), request)
    square = scaling([10, 50, 200], int, lambda n: work.take(1e-8 * n * n), request)
    assert linear.linear_or_better, str(linear)
    assert not square.linear_or_better, str(square)
    assert "O(n^2)" in str(square)
    assert [result.wall_time.items for result in linear.results] == [100, 1000, 4000]


def test_a_machine_that_slows_down_does_not_look_like_growth(work: Work) -> None:
    request = dataclasses.replace(REQUEST, timer=work.clock)
    work.slows = 1.0  # twice as slow after a second of work
    found = scaling([100, 1000, 10_000], int, lambda n: work.take(1e-8 * n), request)
    assert found.per_item_ratio == pytest.approx(1, abs=0.1)


def test_scaling_needs_three_sizes() -> None:
    with pytest.raises(MeasureError, match="size"):
        scaling([10, 20], range, sum, REQUEST)


def test_async_implementations_are_awaited(work: Work) -> None:
    async def short() -> None:
        await asyncio.sleep(0)
        work.take(1e-3)

    async def long() -> None:
        await asyncio.sleep(0)
        work.take(4e-3)

    request = dataclasses.replace(REQUEST, timer=work.clock)
    both = compare({"short": short, "long": long}, request)
    assert both.ratio("long", over="short").point == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize(("one", "other"), [(1, 1), (float("nan"), float("nan")), ([1], [1])])
def test_equal_results_agree(one: object, other: object) -> None:
    assert same(one, other)
    assert not same(one, "another")


def test_a_coroutine_that_nobody_awaits_is_refused() -> None:
    async def answer() -> int:
        return 42

    def call() -> object:
        return answer()

    with pytest.raises(MeasureError, match="nobody awaits"):
        paceline.measure(call, rounds=1)


def test_stop_iteration_in_the_code_is_the_users_own() -> None:
    with pytest.raises(StopIteration):
        paceline.measure(next, (iter(()),), rounds=1)


def test_a_block_inside_itself_is_refused() -> None:
    block = paceline.timed()
    with pytest.raises(MeasureError, match="already"), block, block:
        pass


def test_the_processor_share_leaves_the_setup_out() -> None:
    call = Call(time.sleep, (0.002,), setup=lambda: sum(range(200_000)) and None)
    share = run(call, Request(Case("it"), fixed=Fixed(5))).cpu_share
    assert share < 0.5
