"""What can be set about a benchmark's rounds."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["BenchmarkOptions", "Collector", "Warmup"]


class Warmup(enum.Enum):
    """How long the code is run before rounds count."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"

    @classmethod
    def _missing_(cls, value: object) -> Warmup | None:
        """Take the words for yes and no that pytest-benchmark takes."""
        return _WARMUP_WORDS.get(str(value))


_WARMUP_WORDS = {
    **dict.fromkeys(("true", "yes", "1", ""), Warmup.ON),
    **dict.fromkeys(("false", "no", "0", "none"), Warmup.OFF),
}


class Collector(enum.Enum):
    """What Python's cyclic garbage collector does while rounds are taken."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class BenchmarkOptions:
    """Times in seconds; ``precision`` is relative to the centre."""

    section: ClassVar[str] = "benchmark"

    min_time: float = option(
        100e-6,
        unit="s",
        least=0,
        flag="--benchmark-min-time",
        metavar="SECONDS",
        help="The shortest round: iterations are added until a round lasts this long.",
    )
    max_time: float = option(
        1.0,
        unit="s",
        least=0,
        flag="--benchmark-max-time",
        metavar="SECONDS",
        help="The cap on one benchmark's time, warm-up included.",
    )
    min_rounds: int = option(
        5,
        least=1,
        flag="--benchmark-min-rounds",
        metavar="NUM",
        help="The fewest rounds, even beyond the cap.",
    )
    precision: float = option(
        0.01,
        unit="1",
        least=0,
        most=1,
        flag="--benchmark-precision",
        metavar="FRACTION",
        help="The half width of the median's interval at which sampling may end; 0 uses the cap.",
    )
    confidence: float = option(
        0.95,
        unit="1",
        least=0.5,
        most=0.9999,
        flag="--benchmark-confidence",
        metavar="FRACTION",
        help="The confidence level of the intervals.",
    )
    warmup: Warmup = option(
        Warmup.AUTO,
        flag="--benchmark-warmup",
        metavar="KIND",
        alone="on",
        help="Warm up until the series is level (auto), for a fixed count (on), or not (off).",
    )
    warmup_iterations: int = option(
        100_000,
        least=0,
        flag="--benchmark-warmup-iterations",
        metavar="NUM",
        help="The most calls that a warm-up may take.",
    )
    collector: Collector = option(
        Collector.OFF,
        flags={"--benchmark-disable-gc": Collector.OFF, "--benchmark-enable-gc": Collector.ON},
        help="Whether Python's garbage collector runs while rounds are taken.",
    )
    timer: str = option(
        "time.perf_counter",
        flag="--benchmark-timer",
        metavar="FUNC",
        help="The clock, as module.function.",
    )
    calibration_precision: int = option(
        10,
        least=1,
        flag="--benchmark-calibration-precision",
        metavar="NUM",
        help="How many times the clock's resolution a round lasts at least.",
    )
    memory: bool = option(
        False,
        flags={"--benchmark-memory": True},
        help="Measure the peak of Python bytes in one extra, untimed call.",
    )
