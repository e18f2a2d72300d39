"""How many workers a run gets: from cores, memory, the suite, or as the user says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

__all__ = ["Capacity", "Choice", "choose_workers"]

_GB = 10**9
_SMALL = ((4 * _GB, 2), (8 * _GB, 4))  # below so many bytes in all, at most so many workers
_PAYS = 0.3  # seconds of tests below which further workers cost more than they gain


@dataclass(frozen=True, slots=True)
class Capacity:
    """What this machine grants a run.

    ``cores`` are processors after affinity and quota; ``memory`` is at hand and ``total`` what
    there is or may be used, in bytes, each 0 where not known.
    """

    cores: float
    memory: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """A number of workers and what decided it."""

    count: int
    because: str


def choose_workers(  # noqa: PLR0913  (what a number of workers depends on, by name)
    capacity: Capacity,
    *,
    tests: int,
    seconds: float,
    peak: int = 0,
    asked: int | Literal["auto"] = "auto",
    cap: int = 0,
) -> Choice:
    """Choose the number of workers for so many tests that take so many seconds together.

    ``peak`` is what one worker needs, in bytes, 0 where not known; ``cap`` limits what is chosen
    automatically, 0 does not. A number that was asked for is obeyed.
    """
    most = max(1, tests)
    if asked != "auto":
        if asked > most:
            return Choice(most, f"{asked} asked for, {_tests(tests)}")
        return Choice(max(1, asked), f"{max(1, asked)} asked for")
    limits = [(max(1, math.floor(capacity.cores)), f"{capacity.cores:g} cores")]
    limits += [
        (count, f"less than {size // _GB} GB of memory in all")
        for size, count in _SMALL
        if 0 < capacity.total < size
    ]
    if peak and capacity.memory:
        fitting = max(1, capacity.memory // peak)
        limits.append((fitting, f"memory at hand holds {fitting} of {_megabytes(peak)} each"))
    if cap:
        limits.append((max(1, cap), f"at most {max(1, cap)} by setting"))
    limits.append((most, _tests(tests)))
    if seconds < _PAYS:
        limits.append((1, f"tests take {seconds:.2g} s in all, more would not pay"))
    return Choice(*min(limits, key=lambda limit: limit[0]))


def _tests(count: int) -> str:
    return f"{count} test" if count == 1 else f"{count} tests"


def _megabytes(size: int) -> str:
    return f"{math.ceil(size / 10**6)} MB"
