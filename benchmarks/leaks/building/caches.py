"""Caches: without a bound, with one, and with one so wide that it only fills."""

from __future__ import annotations

import functools
import re
import sys
import time
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


@functools.lru_cache(maxsize=None, typed=True)
def _label(number: float) -> str:
    return f"{number:.3f}"


@leak(lambda: _label.cache_info().currsize, each=0.3)
def cache_of_floats() -> None:
    """Ask an unbounded cache for a new float in three of ten calls."""
    number = next(CALLS)
    _label(float(number) if number % 10 < 3 else 0.5)


class _Shop:
    """Has a cached method: the cache keeps every instance."""

    @functools.cache  # noqa: B019  (the leak itself)
    def price(self) -> int:
        """Cost nothing to say twice."""
        return 3


@leak(lambda: _Shop.price.cache_info().currsize)
def cached_method() -> None:
    """Make an instance whose cached method keeps it alive."""
    _Shop().price()


SQUARES: dict[int, int] = {}


@leak(lambda: len(SQUARES), each=0.1)
def memo_every_tenth() -> None:
    """Add to a memo of one's own one call in ten, hit it in the others."""
    key = next(CALLS) // 10
    if key not in SQUARES:
        SQUARES[key] = key * key * 1000


class _Node:
    """Can be referred to weakly."""

    __slots__ = ("__weakref__", "label")


NOTES: weakref.WeakKeyDictionary[_Node, _Node] = weakref.WeakKeyDictionary()


@leak(lambda: len(NOTES))
def weak_key_held_by_value() -> None:
    """Hold a weak key by its own value: it can never go."""
    node = _Node()
    NOTES[node] = node


EXPIRES: dict[str, float] = {}


@leak(lambda: len(EXPIRES))
def expiry_never_swept() -> None:
    """Store when an entry ends, but never look for ended ones."""
    EXPIRES[f"token-{next(CALLS)}"] = time.monotonic() + 60


@functools.lru_cache(maxsize=1024)
def _larger(number: int) -> tuple[int, int]:
    return number, number + 1


@harmless(lambda: _larger.cache_info().currsize, most=1024)
def cache_of_1024() -> None:
    """Ask a cache of 1024 for numbers of which most are new."""
    _larger(SOURCE.randrange(100_000))


TICKETS: dict[int, float] = {}
TICK = {"now": 0}


@harmless(lambda: len(TICKETS), most=300)
def entries_expire() -> None:
    """Let entries live for 150 calls and sweep them now and then."""
    TICK["now"] += 1
    TICKETS[TICK["now"]] = TICK["now"] + 150.0
    if TICK["now"] % 100 == 0:
        for key in [key for key, ends in TICKETS.items() if ends < TICK["now"]]:
            del TICKETS[key]


class _Page:
    """Can be referred to weakly."""


WEAK_PAGES: weakref.WeakValueDictionary[int, _Page] = weakref.WeakValueDictionary()


@harmless(lambda: len(WEAK_PAGES), most=1)
def weak_values() -> None:
    """Put into a weak cache what goes with the call."""
    page = _Page()
    WEAK_PAGES[next(CALLS)] = page


@harmless(lambda: len(re._cache), most=1024, calls=2500)  # noqa: SLF001  (its own count)
def patterns_through_module() -> None:
    """Search with patterns that only the module's own cache keeps."""
    re.search(f"a{next(CALLS) % 2000}b", "a17b")


@harmless(lambda: len(_strptime_cache()), most=10, calls=2500)
def dates_through_module() -> None:
    """Read dates by some formats that the module keeps by itself."""
    time.strptime(f"{1 + next(CALLS) % 28:02d} 2024", "%d %Y")


def _strptime_cache() -> dict[str, Any]:
    import _strptime  # noqa: PLC0415  (loaded by first use)

    return _strptime._regex_cache  # noqa: SLF001  (its own count)


ATTRIBUTES: weakref.WeakKeyDictionary[_Thing, list[int]] = weakref.WeakKeyDictionary()


class _Thing:
    """Can be referred to weakly."""


@harmless(lambda: len(ATTRIBUTES), most=1)
def weak_keys() -> None:
    """Note something about an object that goes with the call."""
    ATTRIBUTES[_Thing()] = [1, 2]


@functools.lru_cache(maxsize=20_000)
def _wide(number: int) -> str:
    return f"wide {number}"


@filling(lambda: _wide.cache_info().currsize, most=20_000)
def cache_of_20000() -> None:
    """Fill a cache that ends at 20 000."""
    _wide(next(CALLS))


class _Resolver:
    """Remembers by least recent use, up to ``maxsize``."""

    def __init__(self, maxsize: int) -> None:
        self.maxsize = maxsize
        self.entries: OrderedDict[str, int] = OrderedDict()

    def resolve(self, name: str) -> int:
        """Give a name's number."""
        if name not in self.entries:
            self.entries[name] = len(name)
            if len(self.entries) > self.maxsize:
                self.entries.popitem(last=False)
        return self.entries[name]


RESOLVER = _Resolver(40_000)


@filling(lambda: len(RESOLVER.entries), most=40_000)
def resolver_of_40000() -> None:
    """Fill an object's ordered dictionary that ends at 40 000."""
    RESOLVER.resolve(f"host{next(CALLS)}.example")
