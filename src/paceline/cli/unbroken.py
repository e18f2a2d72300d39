"""Unbroken: an interrupt that waits until a piece of work is done."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["unbroken"]


@contextlib.contextmanager
def unbroken() -> Iterator[None]:
    """Put a Ctrl-C off to the end of the block; a second one comes through at once.

    Raises:
        KeyboardInterrupt: at the end, when one came.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    held: list[int] = []

    def hold(number: int, _frame: object) -> None:
        held.append(number)
        if len(held) > 1:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt
