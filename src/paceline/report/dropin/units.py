"""Scale a whole table by one decimal prefix, as users of pytest-benchmark read it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from paceline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["TITLES", "Scale", "operations_scale", "scale_of", "time_scale"]


class Scale(NamedTuple):
    """A prefix ("n", "u", "m", "" or "K", "M") and the factor that a base figure is taken times."""

    prefix: str
    factor: float


TITLES = {
    "": "Seconds",
    "m": "Milliseconds (ms)",
    "u": "Microseconds (us)",
    "n": "Nanoseconds (ns)",
}
_FIXED = {
    "ns": Scale("n", 1e9),
    "us": Scale("u", 1e6),
    "ms": Scale("m", 1e3),
    "s": Scale("", 1.0),
}


def time_scale(seconds: float) -> Scale:
    """Choose the prefix in which a time is 1 or more, down to nanoseconds."""
    for name, below in (("ns", 1e-6), ("us", 1e-3), ("ms", 1.0)):
        if seconds < below:
            return _FIXED[name]
    return _FIXED["s"]


def operations_scale(rate: float) -> Scale:
    """Choose the prefix of operations per second."""
    if rate > 1e6:  # noqa: PLR2004  (mega)
        return Scale("M", 1e-6)
    return Scale("K", 1e-3) if rate > 1e3 else Scale("", 1.0)  # noqa: PLR2004  (kilo)


def scale_of(  # noqa: PLR0913  (the hook's own arguments)
    unit: str,
    benchmarks: Sequence[Mapping[str, Any]],
    *,
    best: Mapping[str, float],
    worst: Mapping[str, float],
    sort: str,
    time_unit: str | None = None,
) -> Scale:
    """Scale times by the best figure of the sorted column, operations by the worst.

    ``unit`` is "seconds" or "operations"; a ``time_unit`` other than None and "auto" is taken for
    both, as that plugin does.

    Raises:
        UsageError: another unit.
    """
    if time_unit not in {None, "auto"}:
        return _fixed(time_unit)
    if unit == "seconds":
        column = sort if sort in best else "min"
        return time_scale(best.get(column, benchmarks[0].get("min", math.nan)))
    if unit == "operations":
        return operations_scale(worst.get("ops", benchmarks[0].get("ops", math.nan)))
    raise UsageError(
        f"Unexpected measurement unit {unit!r}", remedy="ask for seconds or operations"
    )


def _fixed(time_unit: str | None) -> Scale:
    if time_unit not in _FIXED:
        raise UsageError(
            f"{time_unit!r} is no unit of time for a table",
            remedy=f"write {', '.join(_FIXED)} or auto",
        )
    return _FIXED[time_unit]
