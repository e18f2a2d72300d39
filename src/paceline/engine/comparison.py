"""Comparison: several implementations measured side by side, their rounds interleaved."""

from __future__ import annotations

import dataclasses
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.engine.benchmark import Request, measurements
from paceline.engine.result import Result
from paceline.errors import MeasureError
from paceline.probes.benchmark import Call, Subject, finish, observe_interleaved
from paceline.probes.clock import clock_of, find_timer
from paceline.probes.interleaving import interleaved
from paceline.stats.ratio import paired_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paceline.model import Case, Estimate

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results by name; ratios come from rounds taken side by side, with their intervals."""

    results: Mapping[str, Result[Any]]

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

    def _values(self, name: str) -> tuple[float, ...]:
        return self[name].wall_time.values

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
    clock = clock_of(find_timer(request.options.timer))
    subjects = [Subject(Call(function), clock.timer) for function in implementations.values()]
    procedure = interleaved(
        len(subjects),
        request.options,
        resolution=clock.resolution,
        now=time.monotonic,
        shuffle=random.Random(seed).shuffle,  # noqa: S311  (an order, not a secret)
    )
    seen = finish(observe_interleaved(procedure, subjects, policy=request.options.collector))
    if same_result:
        _check_same(dict(zip(implementations, (one.value for one in seen), strict=True)))
    results = {}
    for name, one in zip(implementations, seen, strict=True):
        case = dataclasses.replace(request.case, label=_label(request.case, name))
        named = dataclasses.replace(request, case=case)
        results[name] = Result(
            one.value, measurements(one, named, clock), request.options.confidence
        )
    return Comparison(results)


def _label(case: Case, name: str) -> str:
    return f"{case.label}/{name}" if case.label else name


def _check_same(values: Mapping[str, Any]) -> None:
    (first, expected), *others = values.items()
    for name, value in others:
        if value != expected:
            raise AssertionError(
                f"{name!r} returned {value!r:.200}, but {first!r} returned {expected!r:.200}"
            )
