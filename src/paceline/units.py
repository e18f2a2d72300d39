"""Quantities as people write them ("5 %", "20 MiB", "3 ms", "10/s", "10x") and base units.

Base units: ``s`` (seconds), ``B`` (bytes), ``1`` (a ratio or count), ``1/s`` (per second).
Decimal prefixes are powers of 1000 (kB, MB), binary ones powers of 1024 (KiB, MiB); ``KB`` means
1024 bytes, as in the memory limits people already write.
"""

from __future__ import annotations

import difflib
import math
import re
from typing import NamedTuple

from paceline.errors import UnitError

__all__ = ["NAMES", "Scale", "format_quantity", "parse", "scale_for"]

NAMES = {"s": "seconds", "B": "bytes", "1": "a plain ratio", "1/s": "per second"}

_FACTORS: dict[str, dict[str, float]] = {
    "s": {
        "ns": 1e-9,
        "us": 1e-6,
        "µs": 1e-6,
        "μs": 1e-6,
        "ms": 1e-3,
        "s": 1.0,
        "sec": 1.0,
        "second": 1.0,
        "seconds": 1.0,
        "min": 60.0,
        "h": 3600.0,
    },
    "B": {
        "B": 1,
        "KB": 1024,
        "kB": 1000,
        "KiB": 1024,
        "MB": 1000**2,
        "MiB": 1024**2,
        "GB": 1000**3,
        "GiB": 1024**3,
    },
    "1": {"": 1.0, "x": 1.0, "×": 1.0, "%": 0.01},
    "1/s": {"/s": 1.0, "/min": 1 / 60, "/h": 1 / 3600, "k/s": 1e3, "M/s": 1e6, "ops/s": 1.0},
}
_QUANTITY = re.compile(r"\s*([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S.*?|)\s*")


class Scale(NamedTuple):
    """A unit to show figures in: ``value in base units / factor`` is the figure."""

    factor: float
    symbol: str


_SCALES: dict[str, tuple[Scale, ...]] = {
    "s": (Scale(1e-9, "ns"), Scale(1e-6, "µs"), Scale(1e-3, "ms"), Scale(1.0, "s")),
    "B": (Scale(1, "B"), Scale(1024, "KiB"), Scale(1024**2, "MiB"), Scale(1024**3, "GiB")),
    "1": (Scale(1.0, ""),),
    "1/s": (Scale(1.0, "/s"), Scale(1e3, "k/s"), Scale(1e6, "M/s")),
}


def parse(text: str, unit: str, *, bare: float | None = 1.0) -> float:
    """Read a quantity into its base unit.

    ``bare`` is what a number without a unit is multiplied by; None refuses such a number.

    Raises:
        UnitError: no number, or a unit that does not belong to ``unit``.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise UnitError(f"{text!r} is no quantity", remedy=_examples(unit))
    number, symbol = float(match[1]), match[2]
    if not math.isfinite(number):
        raise UnitError(f"{text!r} is not finite", remedy=_examples(unit))
    if not symbol:
        if bare is None:
            raise UnitError(f"{text!r} has no unit", remedy=_examples(unit))
        return number * bare
    factor = _FACTORS[unit].get(symbol)
    if factor is None:
        raise UnitError(f"{text!r} has the unknown unit {symbol!r}", remedy=_hint(symbol, unit))
    return number * factor


def scale_for(values: tuple[float, ...], unit: str) -> Scale:
    """Choose the one scale for a column: the largest in which the smallest figure is ≥ 1."""
    scales = _SCALES[unit]
    smallest = min((abs(value) for value in values if value), default=0.0)
    fitting = [scale for scale in scales if smallest >= scale.factor]
    return fitting[-1] if fitting else scales[0]


def format_quantity(value: float, unit: str, *, scale: Scale | None = None) -> str:
    """Write a quantity with four significant digits and its symbol, as in ``12.35 ms``."""
    chosen = scale or scale_for((value,), unit)
    figure = format_number(value / chosen.factor)
    return f"{figure} {chosen.symbol}".rstrip() if unit != "1/s" else f"{figure}{chosen.symbol}"


def format_number(figure: float) -> str:
    """Write a number with four significant digits, thousands apart, never in exponents."""
    if not math.isfinite(figure):
        return str(figure)
    size = abs(figure)
    whole = len(str(int(size))) if size >= 1 else 1
    return f"{figure:,.{max(0, 4 - whole)}f}"


def _examples(unit: str) -> str:
    example = {"s": "100 ms", "B": "5 MiB", "1": "10x or 5 %", "1/s": "10/s"}[unit]
    return f"write it as in {example!r}"


def _hint(symbol: str, unit: str) -> str:
    known = [name for name in _FACTORS[unit] if name]
    near = difflib.get_close_matches(symbol, known, n=1, cutoff=0.3)
    start = f"did you mean {near[0]!r}? " if near else ""
    return f"{start}known here: {', '.join(known)}"
