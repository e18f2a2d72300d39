from __future__ import annotations

import pytest

import paceline
from paceline.engine.benchmark import Request
from paceline.engine.comparison import compare
from paceline.engine.result import BudgetBroken
from paceline.engine.scaling import scaling
from paceline.errors import MeasureError
from paceline.model import Case
from paceline.probes.options import BenchmarkOptions

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
