from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from paceline.probes.loop import call_values, empty_loop, timed_loop

SHAPES: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((1, "two"), {}),
    ((), {"key": 3}),
    ((1,), {"key": 3, "other": None}),
    ((), {"not a name": 1}),
    ((), {"class": 1, "plain": 2}),
]


@pytest.mark.parametrize(("args", "kwargs"), SHAPES)
def test_the_loop_makes_the_very_call_so_many_times(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    seen: list[Any] = []

    def function(*given: Any, **named: Any) -> None:
        seen.append((given, named))

    loop = timed_loop(args, kwargs)
    seconds = loop(function, *call_values(args, kwargs), 3, time.perf_counter)
    assert seen == [(args, kwargs)] * 3
    assert seconds > 0


def test_a_keeping_loop_gives_the_last_value() -> None:
    numbers = iter(range(10))
    seconds, value = timed_loop(keeps=True)(lambda: next(numbers), 4, time.perf_counter)
    assert value == 3
    assert seconds > 0


def test_an_async_loop_awaits_each_call_in_the_running_loop() -> None:
    loops: list[Any] = []

    async def function() -> None:
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0)

    async def main() -> Any:
        await timed_loop(awaits=True)(function, 3, time.perf_counter)
        return asyncio.get_running_loop()

    assert loops == [asyncio.run(main())] * 3 or len(set(map(id, loops))) == 1


def test_two_loops_of_one_shape_share_no_code_object() -> None:
    assert timed_loop().__code__ is not timed_loop().__code__


def test_the_clock_is_read_twice_and_nothing_else_is_between() -> None:
    ticks = iter([10.0, 13.5])
    assert empty_loop()(100, lambda: next(ticks)) == 3.5
