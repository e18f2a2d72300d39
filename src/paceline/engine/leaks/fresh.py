"""Fresh: check callables in processes of their own, one after the other."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import IO, Any

from paceline.engine.leaks.codec import decode
from paceline.errors import MeasureError, UsageError
from paceline.stats.leak import LeakResult, LeakVerdict

__all__ = ["Terms", "check_fresh", "names_of"]

_MAIN = "from paceline.engine.leaks.child import main; main()"
_LOOK = 0.05  # seconds between looks whether the process is still there
_GRACE = 0.5  # seconds to end by itself after its answer
_TAIL = 300  # characters of what a process wrote last


@dataclass(frozen=True, slots=True)
class Terms:
    """How a callable is checked: in ``folder``, ``timeout`` seconds, ``limits`` by their names."""

    folder: str = "."
    timeout: float = 60.0
    limits: tuple[tuple[str, float], ...] = ()


def names_of(target: str, terms: Terms) -> list[tuple[str, str]]:
    """Give the file and the name of each callable that FILE or FILE::NAME means.

    Raises:
        UsageError: there is no such file, or no function in it that takes no arguments.
    """
    file, _, name = target.partition("::")
    if name:
        return [(file, name)]
    answer = _asked(file, "", terms)
    names = answer.get("names")
    if names is None:
        reason = answer["result"].unsure
        raise UsageError(
            f"{file!r} can't be looked through: {reason}", place=answer["result"].place
        )
    if not names:
        raise UsageError(
            f"{file!r} defines no public function that takes no arguments",
            remedy=f"name one: paceline leaks {file}::NAME",
        )
    return [(file, found) for found in names]


def check_fresh(file: str, name: str, terms: Terms) -> LeakResult:
    """Check one callable in a fresh process.

    Raises:
        UsageError: it can't be found or called as it is.
    """
    result: LeakResult = _asked(file, name, terms)["result"]
    return replace(result, name=f"{file}::{name}")


def _asked(file: str, name: str, terms: Terms) -> dict[str, Any]:
    """Start a process, give it its order and wait for the answer or its end."""
    ours, theirs = os.pipe()
    order = {"file": file, "name": name, "pipe": theirs, "limits": dict(terms.limits)}
    with tempfile.TemporaryFile() as log, os.fdopen(ours, "rb") as pipe:
        process = _started(json.dumps(order), theirs, log, terms)
        try:
            line = _line(pipe, process, terms.timeout)
            _waited(process, _GRACE if line else 0.0)
        finally:
            _ended(process)
        if line.endswith(b"\n"):
            return _read(line)
        return {"result": _silent(process, log, terms.timeout)}


def _started(order: str, theirs: int, log: IO[bytes], terms: Terms) -> subprocess.Popen[bytes]:
    """Start the process with its end of the pipe, which is closed here in any case.

    Raises:
        MeasureError: the interpreter can't be started.
    """
    try:
        return subprocess.Popen(  # noqa: S603  (this interpreter, with our own module)
            [sys.executable, "-P", "-c", _MAIN, order],  # no files named like modules
            cwd=terms.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            pass_fds=(theirs,),
            start_new_session=True,  # Ctrl-C is ours to handle, and all that it starts ends with it
        )
    except OSError as error:
        raise MeasureError(
            f"no fresh process can be started: {error}",
            remedy="run paceline with an interpreter that this user may execute",
        ) from error
    finally:
        os.close(theirs)


def _line(pipe: IO[bytes], process: subprocess.Popen[bytes], timeout: float) -> bytes:
    """Wait for the answer; empty when the process is gone or the time is up."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        gone = process.poll() is not None
        if select.select([pipe], [], [], 0.0 if gone else _LOOK)[0]:
            return pipe.readline()
        if gone:
            break
    return b""


def _read(line: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(line)
    if "usage" in answer:
        problem, remedy = answer["usage"]
        raise UsageError(problem, remedy=remedy)
    if "result" in answer:
        answer["result"] = decode(answer["result"])
    return answer


def _waited(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process and its group."""
    if process.returncode is None:
        process.poll()
    with suppress(ProcessLookupError, PermissionError):  # nothing is left
        os.killpg(process.pid, signal.SIGKILL)
    if process.returncode is None:
        process.wait()


def _silent(process: subprocess.Popen[bytes], log: IO[bytes], timeout: float) -> LeakResult:
    """Say why a process gave no answer."""
    status = process.returncode
    if status == -signal.SIGKILL:
        unsure = f"no answer within {timeout:g} s (--timeout)"
    elif status < 0:
        unsure = f"its process was ended by {signal.Signals(-status).name}"
    else:
        unsure = f"it ended its process with status {status}"
    log.seek(0)
    words = log.read().decode(errors="replace")[-_TAIL:].strip().splitlines()
    said = f"; it wrote last: {words[-1]}" if words else ""
    return LeakResult("", LeakVerdict.UNSURE, "", unsure=unsure + said)
