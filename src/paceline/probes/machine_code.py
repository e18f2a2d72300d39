"""Machine code: a few bytes in an executable page, called without any compiler."""

from __future__ import annotations

import ctypes
import mmap
import platform
import sys

from paceline.errors import MeasureError

__all__ = ["address_of_code"]

_pages: list[mmap.mmap] = []
"""Pages live as long as the process: something may still hold an address in them."""


def address_of_code(code: bytes) -> int:
    """Put x86-64 code into a page of its own and give the address of its first byte.

    Raises:
        MeasureError: another system or processor, or the system allows no such page.
    """
    if not sys.platform.startswith("linux") or platform.machine() != "x86_64":
        raise MeasureError(f"no machine code for {platform.system()} on {platform.machine()}")
    try:
        access = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=access)
    except OSError as error:
        raise MeasureError(f"the system allows no executable page: {error}") from error
    page.write(code)
    _pages.append(page)
    return ctypes.addressof(ctypes.c_char.from_buffer(page))
