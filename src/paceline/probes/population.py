"""Population: which objects a block left behind, by type, and what slots would save of them."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Any

from paceline.guard.diagnosis import Population

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Census"]

_SAMPLE = 256
_MOST_TYPES = 8


class Census:
    """The objects that the collector knows; `populations` tells what came since this was made."""

    def __init__(self) -> None:
        gc.collect()
        self._before = Counter(map(type, gc.get_objects()))

    def populations(self) -> tuple[Population, ...]:
        """Count what came, the most frequent types first; types of which fewer are left are out."""
        gc.collect()
        objects = gc.get_objects()
        grown = Counter(map(type, objects)) - self._before
        wanted = {kind for kind, _ in grown.most_common(_MOST_TYPES) if _has_dictionary(kind)}
        samples: dict[type, Any] = {}
        for one in reversed(objects):  # the newest come last
            if type(one) in wanted:
                samples.setdefault(type(one), one)
        return tuple(_population(kind, grown[kind], samples[kind]) for kind in samples)


def _population(kind: type, count: int, sample: Any) -> Population:
    names = tuple(map(str, vars(sample)))
    return Population(
        type=f"{kind.__module__}.{kind.__qualname__}",
        count=count,
        attributes=len(names),
        saving=_saving(names),
    )


def _has_dictionary(kind: type) -> bool:
    """Tell plain classes of Python code: only those can be given slots."""
    plain = kind.__flags__ & (1 << 9)  # Py_TPFLAGS_HEAPTYPE, as the C API documents it
    return bool(plain) and kind.__dictoffset__ != 0 and not issubclass(kind, type | BaseException)


def _saving(names: tuple[str, ...]) -> float:
    """Measure the bytes that one object with these attributes would need less with slots."""
    slotted = type("Slotted", (), {"__slots__": tuple(f"a{i}" for i in range(len(names)))})
    plain = type("Plain", (), {})
    attributes = [f"a{i}" for i in range(len(names))]
    return max(0.0, _size(plain, attributes) - _size(slotted, attributes))


def _size(kind: type, attributes: Iterable[str]) -> float:
    """Give the bytes of one object of a class, all attributes set to None."""
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        kept: list[Any] = [None] * _SAMPLE
        before, _ = tracemalloc.get_traced_memory()
        for index in range(_SAMPLE):
            one = kept[index] = kind()
            for name in attributes:
                setattr(one, name, None)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        if not tracing:
            tracemalloc.stop()
    return (after - before) / _SAMPLE
