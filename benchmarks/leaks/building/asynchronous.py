"""Tasks, futures, queues and timers in one event loop."""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()


async def _beat() -> None:
    await asyncio.Event().wait()


@leak(lambda: len(asyncio.all_tasks()), each=0.1)
async def heartbeat_every_tenth() -> None:
    """Start a heartbeat one call in ten, which nobody stops."""
    if next(CALLS) % 10 == 0:
        BEATS.append(asyncio.create_task(_beat()))
    await asyncio.sleep(0)


BEATS: list[asyncio.Task[None]] = []

WAITERS: dict[int, asyncio.Future[bytes]] = {}


@leak(lambda: len(WAITERS))
async def replies_never_matched() -> None:
    """Keep a future for a reply that never arrives."""
    WAITERS[next(CALLS)] = asyncio.get_running_loop().create_future()


URGENT: asyncio.PriorityQueue[tuple[int, float]] = asyncio.PriorityQueue()


@leak(URGENT.qsize, each=0.25)
async def priorities_every_fourth() -> None:
    """Put with a priority one call in four, take none."""
    number = next(CALLS)
    if number % 4 == 0:
        URGENT.put_nowait((number, SOURCE.random()))
    await asyncio.sleep(0)


TIMERS = {"set": 0}


@leak(lambda: TIMERS["set"])
async def timers_far_ahead() -> None:
    """Set a timer for tomorrow with each call."""
    asyncio.get_running_loop().call_later(86_400, int, next(CALLS))
    TIMERS["set"] += 1


GATE = asyncio.Event()


@leak(lambda: len(GATE._waiters), calls=2000)  # noqa: SLF001  (its own count)
async def waiters_of_event() -> None:
    """Let one more task wait for an event that is never set."""
    HELD_WAITERS.append(asyncio.create_task(GATE.wait()))
    await asyncio.sleep(0)


HELD_WAITERS: list[asyncio.Task[Any]] = []


@harmless(lambda: len(asyncio.all_tasks()), most=3)
async def group_of_tasks() -> None:
    """Run some tasks in a group."""
    async with asyncio.TaskGroup() as group:
        for _ in range(SOURCE.randrange(1, 6)):
            group.create_task(asyncio.sleep(0))


@harmless(lambda: len(asyncio.get_running_loop()._scheduled), most=110)  # noqa: SLF001
async def timers_cancelled() -> None:
    """Set a timer far ahead and cancel it: the loop sweeps the cancelled now and then."""
    asyncio.get_running_loop().call_later(3600, int).cancel()
    await asyncio.sleep(0)


MAILBOX: asyncio.Queue[int] = asyncio.Queue()


@harmless(MAILBOX.qsize, most=3)
async def queue_drained() -> None:
    """Put three and take three."""
    for number in range(3):
        await MAILBOX.put(number)
    while not MAILBOX.empty():
        await MAILBOX.get()


@harmless()
async def stream_closed_early() -> None:
    """Read one value and close the asynchronous generator."""
    stream = _steps()
    await anext(stream)
    await stream.aclose()


async def _steps() -> AsyncGenerator[int, None]:
    for number in range(9):
        yield number


@harmless()
async def waited_in_time() -> None:
    """Wait for a future that is done in time."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(future.set_result, bytes(SIZE))
    await asyncio.wait_for(future, timeout=60)


@harmless(calls=1500)
def loop_closed() -> None:
    """Make a loop, run something and close it."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        loop.close()


BACKGROUND: set[asyncio.Task[None]] = set()


@harmless(lambda: len(BACKGROUND), most=4)
async def background_tasks() -> None:
    """Start background tasks that take themselves out of the set when done."""
    task = asyncio.create_task(asyncio.sleep(0))
    BACKGROUND.add(task)
    task.add_done_callback(BACKGROUND.discard)
    await asyncio.sleep(0)
