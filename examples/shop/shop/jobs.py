"""Work that is done later: a queue with a thread, retries and a payment service that takes time."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Jobs", "PaymentService", "RefusedError", "retried"]


class RefusedError(Exception):
    """The other side did not take it."""


class PaymentService:
    """Stands for the payment provider's test system: it answers after a while, at times not at all.

    It waits ``seconds`` for each request, as a network and another company's computer would; the
    first ``failures`` requests are refused.
    """

    def __init__(self, *, seconds: float, failures: int = 0) -> None:
        self._seconds = seconds
        self._failures = failures
        self.requests = 0

    def pay(self, order: int, cents: int) -> str:
        """Take a payment and give its receipt."""
        time.sleep(self._seconds)
        self.requests += 1
        if self.requests <= self._failures:
            raise RefusedError(f"order {order}: try again")
        return f"paid-{order}-{cents}"


def retried(call: Callable[[], str], *, times: int, pause: float) -> str:
    """Call again after a refusal, each time after twice the pause, in seconds."""
    for number in itertools.count(1):
        try:
            return call()
        except RefusedError:
            if number >= times:
                raise
            time.sleep(pause * 2 ** (number - 1))
    raise AssertionError("unreachable")


class Jobs:
    """Runs jobs one after another in a thread of its own."""

    def __init__(self) -> None:
        self._states: dict[int, str] = {}
        self._numbers = itertools.count(1)
        self._waiting: queue.Queue[tuple[int, Callable[[], object]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def submit(self, job: Callable[[], object]) -> int:
        """Queue a job and give its number."""
        number = next(self._numbers)
        self._states[number] = "waiting"
        self._waiting.put((number, job))
        return number

    def state(self, number: int) -> str:
        """Give the state of a job: waiting, running, done or failed."""
        return self._states[number]

    def close(self) -> None:
        """End after the jobs that are queued."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (taken := self._waiting.get()) is not None:
            number, job = taken
            self._states[number] = "running"
            try:
                job()
            except RefusedError:
                self._states[number] = "failed"
            else:
                self._states[number] = "done"
