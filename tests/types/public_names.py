"""What a type checker is promised about the public names; mypy reads this file, nothing runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

import paceline
from paceline.engine.comparison import Comparison
from paceline.engine.result import Statistics
from paceline.engine.scaling import Scaling
from paceline.model import Estimate, Measurement
from paceline.stats.summary import Summary

if TYPE_CHECKING:
    from paceline.plugin.benchmark import Benchmark


def parse(text: str, *, strict: bool = False) -> list[int]:
    return [len(text), strict]


def plain_functions() -> None:
    assert_type(paceline.measure(parse, ("a",)), paceline.Result[list[int]])
    assert_type(paceline.measure(parse, ("a",), rounds=3).value, list[int])
    with paceline.timed("load") as block:
        parse("a")
    assert_type(block, paceline.timed)
    assert_type(block.seconds, float)
    assert_type(block.result, paceline.Result[None])
    assert_type(paceline.__version__, str)
    paceline.measure(parse, ("a",), 3)  # type: ignore[arg-type]  # kwargs are a mapping
    paceline.measure(parse, ("a",), rounds="3")  # type: ignore[arg-type]


def result(one: paceline.Result[str]) -> None:
    assert_type(one.value, str)
    assert_type(one.mean, Estimate)
    assert_type(one.median.low, float)
    assert_type(one.statistics, Summary)
    assert_type(one.throughput, float)
    assert_type(one.metric("peak_memory"), Measurement | None)
    one.value = "other"  # type: ignore[misc]  # a result is frozen


def fixture(benchmark: Benchmark) -> None:
    assert_type(benchmark(parse, "a", strict=True), list[int])
    assert_type(benchmark.measure(parse, "a"), paceline.Result[list[int]])
    assert_type(benchmark.pedantic(parse, args=("a",), rounds=3), list[int])
    assert_type(benchmark.with_setup(lambda: (("a",), {}), parse), list[int])
    assert_type(benchmark.labelled("first")(parse, "a"), list[int])
    assert_type(benchmark.stats, Statistics | None)
    assert_type(benchmark.compare({"one": dict, "other": list}), Comparison)
    assert_type(benchmark.scaling([1, 2, 3], make=str, function=parse), Scaling)


async def awaited(benchmark: Benchmark) -> None:
    async def fetch(path: str) -> bytes:
        return path.encode()

    assert_type(await benchmark(fetch, "/pets"), bytes)
