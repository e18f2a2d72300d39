from __future__ import annotations

import sys
import threading
from collections import deque
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paceline.probes.leaks.bounds import bound_of, lifetime_of, origin_of, reads_clock
from paceline.probes.leaks.holders import Held, find_holder

if TYPE_CHECKING:
    from collections.abc import Callable

REGISTRY: list[object] = []
NESTED: dict[str, list[object]] = {"key": []}
LIMITED: dict[int, int] = {}
MAX_LIMITED = 500
WRITTEN: list[int] = []
LASTING: list[int] = []
SECONDS_TTL = 30.0
LAST: deque[int] = deque(maxlen=7)
LOCAL = threading.local()


def add_limited() -> None:
    if len(LIMITED) < MAX_LIMITED:
        LIMITED[len(LIMITED)] = 1


def write() -> None:
    WRITTEN.append(1)
    if len(WRITTEN) > 1234:
        WRITTEN.clear()


def last() -> tuple[list[int], float]:
    return LASTING, SECONDS_TTL


class Shelf:
    everything: list[int] = []  # noqa: RUF012  (the holder to be found)

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.items: list[int] = []


class Slotted:
    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept: list[int] = []


SHELF = Shelf(99)
SLOTTED = Slotted()


def closing() -> Callable[[], list[int]]:
    seen: list[int] = []
    return lambda: seen


def defaulted(kept: list[int] = []) -> list[int]:  # noqa: B006  (the holder to be found)
    return kept


CLOSED = closing()
HERE = __name__


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (lambda: REGISTRY, f"{HERE}.REGISTRY"),
        (lambda: NESTED["key"], f"{HERE}.NESTED['key']"),
        (lambda: Shelf.everything, f"{HERE}.Shelf.everything"),
        (lambda: SHELF.items, f"{HERE}.SHELF.items"),
        (lambda: SLOTTED.kept, f"{HERE}.SLOTTED.kept"),
        (CLOSED, f"seen in the closure of {HERE}.closing.<locals>.<lambda>"),
        (defaulted, f"a default of {HERE}.defaulted[…]"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_container_is_named_by_who_holds_it(one: Callable[[], Any], name: str) -> None:
    assert find_holder(one()).name == name


def test_a_cache_is_named_by_its_function_and_bounded_by_its_size() -> None:
    small = lru_cache(maxsize=64)(len)
    small("a")
    held = Held("lru_cache of len", small)
    assert bound_of({}, held) == (64, True)
    assert bound_of({}, Held("", cache(len))) == (0, True)
    endless = lru_cache(maxsize=sys.maxsize)(len)
    assert bound_of({}, Held("", endless)) == (0, False)


def test_what_nobody_holds_is_said_by_its_type() -> None:
    assert find_holder([1, 2]).name == "a list"


@pytest.mark.parametrize(
    ("one", "bound"),
    [(LIMITED, (500, False)), (WRITTEN, (1234, False)), (REGISTRY, (0, False)), (LAST, (7, True))],
    ids=["constant", "comparison", "none", "maxlen"],
)
def test_a_bound_is_read_from_the_code_that_keeps_it(one: Any, bound: tuple[int, bool]) -> None:
    assert bound_of(one, find_holder(one)) == bound


def test_an_instance_may_say_its_own_bound() -> None:
    held = Held("SHELF.items", SHELF, "items")
    assert bound_of([1] * 98, held) == (99, False)
    assert bound_of([1] * 100, held) == (0, False)


def test_a_lifetime_and_a_clock_are_read_from_the_code_around() -> None:
    held = find_holder(LASTING)
    assert lifetime_of(held) == 30.0
    assert lifetime_of(find_holder(REGISTRY)) == 0.0
    assert not reads_clock(held)
    assert reads_clock(Held("", sys.modules["logging"], ""))


def test_a_container_is_placed_where_its_name_is_made() -> None:
    lines = Path(__file__).read_text("utf-8").splitlines()
    place = origin_of(find_holder(SHELF.items))
    assert place is not None
    assert (place.file, lines[place.line - 1].strip()) == (
        __file__,
        "self.items: list[int] = []",
    )


def test_a_module_without_a_source_gives_no_bound_and_no_line() -> None:
    held = Held("sys.path", sys, "path")
    assert bound_of(sys.path, held) == (0, False)
    assert origin_of(held) is None
