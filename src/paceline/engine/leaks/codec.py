"""Codec: a result as builtins, for the pipe between two processes and for the JSON document."""

from __future__ import annotations

import math
from typing import Any

from paceline.errors import Place
from paceline.stats.leak import Holder, LeakResult, LeakVerdict, Resource, Smallest

__all__ = ["decode", "encode"]


def encode(result: LeakResult) -> dict[str, Any]:
    """Give a result as lists, dicts, numbers and text."""
    small = result.smallest
    return {
        "name": result.name,
        "place": result.place,
        "verdict": result.verdict.value,
        "because": result.because,
        "calls": result.calls,
        "seconds": result.seconds,
        "resources": [
            (one.name, one.unit, one.verdict.value, one.point, one.low, one.high, one.growth)
            for one in result.resources
        ],
        "holders": [
            (one.name, one.place, one.count, one.size, one.length, one.bound, one.keyed)
            for one in result.holders
        ],
        "smallest": [
            one if math.isfinite(one) else None
            for one in (small.object_calls, small.handle_calls, small.size)
        ],
        "unsure": result.unsure,
    }


def decode(found: dict[str, Any]) -> LeakResult:
    """Make a result from builtins."""
    return LeakResult(
        name=found["name"],
        verdict=LeakVerdict(found["verdict"]),
        because=found["because"],
        calls=found["calls"],
        seconds=found["seconds"],
        place=_place(found["place"]),
        resources=tuple(
            Resource(name, unit, LeakVerdict(verdict), *figures)
            for name, unit, verdict, *figures in found["resources"]
        ),
        holders=tuple(
            Holder(name, _place(place), *figures) for name, place, *figures in found["holders"]
        ),
        smallest=Smallest(*(math.inf if one is None else one for one in found["smallest"])),
        unsure=found["unsure"],
    )


def _place(found: Any) -> Place | None:
    return Place(*found) if found else None
