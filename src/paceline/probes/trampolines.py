"""Trampolines: let callgrind see Python functions, each as a few bytes of machine code.

From Python 3.12 on the interpreter can enter every Python function through code of its own, made
for Linux's perf (Python documentation, "Python support for the Linux perf profiler"). Callgrind
sees that code as a function by its address; the map that perf would read holds the names.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from paceline.errors import MeasureError
from paceline.probes.events import function_of
from paceline.stats.profile import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["called_functions", "has_trampolines", "read_names", "trampolines"]

_MARK = "py::"


def has_trampolines() -> bool:
    """Tell whether this interpreter can run with trampolines, and does not yet."""
    active = getattr(sys, "is_stack_trampoline_active", None)
    return active is not None and not active()


@contextmanager
def trampolines(*, folder: Path = Path("/tmp")) -> Iterator[dict[int, Function]]:  # noqa: S108  (where CPython writes)
    """Run the block with trampolines and leave their addresses and functions in the dict.

    The map that the interpreter writes for perf is read and removed.

    Raises:
        MeasureError: this interpreter has no trampolines, or they are in use already.
    """
    if not has_trampolines():
        raise MeasureError("no trampolines: Python is older than 3.12 or perf uses them already")
    try:
        sys.activate_stack_trampoline("perf")  # type: ignore[attr-defined]
    except ValueError as error:
        raise MeasureError(f"no trampolines: {error}") from error
    names: dict[int, Function] = {}
    try:
        yield names
    finally:
        sys.deactivate_stack_trampoline()  # type: ignore[attr-defined]
        map_file = folder / f"perf-{os.getpid()}.map"
        names.update(read_names(map_file.read_text(encoding="utf-8", errors="replace")))
        map_file.unlink()


def read_names(text: str) -> dict[int, Function]:
    """Read address and function from lines such as ``7f00 b py::Class.method:/folder/file.py``."""
    names = {}
    for line in text.splitlines():
        address, _size, symbol = [*line.split(" ", 2), "", ""][:3]
        name, _, file = symbol.removeprefix(_MARK).partition(":")
        if symbol.startswith(_MARK):
            names[int(address, 16)] = Function(name, file)
    return names


def called_functions(function: Callable[[], object]) -> frozenset[Function]:
    """Call once and give the Python functions that ran in this thread, with their lines.

    A profiler that is active stays; then nothing is known.
    """
    if sys.getprofile() is not None:
        function()
        return frozenset()
    seen = set()

    def enter(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    sys.setprofile(enter)
    try:
        function()
    finally:
        sys.setprofile(None)
    return frozenset(map(function_of, seen))
