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


@leak(lambda: LOST["bytes"], each=1000)
def thousand_bytes() -> None:
    """Allocate 1000 B a call and free none."""
    C.malloc(1000)
    LOST["bytes"] += 1000


@leak(lambda: LOST["bytes"], each=30)
def some_bytes_every_tenth() -> None:
    """Allocate 300 to 600 B one call in ten and free none."""
    if next(CALLS) % 10 == 0:
        size = SOURCE.randrange(300, 600)
        C.malloc(size)
        LOST["bytes"] += size


BLOCK: dict[str, int | None] = {"at": None, "size": 0}


@leak(lambda: BLOCK["size"] or 0, each=64)
def block_resized() -> None:
    """Make one block longer by 64 B a call."""
    BLOCK["size"] = (BLOCK["size"] or 0) + 64
    BLOCK["at"] = C.realloc(BLOCK["at"], BLOCK["size"])


@leak(lambda: LOST["bytes"], each=64)
def object_memory() -> None:
    """Take 64 B of the interpreter's object memory a call, for no object."""
    API.PyObject_Malloc(64)
    LOST["bytes"] += 64


@leak(lambda: LOST["bytes"], each=100, calls=3000)
def reference_to_list_too_many() -> None:
    """Count one reference too many on a new list of three."""
    API.Py_IncRef(ctypes.py_object([next(CALLS), 1.5, "x"]))
    LOST["bytes"] += 100


@leak(lambda: LOST["bytes"], each=80, needs="cc")
def library_allocates() -> None:
    """Let a compiled library allocate 80 B a call, inside its own code."""
    library().lose(80)
    LOST["bytes"] += 80


BIG = {"blocks": 0}


@leak(lambda: BIG["blocks"], calls=1500)
def large_blocks_untouched() -> None:
    """Allocate 256 KiB a call, untouched: address space, no memory yet."""
    C.calloc(1, 256 * 1024)
    BIG["blocks"] += 1


@harmless(lambda: LOST["bytes"])
def freed_at_once() -> None:
    """Allocate a random size and free it."""
    C.free(C.malloc(SOURCE.randrange(16, 3000)))


ELASTIC: dict[str, int | None] = {"at": None, "size": 0}


@harmless(lambda: ELASTIC["size"] or 0, most=50_000)
def block_elastic() -> None:
    """Resize one block at random between 100 B and 50 kB."""
    ELASTIC["size"] = SOURCE.randrange(100, 50_000)
    ELASTIC["at"] = C.realloc(ELASTIC["at"], ELASTIC["size"])


@harmless(lambda: LOST["bytes"])
def interpreter_memory_freed() -> None:
    """Take raw and object memory and give it back."""
    API.PyMem_RawFree(API.PyMem_RawMalloc(300))
    API.PyObject_Free(API.PyObject_Malloc(100))


@harmless(lambda: LOST["bytes"], needs="cc")
def library_releases() -> None:
    """Let a compiled library make an object and release it."""
    library().mention(next(CALLS))


COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)


@harmless(lambda: LOST["bytes"])
def callback_dropped() -> None:
    """Make a function that C could call, and drop it."""
    assert COMPARE(abs)(-3) == 3


@harmless(lambda: LOST["bytes"], calls=2000)
def large_temporaries() -> None:
    """Allocate and free some large blocks, of sizes around the mapping threshold."""
    for _ in range(3):
        C.free(C.malloc(SOURCE.randrange(50_000, 400_000)))


FILLED: dict[int, int] = {}


@harmless(lambda: len(FILLED), most=90)
def blocks_by_random_key() -> None:
    """Allocate 200 B by first use of one of ninety random keys."""
    key = SOURCE.randrange(90)
    if key not in FILLED:
        FILLED[key] = C.malloc(200)
