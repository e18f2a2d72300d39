"""Metric: a named quantity with a base unit and a better direction."""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["METRICS", "Better", "Metric"]


class Better(enum.Enum):
    """Which way a metric improves."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True)
class Metric:
    """A named quantity; ``unit`` is one of the base units s, B, 1, 1/s."""

    name: str
    unit: str
    better: Better = Better.LOWER
    help: str = ""


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("wall_time", "s", Better.LOWER, "Elapsed time of one call, overhead subtracted."),
        Metric("first_call", "s", Better.LOWER, "Elapsed time of the very first call, cold."),
        Metric(
            "compile_time", "s", Better.LOWER, "What warming up cost beyond the same calls warm."
        ),
        Metric("cpu_share", "1", Better.LOWER, "Processor time of this process over wall time."),
        Metric("throughput", "1/s", Better.HIGHER, "Items or bytes per second, from wall_time."),
        Metric("peak_memory", "B", Better.LOWER, "Python bytes allocated at the peak of a call."),
    )
}
