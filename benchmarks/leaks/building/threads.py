"""Threads, executors, queues between them and what they hold."""

from __future__ import annotations

import queue
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded, threads

SOURCE = seeded()
SIZE = SOURCE.choice((16, 40, 64))
CALLS = count()


@leak(threads, calls=200)
def thread_until_the_end() -> None:
    """Start a thread, no daemon, that waits until the main thread is done."""
    threading.Thread(target=threading.main_thread().join).start()


EXECUTORS: list[ThreadPoolExecutor] = []


@leak(threads, calls=200)
def executors_never_shut() -> None:
    """Make an executor of one thread, give it work, keep it."""
    executor = ThreadPoolExecutor(1)
    executor.submit(int).result()
    EXECUTORS.append(executor)


RESULTS: queue.SimpleQueue[int] = queue.SimpleQueue()


@leak(RESULTS.qsize, each=0.1)
def results_never_read() -> None:
    """Put a result into a simple queue, one call in ten."""
    number = next(CALLS)
    if number % 10 == 0:
        RESULTS.put(number + 10_000)


BY_THREAD: dict[str, list[int]] = {}


def _note() -> None:
    BY_THREAD[threading.current_thread().name] = [1, 2, 3]


@leak(lambda: len(BY_THREAD), calls=1500)
def dictionary_by_thread_name() -> None:
    """Note something under the name of a thread that ends."""
    thread = threading.Thread(target=_note, name=f"worker {next(CALLS)}")
    thread.start()
    thread.join()


FUTURES: list[Future[int]] = []
ONE = ThreadPoolExecutor(1)


@leak(lambda: len(FUTURES), calls=3000)
def futures_kept() -> None:
    """Keep every future of a pool that is reused."""
    future = ONE.submit(abs, next(CALLS) + 300)
    future.result()
    FUTURES.append(future)


@harmless(threads, most=3, calls=1500)
def started_and_joined() -> None:
    """Start a thread and join it."""
    thread = threading.Thread(target=sum, args=(range(50),))
    thread.start()
    thread.join()


@harmless(threads, most=5, calls=400)
def executor_left() -> None:
    """Use an executor and leave it."""
    with ThreadPoolExecutor(2) as executor:
        executor.submit(int).result()


@harmless(threads, most=3, calls=1000)
def timer_cancelled() -> None:
    """Start a timer, cancel and join it."""
    timer = threading.Timer(3600, int)
    timer.start()
    timer.cancel()
    timer.join()


TRAY: queue.Queue[int] = queue.Queue(maxsize=50)


@harmless(TRAY.qsize, most=50)
def tray_emptied() -> None:
    """Fill a queue of fifty and empty it then."""
    TRAY.put_nowait(next(CALLS))
    if TRAY.full():
        while not TRAY.empty():
            TRAY.get_nowait()


OWN = threading.local()


def _keep_own() -> None:
    OWN.rows = [bytes(SIZE) for _ in range(10)]


@harmless(threads, most=3, calls=1000)
def local_of_mortal_thread() -> None:
    """Set a thread's own variables in a thread that ends."""
    thread = threading.Thread(target=_keep_own)
    thread.start()
    thread.join()
