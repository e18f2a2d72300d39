"""Threads, executors, queues between them and what they hold."""

from __future__ import annotations

import queue
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded, threads

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()


@leak(threads, calls=200)
def daemon_never_ended() -> None:
    """Start a daemon that waits for ever."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()


@leak(threads, each=0.5, calls=400)
def timer_never_cancelled() -> None:
    """Start a timer for tomorrow every other call."""
    if next(CALLS) % 2:
        timer = threading.Timer(86_400, int)
        timer.daemon = True
        timer.start()


JOBS: queue.Queue[bytes] = queue.Queue()


@leak(JOBS.qsize)
def jobs_never_taken() -> None:
    """Put a job into a queue without a worker."""
    JOBS.put(bytes(SIZE))


class _Worker:
    """One daemon that lives for ever and keeps things in its thread's own variables."""

    def __init__(self) -> None:
        self.local = threading.local()
        self.work: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.started = False

    def ask(self, number: int) -> int:
        """Hand a number over and wait for the answer."""
        if not self.started:
            self.started = True
            threading.Thread(target=self._run, daemon=True).start()
        self.work.put(number)
        return self.done.get()

    def _run(self) -> None:
        self.local.seen = []
        while True:
            self.local.seen.append(self.work.get() + 5000)
            self.done.put(len(self.local.seen))


WORKER = _Worker()
ANSWERS = {"last": 0}


@leak(lambda: ANSWERS["last"], calls=3000)
def local_of_immortal_thread() -> None:
    """Let an immortal thread keep one more number in its own variables."""
    ANSWERS["last"] = WORKER.ask(next(CALLS))


ENDED: list[threading.Thread] = []


@leak(lambda: len(ENDED), calls=1500)
def ended_threads_kept() -> None:
    """Keep threads that have ended."""
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    ENDED.append(thread)


@harmless(threads, most=7, calls=400)
def several_joined() -> None:
    """Start up to five threads and join them."""
    started = [threading.Thread(target=bytes, args=(SIZE,)) for _ in range(SOURCE.randrange(1, 6))]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


POOL = ThreadPoolExecutor(4)


@harmless(threads, most=6, calls=3000)
def pool_reused() -> None:
    """Give work to a pool of four."""
    assert sum(POOL.map(abs, (-1, -2, -3))) == 6


@harmless(threads, most=4, calls=400)
def barrier_passed() -> None:
    """Meet another thread at a barrier."""
    barrier = threading.Barrier(2)
    thread = threading.Thread(target=barrier.wait)
    thread.start()
    barrier.wait()
    thread.join()


BOUNCED: queue.SimpleQueue[bytes] = queue.SimpleQueue()


@harmless(BOUNCED.qsize, most=1)
def put_and_got() -> None:
    """Put one and get it."""
    BOUNCED.put(bytes(SIZE))
    BOUNCED.get()


SERVANT: dict[str, Any] = {}


def _serve(asked: queue.SimpleQueue[int], said: queue.SimpleQueue[int]) -> None:
    while True:
        said.put(asked.get() + 1)


@harmless(threads, most=3, calls=3000)
def servant_started_once() -> int:
    """Start a servant by the first call, ask it ever after."""
    if not SERVANT:
        SERVANT["asked"], SERVANT["said"] = queue.SimpleQueue(), queue.SimpleQueue()
        arguments = (SERVANT["asked"], SERVANT["said"])
        threading.Thread(target=_serve, args=arguments, daemon=True).start()
    SERVANT["asked"].put(next(CALLS))
    answer: int = SERVANT["said"].get()
    return answer
