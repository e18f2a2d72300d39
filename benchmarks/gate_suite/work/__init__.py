"""Twelve kinds of work from 2 µs to 4 ms, each of ``UNITS`` equal units: 103 of 100 are 3 % more.

What a call does besides its units is a loop's set-up: a twentieth of the two shortest benchmarks
and nothing beside the longest. No unit allocates so much that the allocator asks the system for
memory or gives it back: that costs one process more than another, and units are equal no longer.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import struct
import zlib
from collections import deque
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter

from work.units import UNITS

__all__ = [
    "arithmetic", "check", "digest", "encode", "fibonacci", "look_up", "make_list",
    "make_objects", "match", "order", "pack", "turn",
]  # fmt: skip

_DRAW = random.Random(7)
_WORDS = ["".join(_DRAW.choices("abcdefgh", k=6)) for _ in range(60)]
_TABLE = dict(zip(_WORDS, range(60), strict=True))
_TEXT = " ".join(_WORDS)
_BYTES = _TEXT.encode() * 6
_MANY = _BYTES * 72
_PATTERN = re.compile(r"\b[aeg]\w*d\w*\b")
_RECORD = {"name": "unit", "tags": _WORDS[:6], "size": 4.5, "parts": [1, 2, 3, {"deep": None}]}
_ROWS = [(_DRAW.random(), word) for word in _WORDS]
_FORMAT = struct.Struct("<idh")
_FIRST, _LAST = _WORDS[0], _WORDS[-1]


@dataclass(slots=True)
class Part:
    """Something with two fields."""

    name: str
    size: int


def arithmetic() -> int:
    """Add and multiply small numbers: some 2 µs."""
    x = 3
    for _ in repeat(None, UNITS):
        x = x * 5 & 255
    return x


def look_up() -> int:
    """Read a dictionary: some 4 µs."""
    table, total = _TABLE, 0
    for _ in repeat(None, UNITS):
        total += table[_FIRST] + table[_LAST]
    return total


def turn() -> deque[int]:
    """Add at one end of a deque and take from the other: some 6 µs."""
    line = deque((1, 2, 3))
    for _ in repeat(None, UNITS):
        line.append(line.popleft() + 1)
        line.appendleft(line.pop() - 1)
    return line


def pack() -> float:
    """Pack and unpack numbers: some 11 µs."""
    total = 0.0
    for _ in repeat(None, UNITS):
        total += _FORMAT.unpack(_FORMAT.pack(7, 2.5, 3))[1]
    return total


def make_objects() -> int:
    """Make objects and read them: some 25 µs."""
    total = 0
    for _ in repeat(None, UNITS):
        total += Part("a", 1).size + Part("b", 2).size
    return total


def make_list() -> int:
    """Build lists: some 50 µs."""
    total = 0
    for _ in repeat(None, UNITS):
        total += len([one * one for one in range(16)])
    return total


def digest() -> str:
    """Hash bytes: some 200 µs."""
    said = ""
    for _ in repeat(None, UNITS):
        said = hashlib.sha256(_BYTES).hexdigest()
    return said


def order() -> int:
    """Sort rows by a key: some 200 µs."""
    total = 0
    for _ in repeat(None, UNITS):
        total += len(sorted(_ROWS, key=itemgetter(0)))
    return total


def encode() -> int:
    """Write and read JSON: some 500 µs."""
    total = 0
    for _ in repeat(None, UNITS):
        total += len(json.loads(json.dumps(_RECORD)))
    return total


def match() -> int:
    """Search a text by a pattern: some 700 µs."""
    total = 0
    for _ in repeat(None, UNITS):
        total += len(_PATTERN.findall(_TEXT))
    return total


def fibonacci() -> int:
    """Call a function that calls itself: some 2 ms."""
    total = 0
    for _ in repeat(None, UNITS):
        total += _fibonacci(12)
    return total


def check() -> int:
    """Take a checksum of bytes: some 4 ms."""
    total = 0
    for _ in repeat(None, UNITS):
        total ^= zlib.crc32(_MANY)
    return total


def _fibonacci(number: int) -> int:
    return number if number < 2 else _fibonacci(number - 1) + _fibonacci(number - 2)
