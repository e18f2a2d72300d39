"""Benchmark: take rounds of the user's code as a procedure asks for them.

The one driver below serves plain and async code: its steps are coroutines, and for plain code none
of them ever waits, so that the caller needs no event loop.
"""

from __future__ import annotations

import gc
import inspect
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from paceline.errors import MeasureError
from paceline.probes.clock import Real
from paceline.probes.interleaving import Interleaved, named
from paceline.probes.loop import call_values, empty_loop, timed_loop
from paceline.probes.options import Collector
from paceline.probes.sampling import Phase, Procedure, Sampled, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence


__all__ = [
    "Call",
    "Observed",
    "Subject",
    "Tally",
    "finish",
    "observe",
    "observe_interleaved",
    "observers",
]

T = TypeVar("T")
_GARBAGE = 50_000  # young objects after which garbage is collected between rounds
_SELDOM = 10  # collections of what is young between two of all: as the interpreter counts them


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call to measure: ``setup`` gives (args, kwargs) for each round, or None to keep them."""

    function: Callable[..., T]
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    setup: Callable[[], Any] | None = None
    teardown: Callable[..., Any] | None = None
    awaits: bool = False

    @property
    def single(self) -> bool:
        """Whether a round may hold one call only, as setup or teardown belong to each call."""
        return self.setup is not None or self.teardown is not None

    def prepared(self) -> tuple[Sequence[Any], Mapping[str, Any]]:
        """Give the arguments for the next round.

        Raises:
            MeasureError: the setup returned neither None nor (args, kwargs).
        """
        if self.setup is None:
            return self.args, self.kwargs
        given = self.setup()
        if given is None:
            return self.args, self.kwargs
        try:
            args, kwargs = given
            return tuple(args), dict(kwargs)
        except (TypeError, ValueError) as error:
            raise MeasureError(
                f"the setup returned {given!r}, which is not (args, kwargs)",
                remedy="return a pair such as ((1, 2), {'key': 3}), or None",
            ) from error


@dataclass(frozen=True, slots=True)
class Observed(Generic[T]):
    """What was seen: the code's own value, the rounds, and processor over wall time per batch."""

    value: T
    sampled: Sampled
    cpu_shares: tuple[float, ...]


class Tally(Protocol):
    """Counts what a number of calls with these arguments take."""

    def __call__(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        count: int,
    ) -> float:
        """Give the count of all of them."""


