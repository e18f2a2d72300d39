"""Callgrind: count the instructions of a body from within a process that valgrind runs.

Valgrind watches the code that it runs for a sequence of instructions that does nothing on a
processor: a client request. What rotates a register by 128 bits in four steps and then exchanges a
register with itself asks valgrind for something; elsewhere it is a long no-op. (Source: Valgrind
manual, "The Client Request mechanism", and its header valgrind.h.)
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Final

from paceline.errors import MeasureError
from paceline.probes.allocations import allocator_addresses
from paceline.probes.machine_code import address_of_code
from paceline.stats.allocator import without_allocator

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Callgrind", "callgrind_counter"]

_REQUEST: Final = bytes.fromhex(
    "4889f8"  # mov rax, rdi: the request and its arguments, six words
    "4889f2"  # mov rdx, rsi: the answer where nobody listens
    "48c1c703 48c1c70d 48c1c73d 48c1c733"  # rol rdi, 3 13 61 51
    "4887db"  # xchg rbx, rbx
    "4889d0"  # mov rax, rdx
    "c3"  # ret
)
_RUNNING_ON_VALGRIND: Final = 0x1001
_CALLGRIND: Final = ord("C") << 24 | ord("T") << 16
_ZERO, _TOGGLE, _DUMP_AT, _START = (_CALLGRIND + number for number in range(1, 5))
_WARM: Final = 16
_Words = ctypes.c_uint64 * 6


class Callgrind:
    """Counts instructions between start and stop; each stop leaves a profile in a file of its own.

    ``out`` is the file that valgrind was started with: its dumps are numbered from there;
    ``allocators`` are left out of the count besides those with well-known names.
    """

    name = "instructions"
    blind_to = (
        "caches, branch prediction, waiting, the kernel, other threads, "
        "how memory is found for an allocation"
    )

    def __init__(
        self, request: Any, out: Path, *, allocators: frozenset[str] = frozenset()
    ) -> None:
        self._request = request
        self._out = out
        self._allocators = allocators
        self._dumps = 0
        self._watched = False
        self._label = ctypes.create_string_buffer(b"paceline")
        # Made beforehand: what stands between start and stop is counted.
        self._toggle = _Words(_TOGGLE)
        self._toggled = ctypes.addressof(self._toggle)
        # The interpreter adapts code that runs again and again, and the work of that would count.
        self._counts = False
        for _ in range(_WARM):
            self.start()
            self.stop()
        self._counts = True

    def start(self) -> None:
        """Begin to count."""
        if self._counts:
            self._prepare()
        self._request(self._toggled, 0)

    def stop(self) -> float:
        """Give the instructions since start, memory allocators' left out.

        Raises:
            MeasureError: valgrind wrote no profile where it was told to.
        """
        self._request(self._toggled, 0)
        return self._counted() if self._counts else 0.0

    def profile_text(self) -> str:
        """Give the profile of the last count, as callgrind wrote it."""
        return self._dump_path.read_text(encoding="utf-8", errors="replace")

    def _prepare(self) -> None:
        if not self._watched:
            # Left on from here: what is translated anew is slow, what is watched only half as fast.
            self._ask(_START)
            self._watched = True
        self._ask(_ZERO)

    def _counted(self) -> float:
        self._dump_path.unlink(missing_ok=True)
        self._dumps += 1
        self._ask(_DUMP_AT, ctypes.addressof(self._label))
        try:
            return float(without_allocator(self.profile_text(), self._allocators))
        except OSError as error:
            raise MeasureError(
                f"callgrind left no profile: {error}",
                remedy="start the process with the command that callgrind_command gives",
            ) from error

    @property
    def _dump_path(self) -> Path:
        return self._out.with_name(f"{self._out.name}.{self._dumps}")

    def _ask(self, code: int, argument: int = 0) -> None:
        words = _Words(code, argument)
        self._request(ctypes.addressof(words), 0)


def callgrind_counter(out: Path) -> Callgrind:
    """Give the counter of this process, where callgrind runs it and writes to ``out``.

    Raises:
        MeasureError: this processor has no client requests here, or nobody listens to them.
    """
    prototype = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64)
    request = prototype(address_of_code(_REQUEST))
    words = _Words(_RUNNING_ON_VALGRIND)
    if not request(ctypes.addressof(words), 0):
        raise MeasureError("this process does not run under valgrind")
    return Callgrind(request, out, allocators=allocator_addresses())
