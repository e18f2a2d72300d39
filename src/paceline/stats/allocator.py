"""Instructions without those of memory allocators, from a profile in callgrind's format.

What malloc and free do depends on where memory happens to be free: on all that the process did
before, on the length of its paths. The same code differed by up to 6 % for that alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from paceline.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["without_allocator"]

_ENTRY = re.compile(
    r"fn=\((\d+)\) (?:_?Py(?:Object|Mem)_(?:Raw|Mi)?(?:Malloc|Calloc|Realloc|Free)"
    r"|(?:__libc_)?(?:malloc|calloc|realloc|free))\b"
)
"""Where Python and the C library allocate; levels of recursion and clones of the compiler too."""
_NAMELESS = re.compile(r"fn=\((\d+)\) (0x[0-9a-f]+)\n")
_CALL = re.compile(r"\ncfn=\((\d+)\)[^\n]*\ncalls=[^\n]*\n\S+ (\d+)")


def without_allocator(text: str, addresses: Collection[str] = ()) -> int:
    """Give the instructions of a profile less those of calls into a memory allocator.

    ``addresses`` are allocators that a profile may know by no other name, as of a library without
    symbols. An allocator may call another: what is called from within one is not taken off twice.

    Raises:
        MeasureError: the text holds no total, as where the process ended before its time.
    """
    _, found, total = text.rpartition("totals: ")
    if not found:
        raise MeasureError(
            "the profile holds no total",
            remedy="look why the counted process ended before it wrote its profile",
        )
    entries = set(_ENTRY.findall(text))
    if addresses:
        entries |= {number for number, name in _NAMELESS.findall(text) if name in addresses}
    blocks = [(block.partition(")")[0], _CALL.findall(block)) for block in text.split("\nfn=(")[1:]]
    inside = _reached(entries, blocks)
    return int(total) - sum(
        int(cost)
        for caller, calls in blocks
        if caller not in inside
        for callee, cost in calls
        if callee in entries
    )


def _reached(entries: set[str], blocks: list[tuple[str, list[tuple[str, str]]]]) -> set[str]:
    """Give the functions that are called from some functions, directly or not, with these."""
    callees: dict[str, set[str]] = defaultdict(set)
    for caller, calls in blocks:
        callees[caller].update(callee for callee, _cost in calls)
    reached = set(entries)
    ahead = list(entries)
    while ahead:
        fresh = callees[ahead.pop()] - reached
        reached |= fresh
        ahead.extend(fresh)
    return reached
