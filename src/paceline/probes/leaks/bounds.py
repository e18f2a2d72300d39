"""Bounds: the most entries that a container's owner lets it hold, and how long it keeps them."""

from __future__ import annotations

import ast
import re
import sys
from collections import deque
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from paceline.errors import Place
from paceline.probes.leaks.holders import attributes
from paceline.probes.leaks.sources import compared, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paceline.probes.leaks.holders import Held

__all__ = ["bound_of", "lifetime_of", "origin_of", "reads_clock"]

_BOUND = re.compile(r"max|limit|capacity|bound|size|keep", re.IGNORECASE)
_NO_BOUND = 2**31 - 1  # so many and more are ways to say that there is none: sys.maxsize
_PLAIN = frozenset({"builtins", "collections", "array"})
_CLOCKS = frozenset({"time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "now"})
_LIFETIME = re.compile(r"ttl|expir|max_?age|life_?time|keep_?alive", re.IGNORECASE)
_NOT_BOUND = re.compile(r"retr|attempt|time|second|age\b|level|depth|page|chunk|buf", re.IGNORECASE)


def bound_of(container: Any, held: Held) -> tuple[int, bool]:
    """Find a bound that isn't passed, 0 for none; True where the interpreter itself keeps it."""
    bound, trusted = _bound_of(container, held)
    return (bound, trusted) if bound < _NO_BOUND else (0, False)


def _bound_of(container: Any, held: Held) -> tuple[int, bool]:
    if isinstance(container, deque):
        return (container.maxlen or 0), True
    parameters = getattr(held.owner, "cache_parameters", None)
    if parameters is not None and type(held.owner).__name__ == "_lru_cache_wrapper":
        return (parameters()["maxsize"] or 0), True
    if not hasattr(type(container), "__len__"):  # a buffer
        return 0, False
    above = [bound for bound in _bounds(container, held) if bound >= len(container)]
    return min(above, default=0), False


def lifetime_of(held: Held) -> float:
    """Find how many seconds the owner keeps an entry; 0 where it says nothing of that."""
    found = [
        float(value)
        for name, value in _constants(held)
        if _LIFETIME.search(name) and isinstance(value, int | float) and value > 0
    ]
    return min(found, default=0.0)


def origin_of(held: Held) -> Place | None:
    """Find the line that makes a container under its name, else what the holder said."""
    if not held.attribute or (held.place and held.place.line):
        return held.place
    file = _file_of(_module_of(held.owner))
    return Place(file, line_of(file, held.attribute)) if file else held.place


def reads_clock(held: Held) -> bool:
    """Tell whether the code around a container asks for the time, as what expires must."""
    module = _module_of(held.owner)
    return module is not None and any(
        _CLOCKS.intersection(one.__code__.co_names) for one in _functions(module)
    )


def _bounds(container: Any, held: Held) -> Iterator[int]:
    keepers = [held]
    if type(container).__module__ not in _PLAIN:  # a class of its own may keep its bound itself
        keepers.append(held._replace(owner=container, attribute="self"))
    for keeper in keepers:
        for name, value in _constants(keeper):
            if type(value) is int and _BOUND.search(name) and not _NOT_BOUND.search(name):
                yield value
        module = _module_of(keeper.owner)
        for side in compared(_file_of(module), keeper.attribute):
            value = _value(side, keeper, module)
            if type(value) is int:
                yield value


def _constants(held: Held) -> list[tuple[str, Any]]:
    """Give the attributes beside a container that may say what it holds at most.

    Of a module only what is read by the functions that use the container.
    """
    owner = held.owner
    if isinstance(owner, ModuleType):
        users = [
            one.__code__.co_names
            for one in _functions(owner)
            if held.attribute in one.__code__.co_names
        ]
        read = {name for names in users for name in names}
        return [(name, vars(owner)[name]) for name in read if name in vars(owner)]
    if owner is None or isinstance(owner, FunctionType):
        return _closed_over(owner) if isinstance(owner, FunctionType) else []
    kind = owner if isinstance(owner, type) else type(owner)
    inherited = [pair for base in kind.__mro__ for pair in vars(base).items()]
    return [*attributes(owner).items(), *inherited]


def _closed_over(function: FunctionType) -> list[tuple[str, Any]]:
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return [(name, cell.cell_contents) for name, cell in cells if _is_filled(cell)]


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  (an empty cell raises)
    except ValueError:
        return False
    return True


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    for one in list(vars(module).values()):
        inner = getattr(one, "__wrapped__", one) if type(one) is not type else one
        if type(inner) is FunctionType:  # to ask its own class may run code that raises
            yield inner
        elif issubclass(type(one), type) and one.__module__ == module.__name__:
            yield from (each for each in vars(one).values() if isinstance(each, FunctionType))


def _module_of(owner: Any) -> ModuleType | None:
    if isinstance(owner, ModuleType):
        return owner
    named = getattr(owner if hasattr(owner, "__qualname__") else type(owner), "__module__", "")
    return sys.modules.get(named) if isinstance(named, str) else None


def _file_of(module: ModuleType | None) -> str:
    return getattr(module, "__file__", None) or ""


def _value(side: ast.expr, held: Held, module: ModuleType | None) -> Any:
    """Evaluate what a length is compared with: a number, a name or an attribute."""
    match side:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            names = dict(_constants(held)) if isinstance(held.owner, FunctionType) else {}
            return names.get(name, getattr(module, name, None))
        case ast.Attribute(attr=name):
            return dict(reversed(_constants(held))).get(name)
        case _:
            return None
