"""Freezing: what all workers share is kept from the collector, until someone has to see it."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["frozen", "thaw"]

_frozen = False


@contextlib.contextmanager
def frozen() -> Iterator[None]:
    """Keep the collector from touching what all processes share, as long as they do."""
    global _frozen  # noqa: PLW0603  (as the collector's own list: one a process)
    gc.freeze()
    _frozen = True
    try:
        yield
    finally:
        gc.freeze()


def thaw() -> None:
    """Give back to the collector's lists what was frozen for workers: none of them names it else.

    From then on this process has its own copy of the memory that the collector writes to.
    """
    global _frozen  # noqa: PLW0603  (as above)
    if _frozen:
        gc.unfreeze()
        _frozen = False
