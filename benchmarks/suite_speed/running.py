"""Run one command and tell its time, that of all its processes, and how it ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from suite_speed.figures import Ran, counted, longest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["adopt_orphans", "clean", "ran"]

_CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")
_ADOPTING: list[bool] = []  # something in it: every child left is an orphan of a command
_PR_SET_CHILD_SUBREAPER = 36
_DROPPED = ("PYTEST_", "PYTHON", "PACELINE_", "CI", "BUILD_NUMBER", "COVERAGE_")


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent ends first, so that their time is counted.

    Being told to end is an interrupt from then on, so that what runs is ended too.
    """
    _ADOPTING.append(True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def clean() -> dict[str, str]:
    """Give the environment without what changes how pytest or Python run."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)} | {
        "NO_COLOR": "1",
        "PYTHONHASHSEED": "0",
    }


def ran(
    command: Sequence[str],
    folder: Path,
    *,
    limit: float,
    environment: Mapping[str, str] | None = None,
) -> tuple[Ran, str]:
    """Run a command for ``limit`` seconds at most; what it said comes with it."""
    stopped = threading.Event()
    before, start = _children(), time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env={**clean(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )

        def stop() -> None:
            stopped.set()
            _kill(child.pid)

        timer = threading.Timer(limit, stop)
        timer.start()
        try:
            _, status, _ = os.wait4(child.pid, 0)
            wall = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
        finally:  # who interrupts us does not want it to go on
            timer.cancel()
            _reap(child.pid)
        said.seek(0)
        text = said.read().decode(errors="replace")
    ended = None if stopped.is_set() else child.returncode
    return Ran(wall, _children() - before, ended, counted(text), longest(text)), text


def _reap(group: int) -> None:
    """End what a command has left behind, in its group or among the orphans, and take its time."""
    _kill(group)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-group, 0):
            pass
    while _ADOPTING and (left := _CHILDREN.read_text(encoding="ascii").split()):
        for orphan in map(int, left):
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan, 0)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
