"""Holders: readable names for what grew, found by asking who refers to it."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from types import CellType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from paceline.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Held", "attributes", "find_holder"]

_LOOKS = 24  # through all objects, a millisecond for each hundred thousand
_WIDEST = 40  # referrers looked at on one level
_LONGEST = 60  # characters of a key in a name
_CACHE = "_lru_cache_wrapper"


class Held(NamedTuple):
    """What holds a container: its name, the object it belongs to and the name it has there.

    ``owner`` is a module, class, instance, function or cache; None where nobody was found.
    """

    name: str
    owner: Any = None
    attribute: str = ""
    place: Place | None = None


def find_holder(one: Any, *, ignore: Iterable[Any] = ()) -> Held:
    """Follow referrers from an object up to something that has a name.

    The collector must have nothing frozen: it doesn't look there.
    """
    known = _global_name(one)
    if known is not None:
        return known
    ignored = {id(thing) for thing in (ignore, *ignore)}
    level: list[tuple[Any, str]] = [(one, "")]
    seen: set[int] = {id(one), id(level)}
    looks = _LOOKS
    while level and looks > 0:
        above: list[tuple[Any, str]] = []
        for thing, rest in level[:looks]:
            looks -= 1
            referrers = gc.get_referrers(thing)
            ignored |= {id(referrers), id(level), id(above), id(seen)}
            for referrer in referrers[:_WIDEST]:
                if id(referrer) in ignored or id(referrer) in seen:
                    continue
                held = _named(referrer, thing, rest)
                if held is not None:
                    return held
                seen.add(id(referrer))
                above.append((referrer, _step(referrer, thing) + rest))
        level = [pair for pair in above if not isinstance(pair[0], FrameType)]
    return Held(f"a {type(one).__name__}")


def _global_name(one: Any) -> Held | None:
    """Find a module's global, the usual holder, without a look through all objects."""
    for name, module in sorted(sys.modules.items()):
        names = getattr(module, "__dict__", None)
        if type(names) is dict and any(value is one for value in names.values()):
            file = names.get("__file__")
            key = _key_of(names, one)
            place = Place(file) if isinstance(file, str) else None
            return Held(f"{name}.{key}", module, key, place)
    return None


def _named(referrer: Any, thing: Any, rest: str) -> Held | None:
    """Name a thing by who refers to it; None when the referrer has no name either."""
    kind = type(referrer)
    if kind.__name__ == _CACHE:
        return _of_cache(referrer)
    if kind is dict:
        return _of_namespace(referrer, thing, rest)
    if kind is CellType:
        return _of_cell(referrer, rest)
    if kind is FunctionType:
        return Held(f"a default of {_said(referrer)}{rest}", referrer, "", _place_of(referrer))
    return _of_object(referrer, thing, rest)


def _of_object(referrer: Any, thing: Any, rest: str) -> Held | None:
    """Name an attribute of a class or an instance."""
    if isinstance(referrer, type):
        key = _key_of(vars(referrer), thing)
        return Held(f"{_said(referrer)}.{key}{rest}", referrer, key) if key else None
    key = _key_of(attributes(referrer), thing)
    return Held(f"{_root_of(referrer)}.{key}{rest}", referrer, key) if key else None


def _of_cache(wrapper: Any) -> Held:
    inner = getattr(wrapper, "__wrapped__", wrapper)
    return Held(f"lru_cache of {_said(inner)}", wrapper, "", _place_of(inner))


def _of_namespace(names: dict[Any, Any], thing: Any, rest: str) -> Held | None:
    """Name a value of a module's, class's or instance's names."""
    key = _key_of(names, thing)
    if not key:
        return None
    module = names.get("__name__")
    if isinstance(module, str) and _is_namespace_of(module, names):
        file = names.get("__file__")
        place = Place(file) if isinstance(file, str) else None
        return Held(f"{module}.{key}{rest}", sys.modules[module], key, place)
    for owner in gc.get_referrers(names):
        if isinstance(owner, type) and vars(owner).get(key) is thing:
            return Held(f"{_said(owner)}.{key}{rest}", owner, key)
        if getattr(type(owner), "__dictoffset__", 0) and _has_names(owner, names):
            return Held(f"{_root_of(owner)}.{key}{rest}", owner, key)
    return None


def _of_cell(cell: CellType, rest: str) -> Held | None:
    for closure in gc.get_referrers(cell):
        if type(closure) is not tuple:
            continue
        for function in gc.get_referrers(closure):
            if type(function) is FunctionType and function.__closure__ is closure:
                name = function.__code__.co_freevars[closure.index(cell)]
                said = f"{name}{rest} in the closure of {_said(function)}"
                return Held(said, function, name, _place_of(function))
    return None


def _root_of(owner: Any) -> str:
    """Name an instance: by the module that knows it, else by its class."""
    if isinstance(owner, (type, ModuleType)):
        return _said(owner)
    module = sys.modules.get(type(owner).__module__)
    known = _key_of(vars(module), owner) if module is not None else ""
    return f"{type(owner).__module__}.{known}" if known else _said(type(owner))


def _is_namespace_of(module: str, names: dict[Any, Any]) -> bool:
    return getattr(sys.modules.get(module), "__dict__", None) is names


def _has_names(owner: Any, names: dict[Any, Any]) -> bool:
    if isinstance(owner, type):
        return False
    try:
        return object.__getattribute__(owner, "__dict__") is names
    except AttributeError:
        return False


def attributes(one: Any) -> Mapping[Any, Any]:
    """Give an object's attributes without running code of its class."""
    found: dict[Any, Any] = {}
    with suppress(AttributeError, TypeError):
        found.update(object.__getattribute__(one, "__dict__"))
    for name, slot in _slots(type(one)):
        try:
            found[name] = slot.__get__(one)
        except AttributeError:
            continue
    return found


def _slots(kind: type) -> Iterator[tuple[str, Any]]:
    for base in kind.__mro__:
        for name, value in vars(base).items():
            if type(value).__name__ == "member_descriptor":
                yield name, value


def _key_of(names: Mapping[Any, Any], thing: Any) -> str:
    return next((key for key, value in names.items() if value is thing and type(key) is str), "")


def _step(referrer: Any, thing: Any) -> str:
    """Say how a nameless referrer holds a thing: by a key, or as one of many."""
    if type(referrer) is dict:
        found = next((key for key, value in referrer.items() if value is thing), None)
        if type(found) in {str, int, bytes, bool}:
            return f"[{repr(found)[:_LONGEST]}]"
    return "[…]" if isinstance(referrer, (dict, list, tuple, set)) else ""


def _said(one: Any) -> str:
    name = getattr(one, "__qualname__", None) or getattr(one, "__name__", None)
    module = getattr(one, "__module__", None)
    if not isinstance(name, str):
        return f"a {type(one).__name__}"
    return f"{module}.{name}" if isinstance(module, str) and module != "builtins" else name


def _place_of(function: Any) -> Place | None:
    code = getattr(function, "__code__", None)
    return Place(code.co_filename, code.co_firstlineno) if code is not None else None
