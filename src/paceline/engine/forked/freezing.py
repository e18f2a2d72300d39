"""Freezing: what all workers share is kept from the collector, until someone has to see it."""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["frozen", "thaw"]

_LOOKS = frozenset({"gc.get_objects", "gc.get_referrers"})
"""Audit events of who asks the collector for objects, and would not be told of frozen ones."""

_frozen = False
_heard = False


@contextlib.contextmanager
def frozen() -> Iterator[None]:
    """Keep the collector from touching what all processes share, until someone asks it for that."""
    global _heard  # noqa: PLW0603  (as the collector's own list: one a process)
    if not _heard:
        _heard = True
        sys.addaudithook(_thaw_for)
    _freeze()
    try:
        yield
    finally:
        _freeze()


def _freeze() -> None:
    global _frozen  # noqa: PLW0603  (as above)
    gc.freeze()
    _frozen = True


def _thaw_for(event: str, _: object) -> None:
    if event in _LOOKS:
        thaw()


def thaw() -> None:
    """Give back to the collector's lists what was frozen for workers: none of them names it else.

    From then on this process has its own copy of the memory that the collector writes to.
    """
    global _frozen  # noqa: PLW0603  (as above)
    if _frozen:
        gc.unfreeze()
        _frozen = False
