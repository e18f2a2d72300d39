"""Native memory: one block captured by memray, as a table by line and as a flame graph.

memray is an extra: it is large and absent on Windows. Nothing of it loads before a capture begins.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from paceline.errors import Place
from paceline.model import Site
from paceline.probes.places import shortened

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NativeBlock", "native_block"]

MISSING = "memray is not installed; install it by: pip install 'paceline[memray]'"
_FOLDER = Path(".paceline", "memray")
_PATIENCE = 120
_NO_PYTHON = "no line of Python"


class NativeBlock:
    """A block whose allocations are all captured, native ones with their native places.

    Use it as ``with memory.native("parse") as block: …``. Where it can't be captured ``unsure``
    says why, and the code runs all the same.
    """

    file: Path
    unsure: str
    _root: Path

    if TYPE_CHECKING:  # memray's tracker gives these

        def __enter__(self) -> Self: ...

        def __exit__(self, *_error: object) -> None: ...

    @property
    def peak(self) -> float:
        """The most bytes held at once, Python's arenas and native allocations; nan if unknown."""
        if self.unsure:
            return float("nan")
        return float(sum(record.size for record in self._records()))

    def top(self, most: int = 10) -> tuple[Site, ...]:
        """List the lines of Python that held most at the peak, each with its native function."""
        return self._summed(self._innermost)[:most]

    def lines(self, file: str, most: int = 50) -> tuple[Site, ...]:
        """List the lines of one file of the project that held most at the peak.

        What a line's calls into other files hold is the line's.
        """
        return self._summed(lambda record: self._within(file, record))[:most]

    def flame_graph(self) -> Path | None:
        """Write memray's own flame graph as a page beside the capture; None where it can't."""
        return self._report("flamegraph")

    def table(self) -> Path | None:
        """Write memray's own table as a page beside the capture; None where it can't."""
        return self._report("table")

    def _records(self) -> Any:
        reader = _memray().FileReader(os.fspath(self.file))
        return reader.get_high_watermark_allocation_records(merge_threads=True)

    def _summed(self, named: Callable[[Any], tuple[str, Place] | None]) -> tuple[Site, ...]:
        if self.unsure:
            return ()
        sizes: dict[tuple[str, Place], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for record in self._records():
            key = named(record)
            if key is not None:
                sizes[key][0] += record.size
                sizes[key][1] += record.n_allocations
        found = [
            Site(name, place, size, count, size, count)
            for (name, place), (size, count) in sizes.items()
        ]
        return tuple(sorted(found, key=lambda site: -site.size))

    def _innermost(self, record: Any) -> tuple[str, Place]:
        """Name an allocation by its line of Python and the function that asked for it."""
        inside = record.hybrid_stack_trace(max_stacks=1)
        name = inside[0][0] if inside and not inside[0][1].endswith(".py") else ""
        for _, file, line in record.stack_trace(max_stacks=1):
            return name, Place(shortened(file, self._root), line)
        return name, Place(_NO_PYTHON)

    def _within(self, file: str, record: Any) -> tuple[str, Place] | None:
        """Name an allocation by the line of one file that it was made below."""
        for _, where, line in record.stack_trace():
            if shortened(where, self._root) == file:
                return "", Place(file, line)
        return None

    def _report(self, kind: str) -> Path | None:
        """Let memray write a page; what it says when it can't becomes the reason."""
        if self.unsure:
            return None
        page = self.file.with_name(f"{self.file.stem}-{kind}.html")
        files = ("--output", os.fspath(page), os.fspath(self.file))
        command = (sys.executable, "-m", "memray", kind, "--force", *files)
        try:
            done = subprocess.run(  # noqa: S603  (our own interpreter and arguments)
                command, capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            self.unsure = f"memray wrote no {kind} within {_PATIENCE} s"
            return None
        if done.returncode:
            self.unsure = f"memray wrote no {kind}: {done.stderr.strip()[-200:]}"
            return None
        return page


class _Uncaptured(NativeBlock):
    """A block that can't be captured."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        return


def native_block(name: str, *, root: Path, folder: Path | None = None) -> NativeBlock:
    """Make a block to capture, below ``.paceline/memray`` in the project and named by a hash."""
    stem = hashlib.sha256(name.encode()).hexdigest()[:16]  # names of tests are no file names
    file = (folder or root / _FOLDER) / f"{stem}.bin"
    unsure = _obstacle(file)
    # memray loses the frames below which its tracker begins, unless the block itself begins it
    made: Any = _Uncaptured() if unsure else _capturing(file)
    made.file = file
    made.unsure = unsure
    made._root = root  # noqa: SLF001  (its class has the tracker's constructor)
    found: NativeBlock = made
    return found


def _capturing(file: Path) -> Any:
    tracker = _memray().Tracker
    return type("Captured", (NativeBlock, tracker), {})(file, native_traces=True)


def _obstacle(file: Path) -> str:
    """Try a capture and say why there can be none, "" where it works."""
    if importlib.util.find_spec("memray") is None:
        return MISSING
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        with _memray().Tracker(file):
            pass
        file.unlink()
    except (OSError, RuntimeError) as error:  # not writable, or another capture runs
        return f"memray can't capture: {error}"
    return ""


def _memray() -> Any:
    """Load memray: an extra, and heavy."""
    return importlib.import_module("memray")
