"""Memory: the peak of Python bytes while a block runs."""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["traced_peak"]


@contextmanager
def traced_peak() -> Iterator[list[float]]:
    """Trace the block and leave in the list the most bytes held above those before it.

    The list stays empty when someone else is tracing memory already: their figures stay theirs.
    """
    peak: list[float] = []
    if tracemalloc.is_tracing():
        yield peak
        return
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        yield peak
        _, most = tracemalloc.get_traced_memory()
        peak.append(float(max(0, most - before)))
    finally:
        tracemalloc.stop()