class Subject(Generic[T]):
    """The code under measurement, with one timed loop for each shape of call it meets.

    ``tally`` counts the work of calls where time is not what is asked for.
    """

    def __init__(
        self, call: Call[T], timer: Callable[[], float], *, tally: Tally | None = None
    ) -> None:
        self.call = call
        self.timer = timer
        self.tally = tally
        self.values: list[T] = []
        self.cpu = self.wall = 0.0  # seconds inside the timed loops so far
        self._empty = empty_loop(awaits=call.awaits)
        self._loops: dict[tuple[int, tuple[str, ...]], Callable[..., Any]] = {}

    async def perform(self, step: Step) -> tuple[float, ...]:
        """Take a step's rounds, in seconds each; a count is one figure, none where it fails."""
        if step.phase is Phase.COUNT:
            return self._count(step.count)
        if step.phase is Phase.EMPTY:
            return tuple([await self._turns(step.count) for _ in range(step.rounds)])
        if not self.values:
            return await self._first(step)
        return tuple([await self._round(step.count) for _ in range(step.rounds)])

    async def _first(self, step: Step) -> tuple[float, ...]:
        """Take the very first round so that what the code returns is kept."""
        args, kwargs = self.call.prepared()
        loop = timed_loop(args, kwargs, awaits=self.call.awaits, keeps=True)
        seconds, value = await self._settle(loop, args, kwargs, step.count)
        if not self.call.awaits and inspect.isawaitable(value):
            if inspect.iscoroutine(value):
                value.close()
            raise MeasureError(
                f"{self.call.function!r} returned an awaitable that nobody awaits",
                remedy="measure the coroutine function itself",
            )
        self.values.append(value)
        rest = [await self._round(step.count) for _ in range(step.rounds - 1)]
        return (seconds, *rest)

    async def _round(self, count: int) -> float:
        args, kwargs = self.call.prepared()
        shape = (len(args), tuple(kwargs))
        loop = self._loops.get(shape)
        if loop is None:
            loop = self._loops[shape] = timed_loop(args, kwargs, awaits=self.call.awaits)
        seconds: float = await self._settle(loop, args, kwargs, count)
        return seconds

    def _count(self, count: int) -> tuple[float, ...]:
        if self.tally is None or self.call.awaits:
            return ()
        args, kwargs = self.call.prepared()
        try:
            return (self.tally(self.call.function, args, kwargs, count=count),)
        except MeasureError:
            return ()
        finally:
            self._clean(args, kwargs)

    async def _settle(
        self, loop: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], count: int
    ) -> Any:
        cpu, wall = Real.process_time(), Real.perf_counter()
        try:
            taken = loop(self.call.function, *call_values(args, kwargs), count, self.timer)
            return await taken if self.call.awaits else taken
        finally:
            self.cpu += Real.process_time() - cpu
            self.wall += Real.perf_counter() - wall
            self._clean(args, kwargs)

    async def _turns(self, count: int) -> float:
        taken = self._empty(count, self.timer)
        return float(await taken if self.call.awaits else taken)

    def _clean(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        if self.call.teardown is not None:
            self.call.teardown(*args, **kwargs)


async def observe(procedure: Procedure, subject: Subject[T], *, policy: Collector) -> Observed[T]:
    """Drive a procedure over a subject, the garbage collector as the policy says."""
    (seen,) = await observe_interleaved(_alone(procedure), [subject], policy=policy)
    return seen


def _alone(procedure: Procedure) -> Interleaved:
    sampled = yield from named(0, procedure)
    return (sampled,)


async def observe_interleaved(
    procedure: Interleaved, subjects: Sequence[Subject[T]], *, policy: Collector
) -> tuple[Observed[T], ...]:
    """Drive a procedure that says for each step which of several subjects it is for."""
    shares: list[list[float]] = [[] for _ in subjects]
    with _collector(policy):
        index, step = next(procedure)
        while True:
            subject = subjects[index]
            cpu, wall = subject.cpu, subject.wall
            durations = await subject.perform(step)
            wall = subject.wall - wall
            if step.phase is Phase.MEASURE and wall > 0:
                shares[index].append((subject.cpu - cpu) / wall)
            if policy is Collector.OFF and gc.get_count()[0] > _GARBAGE:
                gc.collect()
            try:
                index, step = procedure.send(durations)
            except StopIteration as stop:
                found = zip(subjects, stop.value, shares, strict=True)
                return tuple(Observed(s.values[0], took, tuple(cpu)) for s, took, cpu in found)


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    except RuntimeError as error:
        if isinstance(error.__cause__, StopIteration):
            raise error.__cause__ from None  # the user's own, which no coroutine lets through
        raise
    coroutine.close()
    raise MeasureError("plain code was measured as if it could wait")


def observers() -> tuple[str, ...]:
    """Name what watches every line or call of this process and so bends its times."""
    found = []
    if sys.gettrace() is not None:
        found.append("a trace function (debugger or coverage)")
    if sys.getprofile() is not None:
        found.append("a profile function")
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is not None:
        busy = (index for index in range(6) if monitoring.get_tool(index))
        tools = (monitoring.get_tool(index) for index in busy if monitoring.get_events(index))
        found += [f"the monitoring tool {name}" for name in tools]
    if "asyncio" in sys.modules and _loop_debugs():
        found.append("asyncio's debug mode")
    if "tracemalloc" in sys.modules and sys.modules["tracemalloc"].is_tracing():
        found.append("tracemalloc")
    if "paceline.probes.audit" in sys.modules:
        flags = sys.modules["paceline.probes.audit"].installed()
        found += [f"the audit hook of {flag}" for flag in flags]
    return tuple(found)


def _loop_debugs() -> bool:
    try:
        return bool(sys.modules["asyncio"].get_running_loop().get_debug())
    except RuntimeError:
        return False


@contextmanager
def _collector(policy: Collector) -> Iterator[None]:
    """Start from a collected heap; with OFF the collector stays out until the end.

    To look through all that lives takes as long as there is of it, so what has long been there is
    looked at seldom.
    """
    enabled = gc.isenabled()
    gc.collect(1 if gc.get_count()[2] < _SELDOM else 2)
    if policy is Collector.OFF:
        gc.disable()
    else:
        gc.enable()
    try:
        yield
    finally:
        (gc.enable if enabled else gc.disable)()
