"""Benchmark: run one in this process, from the call to its measurements.

The fixture and the plain functions `measure` and `timed` are thin forms of what stands here.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from paceline.engine.result import Result
from paceline.errors import MeasureError
from paceline.model import METRICS, Case, Measurement
from paceline.probes.benchmark import (
    Call,
    Observed,
    Subject,
    finish,
    observe,
    observe_interleaved,
    observers,
)
from paceline.probes.clock import Clock, Real, clock_of, find_timer
from paceline.probes.memory import traced_peak
from paceline.probes.options import BenchmarkOptions
from paceline.probes.sampling import Fixed, Procedure, automatic, fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from paceline.model import CaseId
    from paceline.probes.benchmark import Tally
    from paceline.probes.interleaving import Interleaved

__all__ = [
    "Director",
    "Request",
    "Result",
    "awaits",
    "in_event_loop",
    "measure",
    "run",
    "run_async",
    "whole_result",
]

T = TypeVar("T")


class Director(Protocol):
    """Who decides from outside which rounds are taken, as the paired gate does."""

    tally: Tally | None

    def direct(self, cases: Sequence[CaseId], *, single: bool) -> Interleaved:
        """Give the procedure for these cases; ``single`` keeps one call to a round."""


_MEMORY_ROUNDS = 3  # one peak says nothing about its spread


@dataclass(frozen=True, slots=True)
class Request:
    """Everything about one benchmark but the call: what it is, how it is set, what it works on.

    ``fixed`` holds rounds set by hand; ``items`` is the work in one call; ``conditions`` and
    ``extra`` are passed on with the measurement; ``timer`` is a clock that has no name to be found
    by; ``director`` decides about the rounds in place of our own procedures.
    """

    case: Case
    options: BenchmarkOptions = field(default_factory=BenchmarkOptions)
    fixed: Fixed | None = None
    items: float = 0.0
    item_unit: str = "items"
    conditions: tuple[tuple[str, str], ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    timer: Callable[[], float] | None = None
    director: Director | None = None

    def clock(self) -> Clock:
        """Give the clock that was asked for, by the callable itself or by its name."""
        return clock_of(self.timer or find_timer(self.options.timer))


def measure(  # noqa: PLR0913  (the plain form names each setting)
    function: Callable[..., T],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    name: str = "",
    setup: Callable[[], Any] | None = None,
    rounds: int | None = None,
    iterations: int = 1,
    warmup_rounds: int = 0,
    items: float = 0.0,
    options: BenchmarkOptions | None = None,
) -> Result[T]:
    """Measure a callable anywhere, outside any fixture; figures are seconds per call.

    With ``rounds`` the rounds are taken as given, else they are calibrated. ``setup`` gives
    (args, kwargs) before each round. A coroutine function is measured in an event loop of its own.

    Raises:
        MeasureError: a count below one, or a coroutine function inside a running event loop.
    """
    if rounds is not None and min(rounds, iterations) < 1:
        raise MeasureError(f"rounds={rounds}, iterations={iterations}: both must be at least 1")
    call = Call(function, args, kwargs or {}, setup=setup, awaits=awaits(function))
    request = Request(
        case=Case(name or getattr(function, "__qualname__", repr(function))),
        options=options or BenchmarkOptions(),
        fixed=Fixed(rounds, iterations, warmup_rounds) if rounds is not None else None,
        items=items,
    )
    return run(call, request)


def run(call: Call[T], request: Request) -> Result[T]:
    """Measure a call from plain code.

    Raises:
        MeasureError: the call must be awaited and an event loop runs already.
    """
    if not call.awaits:
        return finish(run_async(call, request))
    if in_event_loop():
        raise MeasureError(
            f"{call.function!r} must be awaited inside the running event loop",
            remedy="write: await benchmark(...)",
        )
    return asyncio.run(run_async(call, request))


async def run_async(call: Call[T], request: Request) -> Result[T]:
    """Measure a call where it may be awaited; for plain calls this never waits."""
    clock = request.clock()
    director, policy = request.director, request.options.collector
    subject = Subject(call, clock.timer, tally=director.tally if director else None)
    if director is not None:
        directed = director.direct([request.case.id], single=call.single)
        (seen,) = await observe_interleaved(directed, [subject], policy=policy)
    else:
        seen = await observe(_procedure(call, request, clock), subject, policy=policy)
    return await whole_result(call, seen, request, clock)


async def whole_result(
    call: Call[T], seen: Observed[T], request: Request, clock: Clock
) -> Result[T]:
    """Give what was seen as a result, with the memory of the call where it was asked for."""
    found = measurements(seen, request, clock)
    if request.options.memory:
        found += (await _memory(call, request),)
    return Result(seen.value, found, request.options.confidence)


def measurements(seen: Observed[Any], request: Request, clock: Clock) -> tuple[Measurement, ...]:
    """Give what was seen as measurements: wall time, first call, warming up, processor share."""
    sampled, case = seen.sampled, request.case
    conditions = (*_conditions(seen, request, clock), *request.conditions)
    wall = Measurement(
        case=case,
        metric=METRICS["wall_time"],
        values=sampled.values,
        iterations=sampled.iterations,
        warmup=sampled.warmup,
        items=request.items,
        item_unit=request.item_unit,
        conditions=conditions,
        unsure=_unsure(seen, clock),
        extra=request.extra,
    )
    found = [wall]
    for name, value in (("first_call", sampled.first_call), ("compile_time", sampled.warming)):
        if value > 0:
            found.append(Measurement(case, METRICS[name], (value,)))
    if seen.cpu_shares:
        found.append(Measurement(case, METRICS["cpu_share"], seen.cpu_shares))
    return tuple(found)


def awaits(function: Callable[..., Any]) -> bool:
    """Tell whether a callable gives an awaitable: coroutine functions, also behind partials."""
    called = getattr(function, "__call__", None)  # noqa: B004  (its kind, not whether it exists)
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


def in_event_loop() -> bool:
    """Tell whether this thread stands inside a running event loop (asyncio's or trio's)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        return bool(trio and trio.lowlevel.in_trio_run())
    return True


