"""Benchmark: the fixture's object, a thin form of the engine for use inside a test."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from paceline.engine.benchmark import Request, awaits, in_event_loop, run, run_async
from paceline.engine.comparison import Comparison, compare
from paceline.engine.result import Result, Statistics
from paceline.engine.scaling import Scaling, scaling
from paceline.engine.timed import timed
from paceline.errors import MeasureError, PacelineError
from paceline.model import Case
from paceline.plugin.markers import benchmark_keywords, budgets_of, option_entries, place_of
from paceline.plugin.pytest_internals import item_parameters
from paceline.probes.benchmark import Call
from paceline.probes.options import BenchmarkOptions
from paceline.probes.sampling import Fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from paceline.model import Budget, Measurement
    from paceline.plugin.session import Session

__all__ = ["Benchmark", "benchmark_of", "open_benchmark"]

T = TypeVar("T")
_BENCHMARK = pytest.StashKey["Benchmark"]()


class Benchmark:
    """Measures callables inside a test; calling it returns the callable's own value.

    Statistics of the last measurement stand at ``stats``, in seconds per call. A test may measure
    several callables; each gets a label of its own.
    """

    def __init__(self, item: pytest.Item, session: Session) -> None:
        keywords = benchmark_keywords(item)
        entries = option_entries(keywords, place_of(item))
        self.options = session.settings.get(BenchmarkOptions, entries)
        self.budgets: tuple[Budget, ...] = budgets_of(item)
        self.name = item.name
        self.fullname = item.nodeid
        self.param, self.params = item_parameters(item)
        self.group: str | None = keywords.get("group")
        self.items = float(keywords.get("items") or keywords.get("bytes") or 0)
        self.item_unit = "B" if keywords.get("bytes") else "items"
        self.extra_info: dict[str, Any] = {}
        self.enabled = session.timed
        self.stats: Statistics | None = None
        self.has_error = False
        self.used = False
        self.value: Any = None
        self._markers = tuple(dict.fromkeys(marker.name for marker in item.iter_markers()))
        self._conditions = session.conditions
        self._taken: list[Measurement] = []
        self._blocks: list[tuple[Case, timed]] = []
        self._unlabelled = 0
        self._label = ""

    @property
    def disabled(self) -> bool:
        """Whether callables run once, untimed."""
        return not self.enabled

    def __call__(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Measure ``function(*args, **kwargs)`` and return its own value.

        A coroutine function is measured in the running event loop: ``await benchmark(function)``.
        """
        return self._run(Call(function, args, kwargs, awaits=awaits(function)))

    def measure(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Result[T]:
        """Measure as calling does and give a result: value, statistics, processor share."""
        call = Call(function, args, kwargs, awaits=awaits(function))
        self._only_timed(call)
        return self._kept(run(call, self._request()))

    def pedantic(  # noqa: PLR0913, PLR0917  (the peer's own signature)
        self,
        target: Callable[..., T],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        setup: Callable[[], Any] | None = None,
        teardown: Callable[..., Any] | None = None,
        rounds: int = 1,
        warmup_rounds: int = 0,
        iterations: int = 1,
    ) -> T:
        """Measure with rounds set by hand and return the target's own value.

        ``setup`` runs before each round and may return (args, kwargs); it excludes iterations above
        one, as they would share what it made.
        """
        _check_plan(setup, rounds=rounds, warmup_rounds=warmup_rounds, iterations=iterations)
        call = Call(target, args, kwargs or {}, setup, teardown, awaits=awaits(target))
        return self._run(call, Fixed(rounds, iterations, warmup_rounds))

    def with_setup(
        self,
        setup: Callable[[], Any],
        function: Callable[..., T],
        *,
        teardown: Callable[..., Any] | None = None,
    ) -> T:
        """Measure with a fresh setup before every single call, as many rounds as it takes."""
        return self._run(Call(function, (), {}, setup, teardown, awaits=awaits(function)))

    def labelled(self, label: str) -> Benchmark:
        """Name the next measurement of this test: ``benchmark.labelled("parse")(parse, text)``."""
        self._label = label
        return self

    def compare(
        self, implementations: Mapping[str, Callable[[], Any]], *, same_result: bool = False
    ) -> Comparison:
        """Measure callables side by side, their rounds interleaved; ratios carry intervals."""
        self._only_timed(*map(Call, implementations.values()))
        found = compare(implementations, self._request(grouped=True), same_result=same_result)
        for result in found.results.values():
            self._kept(result)
        return found

    def scaling(
        self,
        sizes: Sequence[int],
        make: Callable[[int], Any],
        function: Callable[[Any], Any],
    ) -> Scaling:
        """Measure ``function(make(size))`` over sizes and fit how its cost grows."""
        self._only_timed(Call(lambda: function(make(min(sizes)))))
        found = scaling(sizes, make, function, self._request(grouped=True))
        for result in found.results:
            self._kept(result)
        return found

    def timed(self, label: str = "", *, items: float = 0.0) -> timed:
        """Time a block under ``with``, once or each time it is entered."""
        self.used = True
        case = self._case(label)
        block = timed(case.id, items=items)
        self._blocks.append((case, block))
        return block

    def take(self) -> tuple[Measurement, ...]:
        """Hand over what was measured since the last time, with the group and notes of now."""
        blocks = [one for case, block in self._blocks for one in block.measurements(case)]
        taken = [*self._taken, *(one for one in blocks if one.values)]
        self._taken, self._blocks = [], []
        notes = tuple((name, _as_json(value)) for name, value in self.extra_info.items())
        return tuple(self._finished(one, notes) for one in taken)

    def _finished(
        self, measurement: Measurement, notes: tuple[tuple[str, str], ...]
    ) -> Measurement:
        group = self.group or measurement.case.group
        case = dataclasses.replace(measurement.case, group=group)
        if measurement.metric.name != "wall_time":
            return dataclasses.replace(measurement, case=case)
        return dataclasses.replace(measurement, case=case, extra=(*measurement.extra, *notes))

    def _run(self, call: Call[T], fixed: Fixed | None = None) -> T:
        self.used = True
        if not self.enabled:
            return _once(call)
        request = self._request(fixed=fixed)
        if call.awaits and in_event_loop():
            return self._awaited(call, request)  # type: ignore[return-value]  # a coroutine gives T
        return self._kept(run(call, request)).value

    async def _awaited(self, call: Call[T], request: Request) -> T:
        return self._kept(await run_async(call, request)).value

    def _kept(self, result: Result[T]) -> Result[T]:
        self._taken += result.measurements
        self.stats = Statistics(result.wall_time)
        self.value = result.value
        return result

    def _request(self, *, fixed: Fixed | None = None, grouped: bool = False) -> Request:
        case = self._case(self._label)
        if grouped and not case.group:
            case = dataclasses.replace(case, group=self.fullname.rpartition("/")[2])
        self._label = ""
        return Request(
            case=case,
            options=self.options,
            fixed=fixed,
            items=self.items,
            item_unit=self.item_unit,
            conditions=self._conditions,
        )

    def _case(self, label: str) -> Case:
        if not label:
            self._unlabelled += 1
            label = str(self._unlabelled) if self._unlabelled > 1 else ""
        return Case(
            node_id=self.fullname,
            label=label,
            parameters=tuple((name, f"{value!r:.200}") for name, value in self.params.items()),
            group=self.group or "",
            markers=self._markers,
        )

    def _only_timed(self, *calls: Call[Any]) -> None:
        """Where benchmarks run once, run these and skip what the test asserts about figures."""
        self.used = True
        if not self.enabled:
            for call in calls:
                _once(call)
            pytest.skip("benchmarks run once, untimed: there are no figures to assert on")


def benchmark_of(item: pytest.Item) -> Benchmark | None:
    """Give the fixture's object of a test that asked for it."""
    return item.stash.get(_BENCHMARK, None)


def open_benchmark(request: pytest.FixtureRequest, session: Session) -> Iterator[Benchmark]:
    """Make the fixture's object for one test; wrong markers fail that test with their place."""
    item: pytest.Item = request.node
    try:
        made = Benchmark(item, session)
    except PacelineError as error:
        pytest.fail(str(error), pytrace=False)
    item.stash[_BENCHMARK] = made
    yield made


def _once(call: Call[T]) -> T:
    """Call once, untimed, with its setup and teardown."""
    args, kwargs = call.prepared()
    value: Any = call.function(*args, **kwargs)
    if call.awaits and not in_event_loop():
        value = asyncio.run(value)
    if call.teardown is not None:
        call.teardown(*args, **kwargs)
    given: T = value
    return given


def _check_plan(setup: object, *, rounds: int, warmup_rounds: int, iterations: int) -> None:
    if rounds < 1 or iterations < 1 or warmup_rounds < 0:
        raise MeasureError(
            f"rounds={rounds}, iterations={iterations}, warmup_rounds={warmup_rounds}: "
            "rounds and iterations must be at least 1, warm-up rounds at least 0"
        )
    if setup is not None and iterations > 1:
        raise MeasureError(
            f"iterations={iterations} with a setup: all of them would share what one setup made",
            remedy="leave iterations at 1, or make the arguments inside the target",
        )


def _as_json(value: Any) -> str:
    return json.dumps(value, default=repr, sort_keys=True)
