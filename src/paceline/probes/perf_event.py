"""Hardware counters: the instructions of this thread outside the kernel, as Linux counts them."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import weakref
from typing import Final

from paceline.errors import MeasureError

__all__ = ["HardwareCounter", "hardware_counter", "open_event"]

_CALLS: Final = {"x86_64": 298, "aarch64": 241}
"""Numbers of the system call perf_event_open."""
_ATTRIBUTES: Final = struct.Struct("=IIQQQQQIIQ")  # the first published size, 64 bytes
_HARDWARE, _INSTRUCTIONS = 0, 1
_TIMES: Final = 1 | 2  # read how long the event was wanted and how long it was counted
_FLAGS: Final = 1 | 1 << 5 | 1 << 6  # disabled at first; neither kernel nor hypervisor
_ENABLE, _DISABLE, _RESET = 0x2400, 0x2401, 0x2403
_READING: Final = struct.Struct("=QQQ")


class HardwareCounter:
    """Counts an event of the processor in this thread between start and stop."""

    name = "instructions"
    blind_to = "caches, branch prediction, waiting, other threads, the kernel"

    def __init__(self, file: int) -> None:
        self._file = file
        weakref.finalize(self, os.close, file)

    def start(self) -> None:
        """Begin to count."""
        self._control(_RESET)
        self._control(_ENABLE)

    def stop(self) -> float:
        """Give the events since start.

        Raises:
            MeasureError: the counter was lent to others, so that a part was not counted.
        """
        self._control(_DISABLE)
        count, wanted, counted = _READING.unpack(os.read(self._file, _READING.size))
        if counted < wanted:
            raise MeasureError(
                f"the hardware counter ran for {counted} of {wanted} ns",
                remedy="end other programs that use hardware counters",
            )
        return float(count)

    def _control(self, request: int) -> None:
        import fcntl  # noqa: PLC0415  (Linux alone comes here)

        fcntl.ioctl(self._file, request, 0)


def hardware_counter() -> HardwareCounter:
    """Give a counter of instructions.

    Raises:
        MeasureError: no such counter here, or it is not allowed.
    """
    return open_event(_HARDWARE, _INSTRUCTIONS)


def open_event(kind: int, number: int) -> HardwareCounter:
    """Open a counter by the kind and number that perf_event_open(2) lists.

    Raises:
        MeasureError: no such counter here, or it is not allowed.
    """
    call = _CALLS.get(platform.machine())
    if call is None or not sys.platform.startswith("linux"):
        raise MeasureError(f"no hardware counters on {platform.system()} {platform.machine()}")
    wish = ctypes.create_string_buffer(
        _ATTRIBUTES.pack(kind, _ATTRIBUTES.size, number, 0, 0, _TIMES, _FLAGS, 0, 0, 0),
        _ATTRIBUTES.size,
    )
    library = ctypes.CDLL(None, use_errno=True)
    this_thread, any_processor, no_group = 0, -1, -1
    file = library.syscall(call, wish, this_thread, any_processor, no_group, 0)
    if file < 0:
        raise MeasureError(f"no hardware counter: {os.strerror(ctypes.get_errno())}")
    return HardwareCounter(file)
