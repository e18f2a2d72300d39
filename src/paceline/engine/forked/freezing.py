"""Freezing: what all workers share is kept from the collector, until someone has to see it."""

from __future__ import annotations

import contextlib
import functools
import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["frozen", "thaw"]

_frozen = False


@contextlib.contextmanager
def frozen() -> Iterator[None]:
    """Keep the collector from touching what all processes share, until someone asks it for that."""
    _freeze()
    try:
        yield
    finally:
        _freeze()


def _freeze() -> None:
    global _frozen  # noqa: PLW0603  (as the collector's own list: one a process)
    gc.freeze()
    if not _frozen:
        _put(_THAWING, instead_of=_LOOKS)
    _frozen = True


def thaw() -> None:
    """Give back to the collector's lists what was frozen for workers: none of them names it else.

    From then on this process has its own copy of the memory that the collector writes to.
    """
    global _frozen  # noqa: PLW0603  (as above)
    if _frozen:
        gc.unfreeze()
        _put(_LOOKS, instead_of=_THAWING)
        _frozen = False


def _thawing(look: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    @functools.wraps(look)
    def thawed(*objects: Any, **keywords: Any) -> list[Any]:
        thaw()
        return [one for one in look(*objects, **keywords) if one is not objects]

    return thawed


def _put(
    functions: dict[str, Callable[..., list[Any]]], instead_of: dict[str, Callable[..., list[Any]]]
) -> None:
    for name, function in functions.items():
        if getattr(gc, name) is instead_of[name]:  # not what somebody else has put there
            setattr(gc, name, function)


# An audit hook would hear everyone who looks, and slow all that is audited: id() by four times,
# and with it copies and what else is measured here.
_LOOKS: dict[str, Callable[..., list[Any]]] = {
    "get_objects": gc.get_objects,
    "get_referrers": gc.get_referrers,
}
"""Who asks the collector for objects this way would not be told of frozen ones."""

_THAWING = {name: _thawing(look) for name, look in _LOOKS.items()}
