"""Fixture: the benchmark object with the habits of pytest-benchmark's, for suites that need them.

One measurement a test, one more call after pedantic rounds of several iterations, its warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from paceline.engine.benchmark import awaits
from paceline.errors import MeasureError
from paceline.plugin.benchmark import Benchmark
from paceline.plugin.dropin.logger import PytestBenchmarkWarning
from paceline.plugin.dropin.plan import arguments_of
from paceline.plugin.untimed import once
from paceline.probes.benchmark import Call
from paceline.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pytest

    from paceline.engine.result import Result
    from paceline.model import Measurement
    from paceline.plugin.session import Session
    from paceline.probes.options import BenchmarkOptions

__all__ = ["BenchmarkFixture", "FixtureAlreadyUsed"]

T = TypeVar("T")


def told(measurement: Measurement, options: BenchmarkOptions) -> tuple[str, ...]:
    """Say how rounds came about, in the lines that ``--benchmark-verbose`` is read for."""
    resolution = float(measurement.condition("resolution"))
    target = max(options.min_time, options.calibration_precision * resolution)
    rounds, iterations = measurement.rounds, measurement.iterations
    spent = sum(measurement.values) * iterations
    long, fine, each, whole = (
        format_quantity(seconds, "s") for seconds in (target, resolution, spent / rounds, spent)
    )
    timer = measurement.condition("timer")
    how = f"(using: {timer}, precision: {fine})"
    return (
        "",
        f"  Calibrating to target round {long}; will estimate when reaching {fine} {how}.",
        f"    Measured {iterations} iterations: {each}.",
        f"  Running {rounds} rounds x {iterations} iterations ...",
        f"  Ran for {whole}.",
    )


class FixtureAlreadyUsed(MeasureError):  # noqa: N818  (the name that users catch)
    """A second callable was measured in one test."""

    def __str__(self) -> str:
        """Say it in one line that ends as users match it, and the remedy in the next."""
        return f"{self.problem}\n[{self.code}] remedy: {self.remedy}"


class BenchmarkFixture(Benchmark):
    """Measures one callable a test; calling it returns the callable's own value."""

    _mode = ""

    def __init__(self, item: pytest.Item, session: Session) -> None:
        super().__init__(item, session)
        self._config = item.config

    def __call__(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Measure ``function(*args, **kwargs)`` and return its own value.

        Raises:
            FixtureAlreadyUsed: this test has measured something already.
        """
        self._enter("benchmark(...)")
        return super().__call__(function, *args, **kwargs)

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
        """Measure with rounds set by hand; several iterations are followed by one more call.

        Raises:
            FixtureAlreadyUsed: this test has measured something already.
        """
        self._enter("benchmark.pedantic(...)")
        value = super().pedantic(
            target, args, kwargs, setup, teardown, rounds, warmup_rounds, iterations
        )
        if iterations == 1 or self.disabled or awaits(target):
            return value
        made = arguments_of(setup, given=bool(args or kwargs))
        return once(Call(target, args, kwargs or {}, made, teardown))

    def _kept(self, result: Result[T]) -> Result[T]:
        logger = getattr(getattr(self._config, "_benchmarksession", None), "logger", None)
        if logger is not None:
            for line in told(result.wall_time, self.options):
                logger.debug(line)
        return super()._kept(result)

    def unused(self) -> Warning | None:
        """Give what to warn of at the end of a test that asked for the fixture in vain."""
        if self.used or self._mode or self.skipped:
            return None
        return PytestBenchmarkWarning("Benchmark fixture was not used at all in this test!")

    def _enter(self, mode: str) -> None:
        if self._mode and not self._label:
            self.has_error = True
            raise FixtureAlreadyUsed(
                f"Fixture can only be used once. Previously it was used in {self._mode} mode.",
                remedy='label each one, as in benchmark.labelled("parse")(parse), '
                "or choose --paceline-style=paceline",
            )
        self._mode = mode
