"""Attributes, closures, classes, frames and generators."""

from __future__ import annotations

import abc
import contextlib
import ctypes
import enum
import inspect
import sys
import weakref
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterator

SOURCE = seeded()
SIZE = SOURCE.choice((16, 33, 64))
CALLS = count()


class _Service:
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.history: list[str] = []

    def ask(self, number: int) -> None:
        """Keep a question."""
        self.history.append(f"question {number}")


SERVICE = _Service()


@leak(lambda: len(SERVICE.history))
def history_of_instance() -> None:
    """Keep a text a call in an instance."""
    SERVICE.ask(next(CALLS))


def _counter() -> Callable[[], int]:
    seen: list[int] = []

    def count_one() -> int:
        seen.append(next(CALLS) + 999)
        return len(seen)

    return count_one


COUNT_ONE = _counter()
COUNTED = {"seen": 0}


@leak(lambda: COUNTED["seen"])
def closure_grows() -> None:
    """Append to a list that only a closure knows."""
    COUNTED["seen"] = COUNT_ONE()


class _Settings:
    """Takes any attribute."""


SETTINGS = _Settings()


@leak(lambda: len(vars(SETTINGS)), each=0.5)
def attributes_by_name() -> None:
    """Set an attribute of a new name every other call."""
    setattr(SETTINGS, f"option_{next(CALLS) // 2}", None)


class _Plugin:
    """Remembers every subclass."""

    known: ClassVar[list[type]] = []

    def __init_subclass__(cls) -> None:
        """Remember it."""
        _Plugin.known.append(cls)


@leak(lambda: len(_Plugin.known), calls=1500)
def subclasses_registered() -> None:
    """Define a subclass inside the function; its parent remembers it."""

    class _Inner(_Plugin):
        """Lives as long as its parent."""


class _Port(abc.ABC):  # noqa: B024  (registered to, not implemented)
    """Has virtual subclasses."""


VIRTUAL: dict[str, type] = {}


@leak(lambda: len(VIRTUAL), calls=1000)
def abstract_registry() -> None:
    """Register a new named tuple with an abstract class, and keep it by name."""
    name = f"Row{next(CALLS)}"
    VIRTUAL[name] = made = type(name, (tuple,), {"__slots__": ()})
    _Port.register(made)


SPACES: list[dict[str, Any]] = []


@leak(lambda: len(SPACES), calls=2500)
def namespaces_kept() -> None:
    """Execute a function's definition and keep its names."""
    names: dict[str, Any] = {}
    exec(f"def rule(x):\n    return x + {next(CALLS)}", names)  # noqa: S102
    names.pop("__builtins__")
    SPACES.append({"rule": names["rule"]})


CAUSES: dict[str, BaseException | None] = {"last": None}
LENGTH = {"chain": 0}


@leak(lambda: LENGTH["chain"], calls=2000)
def chain_of_causes() -> None:
    """Keep the last exception, whose cause is the one before, and so on."""
    new = KeyError(next(CALLS))
    new.__cause__ = CAUSES["last"]
    CAUSES["last"] = new
    LENGTH["chain"] += 1


FRAMES: list[types.FrameType | None] = []


@leak(lambda: len(FRAMES))
def frames_kept() -> None:
    """Keep the frame of the call with its variables."""
    payload = bytes(SIZE)
    FRAMES.append(inspect.currentframe())
    del payload


POINTERS = {"made": 0}


@leak(lambda: POINTERS["made"], calls=1000)
def pointer_types() -> None:
    """Make a structure and its pointer type, which the pointer cache keeps."""
    number = next(CALLS)
    made = type(f"Packet{number}", (ctypes.Structure,), {"_fields_": [("a", ctypes.c_int)]})
    ctypes.POINTER(made)
    POINTERS["made"] += 1
    HELD_TYPES.append(made)


HELD_TYPES: list[type] = []

MAPPED: list[Iterator[int]] = []


@leak(lambda: len(MAPPED), each=0.2)
def iterators_kept() -> None:
    """Keep an iterator that nobody goes on with, one call in five."""
    number = next(CALLS)
    if number % 5 == 0:
        MAPPED.append(map(abs, [number, -number]))


class _Root:
    """Remembers subclasses weakly."""

    known: ClassVar[weakref.WeakSet[type]] = weakref.WeakSet()

    def __init_subclass__(cls) -> None:
        """Remember it as long as it lives."""
        _Root.known.add(cls)


@harmless(lambda: len(_Root.known), most=1400, calls=1500)
def subclasses_weakly_registered() -> None:
    """Define a subclass that its parent knows weakly."""

    class _Inner(_Root):
        """Goes with the next collection."""


@harmless()
def generator_abandoned() -> None:
    """Take one value of a generator and drop it."""
    next(_forever())


def _forever() -> Iterator[bytes]:
    held = bytes(SIZE)
    while True:
        yield held


LAST: dict[str, BaseException] = {}


@harmless(lambda: len(LAST), most=1)
def last_failure_kept() -> None:
    """Keep the last exception with its traceback, and it alone."""
    try:
        int("x" * SIZE)
    except ValueError as error:
        LAST["failure"] = error


@harmless(lambda: 0, calls=1500)
def failure_in_own_frame() -> None:
    """Hold an exception in a variable of its own frame: a cycle that the collector frees."""
    try:
        raise RuntimeError(next(CALLS))  # noqa: TRY301  (this very frame)
    except RuntimeError as error:
        held = error
    assert held.__traceback__ is not None


class _Lone:
    """Has one instance."""

    instance: ClassVar[_Lone | None] = None

    @classmethod
    def get(cls) -> _Lone:
        """Make the one instance by first use."""
        if cls.instance is None:
            cls.instance = cls()
            cls.instance.table = dict.fromkeys(range(5000))
        return cls.instance

    table: dict[int, None]


@harmless(lambda: len(_Lone.get().table), most=5000)
def lone_instance() -> int:
    """Fill a table of 5000 by the first call."""
    return len(_Lone.get().table)


@harmless(calls=2000)
def compiled_and_dropped() -> Any:
    """Compile and run an expression, keep nothing."""
    return eval(compile(f"{next(CALLS)} * 2", "<rule>", "eval"))  # noqa: S307


@harmless(lambda: len(_Colour), most=3)
def enumeration_by_value() -> None:
    """Look up members of an enumeration, some of which do not exist."""
    with contextlib.suppress(ValueError):
        _Colour(next(CALLS) % 5)


class _Colour(enum.IntEnum):
    """Three colours."""

    RED = 0
    GREEN = 1
    BLUE = 2


TABLES: dict[int, bytes] = {}
LIMIT = SOURCE.choice((60, 130, 200))


@harmless(lambda: len(TABLES), most=200)
def warms_for_up_to_200_calls() -> None:
    """Prepare a table of 256 B with each of the first calls, up to 200 of them."""
    number = next(CALLS)
    if number < LIMIT:
        TABLES[number] = bytes(256)


@harmless()
def slots_and_closures() -> int:
    """Make objects with slots and closures over them, drop all."""
    points = [_Point(number) for number in range(20)]
    return sum(made() for made in [lambda p=p: p.x for p in points])


class _Point:
    """Has one slot."""

    __slots__ = ("x",)

    def __init__(self, x: int) -> None:
        self.x = x
