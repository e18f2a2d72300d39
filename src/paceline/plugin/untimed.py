"""Untimed: run a benchmark's code once, where benchmarks are disabled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from paceline.engine.benchmark import in_event_loop

if TYPE_CHECKING:
    from paceline.probes.benchmark import Call

__all__ = ["once"]

T = TypeVar("T")


def once(call: Call[T]) -> T:
    """Call once with its setup and teardown; inside an event loop give what is to be awaited."""
    if call.awaits:
        work = _awaited(call)
        return work if in_event_loop() else asyncio.run(work)  # type: ignore[return-value]
    args, kwargs = call.prepared()
    try:
        return call.function(*args, **kwargs)
    finally:
        if call.teardown is not None:
            call.teardown(*args, **kwargs)


async def _awaited(call: Call[Any]) -> Any:
    args, kwargs = call.prepared()
    try:
        return await call.function(*args, **kwargs)
    finally:
        if call.teardown is not None:
            call.teardown(*args, **kwargs)
