"""Remember answers for a while, and no more of them than fit."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Cache"]

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Keeps the answers used last; each for so many seconds."""

    def __init__(
        self, *, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self.hits = self.misses = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Give the answer for a key, made anew where it is unknown or too old."""
        now = self._clock()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < self._seconds:
            self.hits += 1
            self._kept.move_to_end(key)
            return kept[1]
        self.misses += 1
        value = make()
        self._kept[key] = (now, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value
