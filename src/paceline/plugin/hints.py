"""Hints: what a test most likely meant when it read statistics off the wrong object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.stats.summary import STATISTICS

if TYPE_CHECKING:
    from paceline.plugin.benchmark import Benchmark

__all__ = ["hint_for"]

_NAMES = frozenset((*STATISTICS, "stats", "statistics"))
_KEYS = frozenset(str((name,)) for name in _NAMES)
_SUBSCRIPT = ("is not subscriptable", "indices must be")


def hint_for(error: BaseException, benchmark: Benchmark) -> str:
    """Give a sentence for an error that comes from reading figures off a plain value, else ""."""
    if not benchmark.used:
        return ""
    if isinstance(error, AttributeError) and error.name in _NAMES:
        if error.obj is None and benchmark.stats is None:
            return "benchmark.stats is None: benchmarks run once, untimed, in this run"
        return _VALUE_HINT if error.obj is benchmark.value else ""
    if isinstance(error, KeyError) and str(error.args[:1]) in _KEYS:
        return _VALUE_HINT if isinstance(benchmark.value, dict) else ""
    if isinstance(error, TypeError) and any(words in str(error) for words in _SUBSCRIPT):
        named = type(benchmark.value).__name__ in str(error) or "indices" in str(error)
        return _VALUE_HINT if named else ""
    return ""


_VALUE_HINT = (
    "benchmark(...) returns the function's own value; its statistics are at"
    " benchmark.stats.mean (or ['mean']), or ask for a result:"
    " result = benchmark.measure(function); result.statistics.mean"
)