def _procedure(call: Call[Any], request: Request, clock: Clock) -> Procedure:
    if request.fixed is not None:
        return fixed(request.fixed, resolution=clock.resolution)
    return automatic(
        request.options,
        resolution=clock.resolution,
        now=Real.monotonic,
        single=call.single,
    )


async def _memory(call: Call[Any], request: Request) -> Measurement:
    peaks: list[float] = []
    for _ in range(_MEMORY_ROUNDS):
        args, kwargs = call.prepared()
        with traced_peak() as peak:
            value: Any = call.function(*args, **kwargs)
            if call.awaits:
                await value
        del value
        peaks += peak
        if call.teardown is not None:
            call.teardown(*args, **kwargs)
    return Measurement(
        request.case,
        METRICS["peak_memory"],
        tuple(peaks),
        unsure="" if peaks else "memory is traced by someone else already",
    )


def _conditions(seen: Observed[Any], request: Request, clock: Clock) -> tuple[tuple[str, str], ...]:
    sampled = seen.sampled
    facts = {
        "scope": "this process only",
        "timer": clock.name,
        "resolution": f"{clock.resolution:.3g}",
        "overhead": f"{sampled.overhead:.3g}",
        "collector": request.options.collector.value,
        "warm-up": sampled.warm,
        "stopped by": sampled.stopped,
        "observers": ", ".join(observers()),
    }
    return tuple((name, value) for name, value in facts.items() if value)


def _unsure(seen: Observed[Any], clock: Clock) -> str:
    watching = observers()
    if watching:
        return f"{' and '.join(watching)} watched this process"
    sampled = seen.sampled
    floor = clock.resolution / sampled.iterations
    at_floor = sum(value <= floor for value in sampled.values)
    if at_floor * 2 > len(sampled.values):
        return "the code is shorter than the clock and the loop's overhead can tell"
    return ""
