"""Heap: bytes that the C library has given out, where it tells them."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["heap_reader"]


class _Figures(ctypes.Structure):
    """What glibc's mallinfo2 returns: ten sizes (man 3 mallinfo)."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    )


def heap_reader() -> Callable[[], int] | None:
    """Give a function that reads the bytes in use, mapped ones too; None without glibc 2.33."""
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):  # another C library, or none to be opened by None
        return None
    mallinfo.argtypes = ()
    mallinfo.restype = _Figures

    def read() -> int:
        figures = mallinfo()
        return int(figures.uordblks + figures.hblkhd)

    return read
