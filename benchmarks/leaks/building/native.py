"""Memory that Python did not hand out: by ctypes and by a small library compiled at run time."""

from __future__ import annotations

import ctypes
import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from compiled import library
from truth import harmless, leak, seeded

SOURCE = seeded()
CALLS = count()
C = ctypes.CDLL(None)
C.malloc.restype = C.realloc.restype = C.strdup.restype = C.calloc.restype = ctypes.c_void_p
C.malloc.argtypes = [ctypes.c_size_t]
C.calloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
C.realloc.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
C.free.argtypes = [ctypes.c_void_p]
API = ctypes.pythonapi
API.PyMem_RawMalloc.restype = API.PyObject_Malloc.restype = ctypes.c_void_p
API.PyMem_RawMalloc.argtypes = API.PyObject_Malloc.argtypes = [ctypes.c_size_t]
API.PyMem_RawFree.argtypes = API.PyObject_Free.argtypes = [ctypes.c_void_p]
LOST = {"bytes": 0}


@leak(lambda: LOST["bytes"], each=48)
def forty_eight_bytes() -> None:
    """Allocate 48 B a call and free none."""
    C.malloc(48)
    LOST["bytes"] += 48


@leak(lambda: LOST["bytes"], each=32)
def thirty_two_bytes() -> None:
    """Allocate 32 B a call and free none."""
    C.malloc(32)
    LOST["bytes"] += 32


@leak(lambda: LOST["bytes"], each=40)
def text_duplicated() -> None:
    """Duplicate a C string of 40 B and lose it."""
    C.strdup(b"duplicated, and nobody ever frees this.")
    LOST["bytes"] += 40


@leak(lambda: LOST["bytes"], each=200)
def raw_memory() -> None:
    """Take 200 B of the interpreter's raw memory a call."""
    API.PyMem_RawMalloc(200)
    LOST["bytes"] += 200


@leak(lambda: LOST["bytes"], each=50)
def reference_too_many() -> None:
    """Count one reference too many on a new bytes object."""
    made = bytes(60 + next(CALLS) % 9)
    API.Py_IncRef(ctypes.py_object(made))
    LOST["bytes"] += 60


@leak(lambda: LOST["bytes"], each=40, needs="cc")
def library_keeps_reference() -> None:
    """Let a compiled library make an object and never release it."""
    library().forget(next(CALLS))
    LOST["bytes"] += 40


@leak(lambda: library().length(), needs="cc")
def library_list() -> None:
    """Push a node of 16 B on a list inside the library."""
    library().push()


@harmless(lambda: LOST["bytes"])
def freed_in_random_order() -> None:
    """Allocate twenty blocks of random sizes and free them in random order."""
    blocks = [C.malloc(SOURCE.randrange(16, 5000)) for _ in range(20)]
    SOURCE.shuffle(blocks)
    for block in blocks:
        C.free(block)


SLOTS: list[int | None] = [None] * 64


@harmless(lambda: sum(slot is not None for slot in SLOTS), most=64)
def ring_of_blocks() -> None:
    """Keep the last 64 blocks, of random sizes."""
    place = next(CALLS) % 64
    C.free(SLOTS[place])
    SLOTS[place] = C.malloc(SOURCE.randrange(20, 2000))


FIRST: list[int] = []


@harmless(lambda: len(FIRST), most=64)
def table_allocated_by_first_calls() -> None:
    """Allocate 500 B with each of the first 64 calls."""
    if len(FIRST) < 64:
        FIRST.append(C.malloc(500))


@harmless(lambda: LOST["bytes"], needs="cc")
def library_frees() -> None:
    """Let a compiled library allocate and free."""
    library().borrow(SOURCE.randrange(100, 10_000))


@harmless(lambda: LOST["bytes"])
def buffers_of_ctypes() -> None:
    """Make buffers for C and drop them."""
    buffer = ctypes.create_string_buffer(SOURCE.choice((100, 1000, 4000)))
    C.memset(ctypes.byref(buffer), 1, len(buffer))


@harmless(lambda: LOST["bytes"], calls=2000)
def bytes_of_many_sizes() -> int:
    """Make and drop bytes of many sizes."""
    return sum(len(bytes(SOURCE.randrange(1, 60_000))) for _ in range(10))


HELD_BLOCKS: list[int] = []


@harmless(lambda: len(HELD_BLOCKS), most=120)
def blocks_freed_together() -> None:
    """Hold blocks of 100 B and free them all every 120 calls."""
    HELD_BLOCKS.append(C.malloc(100))
    if len(HELD_BLOCKS) == 120:
        while HELD_BLOCKS:
            C.free(HELD_BLOCKS.pop())
