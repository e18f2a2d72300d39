from __future__ import annotations

import asyncio
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


def test_the_ratio_of_interleaved_implementations_is_the_ratio_of_their_work() -> None:
    both = compare(
        {"one": lambda: sum(range(300)), "three": lambda: [sum(range(300)) for _ in range(3)]},
        REQUEST,
        seed=1,
    )
    assert 2 < both.ratio("three", over="one").point < 4
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


def test_scaling_tells_linear_from_quadratic() -> None:
    def pairs(items: range) -> int:
        return sum(1 for a in items for b in items if a == b)

    linear = scaling([100, 1000, 4000], range, sum, REQUEST)
    square = scaling([10, 50, 200], range, pairs, REQUEST)
    assert linear.linear_or_better, str(linear)
    assert not square.linear_or_better, str(square)
    assert "O(n^2)" in str(square)
    assert [result.wall_time.items for result in linear.results] == [100, 1000, 4000]


def test_scaling_needs_three_sizes() -> None:
    with pytest.raises(MeasureError, match="size"):
        scaling([10, 20], range, sum, REQUEST)


def test_async_implementations_are_awaited() -> None:
    async def short() -> None:
        await asyncio.sleep(0.001)

    async def long() -> None:
        await asyncio.sleep(0.004)

    both = compare({"short": short, "long": long}, REQUEST)
    assert 2 < both.ratio("long", over="short").point < 5


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
