"""Prove one case's truth by its own count, in this fresh process, and print the counts as JSON.

    python benchmarks/leaks/prove.py benchmarks/leaks/building/containers.py row_a_call

A leak's count must grow in each fifth of the calls by about as much as in the others; a harmless
or a filling case's count must never pass its bound. A case that keeps nothing has no count: there
must then be a fifth in which the interpreter's allocated blocks, and one in which resident memory,
stay level.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import inspect
import itertools
import json
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from truth import TRUTHS, Truth

if TYPE_CHECKING:
    from collections.abc import Callable

FIFTHS = 5
UNEVEN = 2.0  # a fifth's growth over the mean of all, at most, and its inverse at least
NEAR = 0.9  # of the stated growth, at least: a rate of chance needs some room
LEFT, BLOCKS = 20, 0.02  # blocks in a fifth, in all or a call, that chance may add
SLACK, RESIDENT = 128 * 1024, 64  # bytes of resident memory in a fifth, in all and a call


def loaded(file: Path) -> Any:
    """Import a file of cases."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


async def observed(case: Callable[[], Any], truth: Truth) -> dict[str, Any]:
    """Call a case as often as its proof affords; give its counts at the fifths, and the highest."""
    count = truth.count or _nothing
    one_fifth = truth.calls // FIFTHS
    is_leak, waits = truth.kind == "leak", inspect.iscoroutinefunction(case)
    counts, levels, highest = [], [], 0.0
    for _ in range(FIFTHS + 1):  # the first fifth is warm-up
        for _ in range(one_fifth):
            if waits:
                await case()
            else:
                case()
            if not is_leak:
                highest = max(highest, count())
        counts.append(count())
        if truth.count is None:
            gc.collect()
        levels.append((sys.getallocatedblocks(), resident()))
    return {"counts": counts, "highest": highest, "levels": levels, "fifth": one_fifth}


def judged(truth: Truth, seen: dict[str, Any]) -> str:
    """Say what speaks against a case's truth; nothing where it is proved."""
    if truth.kind == "leak":
        return _linear(truth, seen)
    if truth.count is not None:
        over = seen["highest"] > truth.most
        return f"reached {seen['highest']:g} of {truth.most:g}" if over else ""
    return _level(seen)


def _linear(truth: Truth, seen: dict[str, Any]) -> str:
    grown = [after - before for before, after in itertools.pairwise(seen["counts"])]
    mean = sum(grown) / len(grown)
    if mean < NEAR * truth.each * seen["fifth"]:
        return f"grows by {mean / seen['fifth']:.3g} a call, not {truth.each:g}"
    if not all(mean / UNEVEN <= one <= mean * UNEVEN for one in grown):
        return f"grows unevenly: {grown}"
    return ""


def _level(seen: dict[str, Any]) -> str:
    """Look for a fifth without growth: free lists grow by steps, a leak in each fifth."""
    calls = seen["fifth"]
    pairs = list(itertools.pairwise(seen["levels"]))
    blocks = min(after - before for (before, _), (after, _) in pairs)
    memory = min(after - before for (_, before), (_, after) in pairs)
    if blocks > max(LEFT, BLOCKS * calls):
        return f"allocated blocks grew by {blocks} or more in each {calls} calls"
    if memory > SLACK + RESIDENT * calls:
        return f"resident memory grew by {memory} B or more in each {calls} calls"
    return ""


def main(file: str, name: str) -> None:
    """Prove one case and print its counts."""
    case = getattr(loaded(Path(file)), name)
    proof = _proved(case, TRUTHS[name])
    if inspect.iscoroutinefunction(case):
        asyncio.run(proof)
    with contextlib.suppress(StopIteration):  # a case may run an event loop of its own
        proof.send(None)


async def _proved(case: Callable[[], Any], truth: Truth) -> None:
    """Print from within and end at once: what the case left behind would never end."""
    seen = await observed(case, truth)
    print(json.dumps({"kind": truth.kind, "against": judged(truth, seen), **seen}), flush=True)
    os._exit(0)


def _nothing() -> float:
    return 0.0


def resident() -> int:
    """Give this process's resident memory in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
