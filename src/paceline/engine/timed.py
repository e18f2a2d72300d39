"""Timed: measure a block of code, once or each time it is entered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from paceline.engine.result import Result
from paceline.errors import MeasureError
from paceline.model import METRICS, Case, Estimate, Measurement
from paceline.probes.benchmark import observers
from paceline.probes.clock import Real, clock_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from paceline.stats.summary import Summary

__all__ = ["timed"]

_EMPTY_TURNS = 101


class timed:  # noqa: N801  (it reads as the verb it is: with timed("load"):)
    """Time the block under ``with``; entered again, the same object gathers another round.

    Figures are in seconds, the cost of an empty block subtracted. A block that raises is not
    counted.
    """

    def __init__(
        self,
        name: str = "block",
        *,
        items: float = 0.0,
        timer: Callable[[], float] = Real.perf_counter,
        conditions: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self._case = Case(name)
        self._items = items
        self._clock = clock_of(timer)
        self._conditions = conditions
        self._values: list[float] = []
        self._shares: list[float] = []
        self._open = False
        self._overhead = self._cpu = self._start = 0.0
        for _ in range(_EMPTY_TURNS):
            with self:
                pass
        self._overhead = min(self._values)
        self._values.clear()
        self._shares.clear()

    def __enter__(self) -> Self:
        if self._open:
            raise MeasureError(f"the block {self._case.node_id!r} is being timed already")
        self._open = True
        self._cpu = Real.process_time()
        self._start = self._clock.timer()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        wall = self._clock.timer() - self._start
        self._open = False
        cpu = Real.process_time() - self._cpu
        if kind is None:
            self._values.append(max(wall - self._overhead, self._clock.resolution))
            self._shares.append(cpu / wall if wall > 0 else 0.0)

    @property
    def seconds(self) -> float:
        """What the block took the last time, in seconds.

        Raises:
            MeasureError: the block has not been run to its end yet.
        """
        self._result()
        return self._values[-1]

    @property
    def result(self) -> Result[None]:
        """The rounds so far as a result."""
        return self._result()

    @property
    def statistics(self) -> Summary:
        """Every statistic of the rounds so far, in seconds."""
        return self._result().statistics

    def check(self, **limits: Any) -> None:
        """Assert budgets, as `Result.check` does."""
        self._result().check(**limits)

    def ratio_to(self, constant: str | float) -> Estimate:
        """Give the median over a constant time, as `Result.ratio_to` does."""
        return self._result().ratio_to(constant)

    def measurements(self, case: Case | None = None) -> tuple[Measurement, ...]:
        """Give the rounds so far as measurements, of another case if one is named."""
        named = case or self._case
        watching = " and ".join(observers())
        wall = Measurement(
            named,
            METRICS["wall_time"],
            tuple(self._values),
            items=self._items,
            conditions=(
                ("scope", "this process only"),
                ("timer", self._clock.name),
                *self._conditions,
            ),
            unsure=f"{watching} watched this process" if watching else "",
        )
        return wall, Measurement(named, METRICS["cpu_share"], tuple(self._shares))

    def _result(self) -> Result[None]:
        if not self._values:
            raise MeasureError(
                f"the block {self._case.node_id!r} has not been timed yet",
                remedy="read its figures after the with statement",
            )
        return Result(None, self.measurements())
