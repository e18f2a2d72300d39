"""Containers: the lists, dicts, sets and buffers that there are, and how long they have become."""

from __future__ import annotations

import gc
import io
import sys
from collections import deque
from itertools import compress
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Grown", "Watch", "large_immutables", "length_of"]

_LARGE = 1024  # bytes
_CONTAINERS: tuple[type, ...] = (list, dict, set, deque)


class Grown(NamedTuple):
    """A container, by how much it grew and what it held then: entries, bytes for a buffer."""

    one: Any
    by: int
    length: int

    @property
    def kept(self) -> int:
        """By how much it is longer now than before it grew."""
        return length_of(self.one) - self.length + self.by


class Watch:
    """All containers at one moment, held so that they stay the same; ``close`` lets them go."""

    def __init__(self) -> None:
        tracked = gc.get_objects()
        buffers = _buffer_types()
        loose = _loose(tracked, {dict, *buffers})
        both = [*tracked, *loose]
        bases = {kind: _base(kind) for kind in set(map(type, both))}
        kept = {kind for kind, base in bases.items() if base is not None}
        of_base: dict[tuple[type, bool], list[Any]] = {}
        for one in compress(both, map(kept.__contains__, map(type, both))):
            base, kind = bases[type(one)] or list, type(one)
            of_base.setdefault((base, kind.__len__ is base.__len__), []).append(one)  # type: ignore[attr-defined]  # all have it
        self._groups: list[tuple[Callable[[Any], int], list[Any]]] = [
            (len if plain else base.__len__, group)  # type: ignore[attr-defined]  # all have it
            for (base, plain), group in of_base.items()
        ]
        self._sized = [(one, _size_of(type(one))) for one in both if type(one) in buffers]
        self._before: list[int] = []

    def entries(self) -> int:
        """Count the entries of all containers."""
        return sum([sum(map(length, group)) for length, group in self._groups])

    def buffered(self) -> int:
        """Sum the bytes of all buffers."""
        return sum([size(one) for one, size in self._sized])

    def mark(self) -> None:
        """Remember how long each is, for ``grown``."""
        self._before = [length(one) for length, group in self._groups for one in group]
        self._before += [size(one) for one, size in self._sized]

    def grown(self) -> list[Grown]:
        """Give what is longer than at the mark, the most grown first."""
        now = [(one, length(one)) for length, group in self._groups for one in group]
        now += [(one, size(one)) for one, size in self._sized]
        both = zip(now, self._before, strict=True)
        found = [
            Grown(one, length - before, length) for (one, length), before in both if length > before
        ]
        return sorted(found, key=lambda one: -one.by)

    def close(self) -> None:
        """Let everything go."""
        self._groups.clear()
        self._sized.clear()
        self._before.clear()


def length_of(one: Any) -> int:
    """Measure a container by its entries, a buffer by its bytes."""
    base = _base(type(one))
    length: int = base.__len__(one) if base is not None else _size_of(type(one))(one)  # type: ignore[attr-defined]  # all have it
    return length


def large_immutables() -> int:
    """Sum the bytes of large texts, bytes, tuples and numbers that tracked objects hold."""
    held = _held_by(gc.get_objects())
    wanted = frozenset({str, bytes, tuple, int})
    seen = {id(one): one for one in compress(held, map(wanted.__contains__, map(type, held)))}
    sizes = map(sys.getsizeof, seen.values())
    return sum([size for size in sizes if size >= _LARGE])


def _base(kind: type) -> type | None:
    return next((base for base in _CONTAINERS if issubclass(kind, base)), None)


def _loose(tracked: list[Any], kinds: Iterable[type]) -> list[Any]:
    """Find the untracked containers that tracked objects hold."""
    wanted = frozenset(kinds)
    held = _held_by(tracked)
    loose = compress(held, map(wanted.__contains__, map(type, held)))
    return list({id(one): one for one in loose if not gc.is_tracked(one)}.values())


def _held_by(tracked: list[Any]) -> list[Any]:
    """Give what objects refer to.

    Modules are left out, their names are dicts of their own: asyncio's C module shows objects that
    it has already freed (CPython 3.12), and to touch them makes the next collection endless.
    """
    modules = {kind for kind in set(map(type, tracked)) if issubclass(kind, ModuleType)}
    return gc.get_referents(*[one for one in tracked if type(one) not in modules])


def _buffer_types() -> frozenset[type]:
    """Give the types of buffers whose modules are loaded; nothing is imported for this."""
    named = (("builtins", "bytearray"), ("array", "array"), ("_io", "BytesIO"), ("_io", "StringIO"))
    found = (getattr(sys.modules.get(module), name, None) for module, name in named)
    return frozenset(kind for kind in found if isinstance(kind, type))


def _size_of(kind: type) -> Callable[[Any], int]:
    """Give what tells how much a buffer holds: what it takes comes in steps, and late."""
    if kind is bytearray:
        return len
    return _array_size if kind.__name__ == "array" else _stream_size


def _stream_size(one: Any) -> int:
    """Find where a stream in memory ends, and leave it where it stands; 0 for a closed one."""
    try:
        place = one.tell()
        end: int = one.seek(0, io.SEEK_END)
        one.seek(place)
    except ValueError:
        return 0
    return end


def _array_size(one: Any) -> int:
    size: int = len(one) * one.itemsize
    return size
