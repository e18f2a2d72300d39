"""Caches: without a bound, with one, and with one so wide that it only fills."""

from __future__ import annotations

import fnmatch
import functools
import re
import struct
import sys
import weakref
from collections import OrderedDict
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import filling, harmless, leak, seeded

SOURCE = seeded()
SIZE = SOURCE.choice((16, 32, 60))
CALLS = count(1000)


@functools.cache
def _area(width: int, height: int) -> int:
    return width * height


@leak(lambda: _area.cache_info().currsize)
def cache_of_arguments() -> None:
    """Ask a cache without a bound for arguments that never come again."""
    _area(next(CALLS), 3)


PARSED: dict[int, tuple[Any, int]] = {}


@leak(lambda: len(PARSED))
def keyed_by_identity() -> None:
    """Remember an object by its identity, the object itself kept so that it stays valid."""
    thing = object()
    PARSED[id(thing)] = (thing, 1)


PATTERNS: dict[str, re.Pattern[str]] = {}


@leak(lambda: len(PATTERNS), calls=1500)
def compiled_kept() -> None:
    """Keep a compiled pattern a call."""
    text = f"item{next(CALLS)}"
    PATTERNS[text] = re.compile(text)


class _Image:
    """Can be referred to weakly."""

    def __init__(self) -> None:
        self.data = bytes(SIZE)


BY_NAME: weakref.WeakValueDictionary[int, _Image] = weakref.WeakValueDictionary()
ALSO: list[_Image] = []


@leak(lambda: len(BY_NAME), each=0.5)
def weak_cache_with_strong_list() -> None:
    """Put into a weak cache what a list keeps as well, every other call."""
    number = next(CALLS)
    if number % 2:
        image = BY_NAME[number] = _Image()
        ALSO.append(image)


class _Account:
    """Keeps a result by month in the instance."""

    def __init__(self) -> None:
        self.by_month: dict[int, str] = {}


BANK = _Account()


@leak(lambda: len(BANK.by_month), each=0.05)
def memo_on_instance() -> None:
    """Keep a result in an immortal instance, one call in twenty."""
    month = next(CALLS) // 20
    BANK.by_month.setdefault(month, "m" * SIZE)


@functools.lru_cache(maxsize=128)
def _small(number: int) -> str:
    return "s" * (number % 50)


@harmless(lambda: _small.cache_info().currsize, most=128)
def cache_of_128() -> None:
    """Ask a cache of 128 for ever new numbers."""
    _small(next(CALLS))


LEAST: OrderedDict[int, bytes] = OrderedDict()


@harmless(lambda: len(LEAST), most=250)
def least_recent_dropped() -> None:
    """Keep 250 entries by recent use."""
    key = SOURCE.randrange(1000)
    LEAST[key] = bytes(SIZE)
    LEAST.move_to_end(key)
    if len(LEAST) > 250:
        LEAST.popitem(last=False)


class _Client:
    """Can be referred to weakly."""


CLIENTS: weakref.WeakSet[_Client] = weakref.WeakSet()


@harmless(lambda: len(CLIENTS), most=6)
def weak_set() -> None:
    """Add five clients a call to a weak set; all go with the call."""
    held = [_Client() for _ in range(5)]
    for client in held:
        CLIENTS.add(client)


@harmless()
def formats_through_module() -> None:
    """Pack by ever new formats: the module keeps a hundred."""
    struct.pack(f"{next(CALLS) % 3000}x", *())


@harmless(lambda: 0, needs="interned names that can go")
def names_interned() -> None:
    """Intern names that go with the call."""
    for number in range(5):
        sys.intern(f"name {next(CALLS)} {number}")


class _Report:
    """Computes its rows once."""

    @functools.cached_property
    def rows(self) -> list[int]:
        """Take some memory."""
        return list(range(SIZE))


@harmless()
def property_of_mortal() -> int:
    """Cache a property on an instance that goes with the call."""
    return len(_Report().rows)


class _Bounded(dict[int, bytes]):
    """Evicts the oldest beyond ``maxsize``."""

    maxsize = 50_000

    def __setitem__(self, key: int, value: bytes) -> None:
        """Store one and evict one when full."""
        super().__setitem__(key, value)
        if len(self) > self.maxsize:
            del self[next(iter(self))]


HELD = _Bounded()


@filling(lambda: len(HELD), most=50_000)
def mapping_of_50000() -> None:
    """Fill a mapping of one's own that ends at its ``maxsize``."""
    HELD[next(CALLS)] = bytes(SIZE)


@filling(lambda: fnmatch._compile_pattern.cache_info().currsize, most=32_768, calls=3000)  # noqa: SLF001
def patterns_of_names() -> None:
    """Match by ever new patterns: the module keeps 32 768."""
    fnmatch.fnmatch("readme.md", f"*{next(CALLS)}.md")
