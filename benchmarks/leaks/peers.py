"""One case looked at by one other tool or plain rule, in this fresh process.

    python benchmarks/leaks/peers.py gc benchmarks/leaks/building/containers.py row_a_call

Prints JSON: whether it says leak, and why. The plain rules are those that users write.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import io
import itertools
import json
import os
import sys
import tempfile
import tracemalloc
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from prove import loaded, resident

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MEMRAY", "PEERS", "THEMES", "surroundings"]

WARM_UP, CALLS, ROUNDS = 20, 100, 5
FOREIGN = ("paceline", "cacheprovider", "codspeed", "asyncio")  # plugins that do not matter here
MEMRAY_TEST = """
import asyncio, inspect, sys
import pytest
sys.path.insert(0, {here!r})
from prove import loaded
from pathlib import Path
case = getattr(loaded(Path({file!r})), {name!r})

async def again():
    for _ in range({calls}):
        await case()

@pytest.mark.limit_leaks("1 KB")
def test_case():
    if inspect.iscoroutinefunction(case):
        asyncio.run(again())
    else:
        for _ in range({calls}):
            case()
"""


class _Caller:
    """Calls a case as often as it is told, all asynchronous calls in one event loop."""

    def __init__(self, case: Callable[[], Any]) -> None:
        self.case = case
        self.loop = asyncio.new_event_loop() if inspect.iscoroutinefunction(case) else None

    def __call__(self) -> None:
        if self.loop:
            self.loop.run_until_complete(self.case())
        else:
            self.case()

    def times(self, number: int) -> None:
        """Call it so many times and collect."""
        for _ in range(number):
            self()
        gc.collect()


def by_tracemalloc(call: _Caller) -> str:
    """Compare traced bytes before and after a hundred calls: more than 1 KiB is a leak."""
    tracemalloc.start()
    call.times(WARM_UP)
    before, _ = tracemalloc.get_traced_memory()
    call.times(CALLS)
    grown = tracemalloc.get_traced_memory()[0] - before
    return f"{grown} B more" if grown > 1024 else ""


def by_collector(call: _Caller) -> str:
    """Count the collector's objects after each of five rounds: growth in all is a leak."""
    call.times(WARM_UP)
    counts = [len(gc.get_objects())]
    for _ in range(ROUNDS):
        call.times(CALLS)
        counts.append(len(gc.get_objects()))
    grows = all(after > before for before, after in itertools.pairwise(counts))
    return f"objects {counts}" if grows else ""


def by_resident(call: _Caller) -> str:
    """Compare resident memory before and after five hundred calls: over 64 KiB is a leak."""
    call.times(WARM_UP)
    before = resident()
    call.times(CALLS * ROUNDS)
    grown = resident() - before
    return f"{grown} B more" if grown > 64 * 1024 else ""


def by_psleak(call: _Caller) -> str:
    """Let psleak judge with its defaults."""
    import psleak  # noqa: PLC0415  (only where it is asked for)

    class _Look(psleak.MemoryLeakTestCase):  # type: ignore[misc]
        def test_case(self) -> None:
            self.execute(call)

    found = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(_Look).run(found)
    if found.errors or found.skipped:
        raise RuntimeError(str(found.errors or found.skipped)[-500:])
    return found.failures[0][1].strip().splitlines()[-1] if found.failures else ""


def by_pyleak(call: _Caller) -> str:
    """Let pyleak judge ten calls, for tasks or for threads."""
    import pyleak  # noqa: PLC0415  (only where it is asked for)

    async def tasks() -> None:
        async with pyleak.no_task_leaks(action="raise"):
            for _ in range(10):
                await call.case()

    try:
        if call.loop:
            call.loop.run_until_complete(tasks())
        else:
            with pyleak.no_thread_leaks(action="raise"):
                call.times(10)
    except (pyleak.TaskLeakError, pyleak.ThreadLeakError, pyleak.PyleakExceptionGroup) as error:
        return str(error).splitlines()[0]
    return ""


def by_memray(file: str, name: str) -> str:
    """Let pytest-memray judge a hundred calls by ``limit_leaks("1 KB")``."""
    import pytest  # noqa: PLC0415  (only where it is asked for)

    with tempfile.TemporaryDirectory() as folder:
        test = Path(folder) / "test_case.py"
        here = str(Path(__file__).resolve().parent)
        test.write_text(MEMRAY_TEST.format(here=here, file=file, name=name, calls=CALLS))
        flags = [word for name in FOREIGN for word in ("-p", f"no:{name}")]
        with contextlib.redirect_stdout(io.StringIO()) as said:
            status = pytest.main(["-q", *flags, "-c", os.devnull, "--rootdir", folder, str(test)])
    if status == 1 and "allowed to leak" in said.getvalue():
        return "over 1 KB at one place"
    if status:
        raise RuntimeError(f"pytest ended with {status}: {said.getvalue()[-300:]}")
    return ""


PEERS: dict[str, Callable[[_Caller], str]] = {
    "psleak": by_psleak,
    "tracemalloc > 1 KiB": by_tracemalloc,
    "gc objects, all rounds": by_collector,
    "RSS > 64 KiB": by_resident,
    "pyleak": by_pyleak,
}
MEMRAY = "memray limit_leaks"
THEMES = {"pyleak": {"asynchronous", "threads"}}  # that a tool is made for; else all


def surroundings(peer: str) -> dict[str, str]:
    """Give the environment that a tool demands."""
    return {"PYTHONMALLOC": "malloc", "PYTHONUNBUFFERED": "1"} if peer == "psleak" else {}


def main(peer: str, file: str, name: str) -> None:
    """Judge and end at once: what the case left behind may never end."""
    if peer == MEMRAY:
        because = by_memray(file, name)
    else:
        because = PEERS[peer](_Caller(getattr(loaded(Path(file)), name)))
    print(json.dumps({"leak": bool(because), "because": because}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
