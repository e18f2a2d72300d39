"""Comparison: several implementations measured side by side, their rounds interleaved."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.engine.benchmark import Request, awaits, in_event_loop, whole_result
from paceline.errors import MeasureError
from paceline.probes.benchmark import Call, Subject, finish, observe_interleaved
from paceline.probes.clock import Real
from paceline.probes.interleaving import interleaved
from paceline.stats.ratio import paired_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from paceline.engine.result import Result
    from paceline.model import Case, Estimate

__all__ = ["Comparison", "compare", "same", "side_by_side"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results by name; ratios come from blocks of rounds taken side by side, with intervals.

    ``blocks`` are the rounds that each took in a block: the unit that the random order moved.
    """

    results: Mapping[str, Result[Any]]
    blocks: Mapping[str, int]

    def ratio(self, name: str, over: str) -> Estimate:
        """Give the time of one implementation over another's: 0.5 means half the time.

        Raises:
            MeasureError: no implementation has that name.
        """
        head, base = self._values(name), self._values(over)
        return paired_ratio(base, head, statistic="median", level=self._level())

    def speedup(self, name: str, over: str) -> Estimate:
        """Give how many times as fast one implementation is as another: 10 means a tenth."""
        return self.ratio(over, over=name)

    def __getitem__(self, name: str) -> Result[Any]:
        if name not in self.results:
            raise MeasureError(f"no implementation {name!r}; there are {', '.join(self.results)}")
        return self.results[name]

    def _values(self, name: str) -> list[float]:
        values = self[name].wall_time.values
        block = self.blocks[name]
        starts = range(0, len(values), block)
        return [statistics.median(values[start : start + block]) for start in starts]

    def _level(self) -> float:
        return next(iter(self.results.values())).level


def compare(
    implementations: Mapping[str, Callable[[], Any]],
    request: Request,
    *,
    same_result: bool = False,
    seed: int | None = None,
) -> Comparison:
    """Measure callables side by side; ``seed`` fixes the order of the blocks.

    Raises:
        MeasureError: fewer than two implementations.
        AssertionError: with ``same_result``, two implementations return different values.
    """
    if len(implementations) < 2:  # noqa: PLR2004  (a pair is the least)
        raise MeasureError("a comparison needs at least two implementations")
    labels = [_label(request.case, name) for name in implementations]
    calls = [Call(function, awaits=awaits(function)) for function in implementations.values()]
    requests = [
        dataclasses.replace(request, case=dataclasses.replace(request.case, label=label))
        for label in labels
    ]
    results, blocks = side_by_side(calls, requests, seed=seed)
    named = dict(zip(implementations, results, strict=True))
    if same_result:
        _check_same({name: result.value for name, result in named.items()})
    return Comparison(named, dict(zip(implementations, blocks, strict=True)))


def side_by_side(
    calls: Sequence[Call[Any]], requests: Sequence[Request], *, seed: int | None = None
) -> tuple[tuple[Result[Any], ...], tuple[int, ...]]:
    """Measure calls with their rounds interleaved; give results and the rounds of each in a block.

    The options and the clock of the first request hold for all.
    """
    work = _results(calls, requests, random.Random(seed).shuffle)  # noqa: S311  (an order)
    if not any(call.awaits for call in calls):
        return finish(work)
    if in_event_loop():
        work.close()
        raise MeasureError(
            "async implementations can't be compared inside a running event loop",
            remedy="compare them in a plain test: it gets a loop of its own",
        )
    return asyncio.run(work)


async def _results(
    calls: Sequence[Call[Any]],
    requests: Sequence[Request],
    shuffle: Callable[[list[int]], None],
) -> tuple[tuple[Result[Any], ...], tuple[int, ...]]:
    options, clock = requests[0].options, requests[0].clock()
    director = requests[0].director
    if director is not None:
        procedure = director.direct([request.case.id for request in requests], single=False)
    else:
        procedure = interleaved(
            len(calls), options, resolution=clock.resolution, now=Real.monotonic, shuffle=shuffle
        )
    tally = director.tally if director else None
    subjects = [Subject(call, clock.timer, tally=tally) for call in calls]
    seen = await observe_interleaved(procedure, subjects, policy=options.collector)
    results = [
        await whole_result(call, one, request, clock)
        for call, one, request in zip(calls, seen, requests, strict=True)
    ]
    return tuple(results), tuple(one.sampled.block for one in seen)


def _label(case: Case, name: str) -> str:
    return f"{case.label}/{name}" if case.label else name


def _check_same(values: Mapping[str, Any]) -> None:
    (first, expected), *others = values.items()
    for name, value in others:
        if not same(value, expected):
            raise AssertionError(
                f"{name!r} returned {value!r:.200}, but {first!r} returned {expected!r:.200}"
            )


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal: arrays element by element, and nan as itself."""
    equal = one == other
    try:
        return bool(equal) or bool(one != one and other != other)  # noqa: PLR0124  (nan alone)
    except ValueError:  # an array has no truth of its own
        return bool(equal.all())
