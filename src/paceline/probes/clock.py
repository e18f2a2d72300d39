"""The clock: which timer, how fine it really is, and how it is found by name."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from paceline.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "Real", "clock_of", "find_timer"]

_READINGS = 200
_PATIENCE = 1_000_000
_FINEST = 1e-9  # seconds; what is far below it is rounding


class Real:
    """The clocks as they were when this module was loaded: tests that freeze time replace them."""

    monotonic = staticmethod(time.monotonic)
    perf_counter = staticmethod(time.perf_counter)
    process_time = staticmethod(time.process_time)


@dataclass(frozen=True, slots=True)
class Clock:
    """A timer in seconds, its ``name`` and its ``resolution``: the finest difference it shows."""

    timer: Callable[[], float]
    name: str
    resolution: float


def clock_of(timer: Callable[[], float] = Real.perf_counter) -> Clock:
    """Look at a timer's readings to learn its resolution, in seconds."""
    return Clock(timer, _name(timer), _resolution(timer))


def find_timer(name: str) -> Callable[[], float]:
    """Find a timer by its dotted name, such as ``time.process_time``.

    Raises:
        SettingsError: no such module or function, or it gives no number.
    """
    module, _, attribute = name.rpartition(".")
    try:
        home = Real if module == "time" and hasattr(Real, attribute) else None
        timer: Callable[[], float] = getattr(home or importlib.import_module(module), attribute)
        if not isinstance(timer(), float):
            raise TypeError("it gives no float, and seconds are needed")  # noqa: TRY301  (as misfits)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise SettingsError(
            f"{name!r} is no timer: {error}",
            remedy="name a function that gives seconds, such as time.perf_counter",
        ) from error
    return timer


def _name(timer: Callable[[], float]) -> str:
    module = getattr(timer, "__module__", "") or ""
    return f"{module}.{getattr(timer, '__name__', repr(timer))}".lstrip(".")


def _resolution(timer: Callable[[], float]) -> float:
    """Find the finest difference that two readings can show.

    Steps between readings hold the cost of reading; how those steps differ does not. A clock too
    coarse to step between readings is waited for.
    """
    readings = [timer() for _ in range(_READINGS)]
    steps = {later - earlier for earlier, later in pairwise(readings)}
    if len(steps) == 1:
        steps = {0.0, _next_step(timer)}
    ordered = sorted(steps)
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    return max(min((gap for gap in gaps if gap > _FINEST / 2), default=_FINEST), _FINEST)


def _next_step(timer: Callable[[], float]) -> float:
    start = now = timer()
    for _ in range(_PATIENCE):
        now = timer()
        if now > start:
            break
    return now - start
