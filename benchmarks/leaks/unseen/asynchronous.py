"""Tasks, futures, queues and timers in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded, threads

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()


KEPT_TASKS: set[asyncio.Task[Any]] = set()


@leak(lambda: len(KEPT_TASKS), calls=2000)
async def tasks_never_done() -> None:
    """Start a task that waits for what never comes."""
    task = asyncio.create_task(asyncio.Event().wait())
    KEPT_TASKS.add(task)
    await asyncio.sleep(0)


LONG: dict[str, Any] = {"future": None, "added": 0}


@leak(lambda: LONG["added"])
async def callbacks_of_long_future() -> None:
    """Add one more callback to a future that stays pending."""
    if LONG["future"] is None:
        LONG["future"] = asyncio.get_running_loop().create_future()
    number = next(CALLS)
    LONG["future"].add_done_callback(lambda _: number)
    LONG["added"] += 1


INBOX: asyncio.Queue[bytes] = asyncio.Queue()


@leak(INBOX.qsize)
async def queue_only_filled() -> None:
    """Put a message into a queue that nobody reads."""
    await INBOX.put(bytes(SIZE))


STREAMS: list[AsyncGenerator[int, None]] = []


async def _stream(start: int) -> AsyncGenerator[int, None]:
    for number in range(start, start + 9):
        yield number


@leak(lambda: len(STREAMS))
async def streams_left_open() -> None:
    """Read one value of an asynchronous generator and keep it open."""
    stream = _stream(next(CALLS))
    await anext(stream)
    STREAMS.append(stream)


MUTEX = asyncio.Lock()
QUEUED: list[asyncio.Task[Any]] = []


@leak(lambda: len(QUEUED), each=0.5, calls=2000)
async def waiters_of_lock() -> None:
    """Queue one more task behind a lock that is never released, every other call."""
    if next(CALLS) % 2:
        QUEUED.append(asyncio.create_task(MUTEX.acquire()))
    await asyncio.sleep(0)


@harmless(lambda: len(asyncio.all_tasks()), most=3)
async def tasks_awaited() -> None:
    """Start three tasks and await them."""
    await asyncio.gather(*(_soon() for _ in range(3)))


async def _soon() -> bytes:
    await asyncio.sleep(0)
    return bytes(SIZE)


@harmless(lambda: len(asyncio.all_tasks()), most=3)
async def tasks_cancelled() -> None:
    """Start a task and cancel it."""
    task = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


OUTBOX: asyncio.Queue[int] = asyncio.Queue(maxsize=80)


@harmless(OUTBOX.qsize, most=80)
async def queue_emptied_when_full() -> None:
    """Fill a queue of eighty and empty it then."""
    OUTBOX.put_nowait(next(CALLS))
    if OUTBOX.full():
        while not OUTBOX.empty():
            OUTBOX.get_nowait()


async def _ticks() -> AsyncIterator[int]:
    for number in range(4):
        await asyncio.sleep(0)
        yield number


@harmless()
async def stream_read_to_end() -> int:
    """Read an asynchronous generator to its end."""
    return sum([number async for number in _ticks()])


PERMITS = asyncio.Semaphore(2)


@harmless()
async def permits_given_back() -> None:
    """Take turns at a semaphore."""
    await asyncio.gather(*(_permitted() for _ in range(4)))


async def _permitted() -> None:
    async with PERMITS:
        await asyncio.sleep(0)


@harmless(calls=9000)
def loop_of_its_own() -> None:
    """Run an event loop from start to end within the call."""
    asyncio.run(_spin())


async def _spin() -> None:
    await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))


@harmless(threads, most=40, calls=300)
async def work_in_threads() -> None:
    """Leave work to the loop's threads, of which there are a few."""
    await asyncio.to_thread(sum, range(100))
