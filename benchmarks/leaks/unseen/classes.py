"""Attributes, closures, classes, frames and generators."""

from __future__ import annotations

import collections
import contextlib
import copy
import dataclasses
import sys
import traceback
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from truth import harmless, leak, seeded

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Generator, Iterator

SOURCE = seeded()
SIZE = SOURCE.choice((16, 33, 64))
CALLS = count()


class _Model:
    """Keeps its errors for all instances together."""

    errors: ClassVar[dict[int, tuple[str, ...]]] = {}


@leak(lambda: len(_Model.errors), each=0.1)
def class_attribute_every_tenth() -> None:
    """Keep a tuple in a class's attribute, one call in ten."""
    number = next(CALLS)
    if number % 10 == 9:
        _Model.errors[number] = ("late", "wrong", str(number))


def _collect(value: int, into: list[int] = []) -> int:  # noqa: B006  (the leak itself)
    into.append(value)
    return len(into)


DEFAULTS = {"seen": 0}


@leak(lambda: DEFAULTS["seen"])
def default_argument() -> None:
    """Append to a mutable default argument."""
    DEFAULTS["seen"] = _collect(next(CALLS) + 700)


def _visit() -> None:
    _visit.__dict__.setdefault("places", []).append((next(CALLS), SIZE))


@leak(lambda: len(_visit.__dict__["places"]))
def function_attribute() -> None:
    """Keep pairs in an attribute of a function."""
    _visit()


KINDS: list[type] = []


@leak(lambda: len(KINDS), calls=1500)
def classes_kept() -> None:
    """Make a class a call and keep it."""
    KINDS.append(type(f"Kind{next(CALLS)}", (), {"size": SIZE}))


RECORDS: dict[str, type] = {}


@leak(lambda: len(RECORDS), each=0.1, calls=1000)
def dataclass_every_tenth() -> None:
    """Make a data class for a new set of columns, one call in ten."""
    name = f"Record{next(CALLS) // 10}"
    if name not in RECORDS:
        RECORDS[name] = dataclasses.make_dataclass(name, ["a", "b"])


CODE: list[types.CodeType] = []


@leak(lambda: len(CODE), calls=2500)
def code_kept() -> None:
    """Compile an expression a call and keep it."""
    CODE.append(compile(f"a + {next(CALLS)}", "<rule>", "eval"))


FAILURES: list[ValueError] = []


@leak(lambda: len(FAILURES))
def failures_with_traceback() -> None:
    """Keep every exception, its traceback and its frames' variables."""
    scratch = bytes(SIZE * 4)
    try:
        raise ValueError(len(scratch))  # noqa: TRY301  (this very frame)
    except ValueError as error:
        FAILURES.append(error)


OPEN: list[Generator[int, None, None]] = []


def _numbers(start: int) -> Generator[int, None, None]:
    yield from range(start, start + 5)


@leak(lambda: len(OPEN))
def generators_suspended() -> None:
    """Start a generator, take one value and keep it."""
    running = _numbers(next(CALLS))
    next(running)
    OPEN.append(running)


ENTERED: list[contextlib.ExitStack] = [contextlib.ExitStack()]
STACKED = {"entered": 0}


@leak(lambda: STACKED["entered"])
def exits_never_run() -> None:
    """Push one more exit on a stack that is never left."""
    ENTERED[0].callback(int, next(CALLS))
    STACKED["entered"] += 1


BOUND: list[Callable[[], str]] = []


@leak(lambda: len(BOUND))
def bound_methods() -> None:
    """Keep a bound method of a text and with it the text."""
    BOUND.append((f"{next(CALLS):0{SIZE}d}").upper)


@harmless(lambda: len(_Local.__subclasses__()), most=1400, calls=1500)
def classes_collected() -> None:
    """Make a class a call; the collector takes it."""
    type(f"Passing{next(CALLS)}", (_Local,), {})


class _Local:
    """Has passing subclasses."""


@harmless()
def generator_exhausted() -> int:
    """Run a generator to its end."""
    return sum(_halves(next(CALLS)))


def _halves(number: int) -> Iterator[int]:
    while number:
        yield number
        number //= 2


@harmless()
def raised_and_caught() -> None:
    """Raise through three frames and catch."""
    with contextlib.suppress(LookupError):
        _raise(3)


def _raise(depth: int) -> None:
    if not depth:
        raise LookupError(next(CALLS))
    _raise(depth - 1)


@harmless(calls=1500)
def traceback_formatted() -> int:
    """Format a traceback to text and drop it."""
    try:
        raise OSError(next(CALLS))  # noqa: TRY301  (this very frame)
    except OSError:
        return len(traceback.format_exc())


FREE: list[bytearray] = []


@harmless(lambda: len(FREE), most=12)
def free_list() -> None:
    """Take buffers from a free list of twelve and give them back."""
    taken = [FREE.pop() if FREE else bytearray(512) for _ in range(SOURCE.randrange(1, 12))]
    FREE.extend(taken[: 12 - len(FREE)])


TUPLES: dict[int, type] = {}


@harmless(lambda: len(TUPLES), most=25, calls=1000)
def tuple_classes_of_25() -> None:
    """Make a named tuple for each of 25 widths, by first use in random order."""
    width = SOURCE.randrange(25)
    if width not in TUPLES:
        fields = [f"f{number}" for number in range(width)]
        TUPLES[width] = collections.namedtuple(f"Row{width}", fields)  # noqa: PYI024


@harmless(calls=1500)
def copied_deeply() -> None:
    """Copy a nested structure deeply and drop the copy."""
    copy.deepcopy({"a": [{"b": list(range(SIZE))} for _ in range(5)]})


WARM: dict[str, int] = {"level": 0}
LEVELS: dict[int, list[int]] = {}


@harmless(lambda: len(LEVELS), most=120)
def warms_for_120_calls() -> None:
    """Prepare one more level with each of the first 120 calls."""
    if WARM["level"] < 120:
        LEVELS[WARM["level"]] = list(range(WARM["level"], WARM["level"] + 20))
        WARM["level"] += 1


@harmless()
def stack_left() -> None:
    """Enter and leave a stack of exits."""
    with contextlib.ExitStack() as stack:
        for number in range(5):
            stack.callback(int, number)
