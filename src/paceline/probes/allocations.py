"""Allocations: count the blocks and bytes that one call asks Python's allocators for, exactly.

Four functions of a few bytes of machine code stand before the interpreter's own, count and pass on
(Python/C API, "Customize Memory Allocators", PyMem_SetAllocator). tracemalloc and
sys.getallocatedblocks know what is held at a moment; what is given back at once escapes them.
"""

from __future__ import annotations

import ctypes
import gc
import platform
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from paceline.errors import MeasureError
from paceline.probes.machine_code import address_of_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Allocations", "allocations", "allocator_addresses"]

_RAW, _MEMORY, _OBJECTS = range(3)
"""Python's domains of memory; the first alone may be used without the interpreter's lock."""
_ON: Final = "488b7f10 ffe0"  # mov rdi, [rdi+16]: the context of the original; jmp rax
_FUNCTIONS: Final = (
    # inc [rdi] and add [rdi+8], …: calls and bytes; mov rax, [rdi+…]: the original
    f"48ff07 48017708 488b4718 {_ON}",  # malloc(context, size)
    f"48ff07 4889f0 480fafc2 48014708 488b4720 {_ON}",  # calloc(context, number, size)
    f"48ff07 48015708 488b4728 {_ON}",  # realloc(context, block, size)
    f"488b4730 {_ON}",  # free(context, block)
)
_Allocator = ctypes.c_void_p * 5  # context, malloc, calloc, realloc, free


class _Counts(ctypes.Structure):
    """What the machine code counts, and the allocator that it stands before."""

    _fields_ = (
        ("blocks", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("original", _Allocator),
    )


@dataclass(frozen=True, slots=True)
class Allocations:
    """Blocks asked for, growing ones each time they grow, and their ``bytes``, asked for in all.

    Blind to objects from the interpreter's free lists and to memory that C libraries take
    themselves; other threads' allocations count as well.
    """

    blocks: int
    bytes: int


def allocations(function: Callable[[], Any], *, calls: int = 3) -> Allocations:
    """Count the allocations of one call: the fewest of some calls, after a first one.

    Raises:
        MeasureError: this interpreter, system or processor does not let itself be watched.
    """
    if platform.python_implementation() != "CPython":
        raise MeasureError(f"{platform.python_implementation()} has other allocators")
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        raise MeasureError("without the interpreter's lock allocations can't be counted one by one")
    if sys.gettrace() is not None or sys.getprofile() is not None:
        raise MeasureError("a debugger, profiler or coverage allocates memory beside the code")
    function()
    was_enabled = gc.isenabled()
    gc.disable()
    try:  # lists: a generator would turn a body's StopIteration into another error
        none = min([_taken(_nothing) for _ in range(calls)], key=lambda one: one.blocks)
        taken = min([_taken(function) for _ in range(calls)], key=lambda one: one.blocks)
    finally:
        if was_enabled:
            gc.enable()
    return Allocations(max(0, taken.blocks - none.blocks), max(0, taken.bytes - none.bytes))


def allocator_addresses() -> frozenset[str]:
    """Give where Python's allocators begin, as profiles write it: in memory and in their library.

    Empty where the interpreter tells nothing about them.
    """
    if platform.python_implementation() != "CPython" or not hasattr(ctypes.CDLL(None), "dladdr"):
        return frozenset()
    found = set()
    for domain in (_RAW, _MEMORY, _OBJECTS):
        allocator = _Allocator()
        ctypes.pythonapi.PyMem_GetAllocator(domain, ctypes.byref(allocator))
        for address in filter(None, allocator[1:]):
            found |= {f"0x{address:016x}", f"0x{address - _start_of_library(address):016x}"}
    return frozenset(found)


def _start_of_library(address: int) -> int:
    """Give where the library begins that holds an address, 0 where none does (dladdr(3))."""
    answer = (ctypes.c_void_p * 4)()  # file name, start, symbol's name, symbol
    ctypes.CDLL(None).dladdr(ctypes.c_void_p(address), answer)
    return answer[1] or 0


def _nothing() -> None:
    """Allocate nothing."""


def _taken(function: Callable[[], Any]) -> Allocations:
    counts = {domain: _watch(domain) for domain in (_MEMORY, _OBJECTS)}
    with _watched(counts):
        function()
    return Allocations(
        sum(one.blocks for one in counts.values()), sum(one.bytes for one in counts.values())
    )


@contextmanager
def _watched(counts: dict[int, _Counts]) -> Iterator[None]:
    """Put our functions before the interpreter's and take them away."""
    for one in counts.values():
        one.blocks = one.bytes = 0
    ours = {domain: _Allocator(ctypes.addressof(one), *_code()) for domain, one in counts.items()}
    for domain, allocator in ours.items():
        ctypes.pythonapi.PyMem_SetAllocator(domain, ctypes.byref(allocator))
    try:
        yield
    finally:
        for domain, one in counts.items():
            ctypes.pythonapi.PyMem_SetAllocator(domain, ctypes.byref(one.original))


def _watch(domain: int) -> _Counts:
    """Take down who allocates for a domain now: tracemalloc may have come in between."""
    counts = _counts(domain)
    ctypes.pythonapi.PyMem_GetAllocator(domain, ctypes.byref(counts.original))
    return counts


@cache
def _counts(_domain: int) -> _Counts:
    """Give a domain's counts; they live on, as the machine code writes to them."""
    return _Counts()


@cache
def _code() -> tuple[int, ...]:
    """Give the addresses of malloc, calloc, realloc and free."""
    codes = [bytes.fromhex(code) for code in _FUNCTIONS]
    start = address_of_code(b"".join(codes))
    return tuple(start + sum(map(len, codes[:place])) for place in range(len(codes)))
