from __future__ import annotations

import asyncio
import dataclasses
import gc
import itertools
import math
import weakref
from typing import Any

import pytest

import paceline
import paceline.probes.audit
from paceline.engine.benchmark import Request, awaits, run
from paceline.engine.result import BudgetBroken, Result, Statistics
from paceline.errors import MeasureError, SettingsError, UsageError
from paceline.model import METRICS, Case, Measurement
from paceline.probes.benchmark import Call
from paceline.probes.options import BenchmarkOptions
from paceline.probes.sampling import Fixed

QUICK = BenchmarkOptions(max_time=0.02, min_rounds=5)


def result_of(*values: float, items: float = 0.0) -> Result[None]:
    case = Case("tests/test_it.py::test_it")
    return Result(None, (Measurement(case, METRICS["wall_time"], values, items=items),))


def test_the_code_is_called_as_often_as_asked_and_its_value_kept() -> None:
    numbers = itertools.count()
    result = paceline.measure(lambda: next(numbers), rounds=4, iterations=3, warmup_rounds=2)
    assert next(numbers) == (4 + 2) * 3
    assert result.value == 2
    assert (result.wall_time.rounds, result.wall_time.iterations) == (4, 3)


def test_automatic_rounds_name_their_conditions() -> None:
    result = paceline.measure(sorted, ([3, 1, 2],), options=QUICK, name="sorting")
    assert result.value == [1, 2, 3]
    assert result.wall_time.case.node_id == "sorting"
    assert result.wall_time.condition("scope") == "this process only"
    assert result.wall_time.condition("collector") == "off"


def test_setup_makes_arguments_for_each_round_and_teardown_gets_them() -> None:
    made = itertools.count()
    seen: list[Any] = []
    call = Call(seen.append, setup=lambda: ((next(made),), {}), teardown=seen.append)
    run(call, Request(Case("it"), fixed=Fixed(3)))
    assert seen == [0, 0, 1, 1, 2, 2]


def test_a_setup_that_returns_something_else_is_refused() -> None:
    with pytest.raises(MeasureError, match="not \\(args, kwargs\\)"):
        paceline.measure(len, setup=lambda: 42, rounds=1)


@pytest.mark.parametrize(("rounds", "iterations"), [(0, 1), (1, 0), (-1, 1)])
def test_counts_below_one_are_refused(rounds: int, iterations: int) -> None:
    with pytest.raises(MeasureError, match="at least 1"):
        paceline.measure(int, rounds=rounds, iterations=iterations)


def test_an_error_in_the_code_is_the_users_own() -> None:
    with pytest.raises(ZeroDivisionError):
        paceline.measure(lambda: 1 / 0, options=QUICK)


def test_a_coroutine_function_is_measured_in_a_loop_of_its_own() -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    result: Result[Any] = paceline.measure(answer, options=QUICK)
    assert result.value == 42
    assert result.statistics.median > 0


def test_inside_a_running_loop_a_coroutine_function_must_be_awaited() -> None:
    async def answer() -> int:
        return 42

    async def main() -> None:
        paceline.measure(answer, rounds=1)

    with pytest.raises(MeasureError, match="await benchmark"):
        asyncio.run(main())


def test_peak_memory_is_measured_when_asked() -> None:
    options = dataclasses.replace(QUICK, memory=True)
    result = paceline.measure(lambda: bytearray(300_000), options=options)
    peak = result.metric("peak_memory")
    assert peak is not None
    assert 300_000 <= peak.values[0] < 320_000


def test_an_object_with_an_async_call_is_awaited() -> None:
    class Fetch:
        async def __call__(self) -> None: ...

    assert awaits(Fetch())
    assert not awaits(print)


def test_budgets_on_a_result_fail_with_figure_and_limit() -> None:
    result = result_of(0.2, 0.21, 0.19)
    result.check(max_mean="300 ms")
    result.check(min_throughput="1/s")  # no items are stated: nobody can tell
    with pytest.raises(BudgetBroken, match="100 ms"):
        result.check(max_mean="100 ms")
    with pytest.raises(SettingsError, match="max_men"):
        result.check(max_men="100 ms")


def test_a_constant_is_a_base_for_a_ratio() -> None:
    ratio = result_of(0.2, 0.2, 0.2).ratio_to("100 ms")
    assert ratio.point == pytest.approx(2)


def test_throughput_is_work_over_mean_time() -> None:
    assert result_of(0.1, 0.3, items=10).throughput == pytest.approx(50)
    assert math.isnan(result_of(0.1).throughput)


def test_statistics_read_as_users_of_the_peer_read_them() -> None:
    stats = Statistics(result_of(1.0, 2.0, 3.0, 4.0).wall_time)
    assert stats["mean"] == stats.mean == stats.stats.mean == 2.5
    assert stats.p95 == stats["q_95"] == stats.q_95
    assert (stats.data, stats.iterations) == ([1.0, 2.0, 3.0, 4.0], 1)
    assert stats.as_dict()["max"] == 4.0


def test_an_unknown_statistic_names_the_known_ones() -> None:
    stats = Statistics(result_of(1.0).wall_time)
    with pytest.raises(AttributeError, match="median"):
        _ = stats.middle
    with pytest.raises(UsageError, match="middle"):
        _ = stats["middle"]


def test_each_measurement_begins_without_garbage_but_seldom_looks_through_all() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.me = self

    looked: list[int] = []
    left = []

    def hear(_: str, info: dict[str, int]) -> None:
        looked.append(info["generation"])

    gc.collect()
    gc.callbacks.append(hear)
    try:
        for _ in range(9):
            garbage = weakref.ref(Cycle())
            paceline.measure(lambda one=garbage: left.append(one()), rounds=1)
    finally:
        gc.callbacks.remove(hear)
    assert left == [None] * 9
    assert looked
    assert set(looked) <= {0, 1}


def test_an_audit_hook_of_ours_makes_times_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paceline.probes.audit, "_installed", ["--paceline-audit"])
    measured = paceline.measure(list, options=QUICK).wall_time
    assert measured.unsure == "the audit hook of --paceline-audit watched this process"
