"""Hold our memory figures against calibrated allocations, memray's and psutil's beside them.

Every case runs in a fresh process for every tool. Which of our figures is the right one for a case
is written down with the case, before anything is measured: Python bytes for what Python's
allocators gave, the process for what the kernel gave, the children for other processes.

    python benchmarks/memory_accuracy.py            the table; exit status 1 where a claim fails
    python benchmarks/memory_accuracy.py --repeat 3 the worst of three of everything
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import importlib.util
import json
import mmap
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.probes.memory import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 64 * 1024**2
DICTS = 200_000
WORD = 8
FIGURES = ("python", "process", "children")
TOOLS = ("ours", "memray", "psutil 10 Hz", "psutil 100 Hz")
CLOSE = {"python": 0.02, "process": 0.02, "children": 0.15}
_CHILD = """
held = bytearray(b"x") * {size}
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(int(line.split()[1]) * 1024)
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One allocation: ``work`` makes it and gives its true peak in bytes; ``right`` sees it."""

    right: str
    work: Callable[[], float]
    prepare: Callable[[], Any] = lambda: None
    needs: str = ""


def touched_bytes() -> float:
    """Hold 64 MiB of written bytes."""
    held = bytearray(b"x") * SIZE
    return float(len(held))


def ones() -> float:
    """Hold an array that is written."""
    import numpy as np  # noqa: PLC0415  (one case needs it)

    return float(np.ones(SIZE // 8).nbytes)


def zeros() -> float:
    """Hold an array that is asked for and never touched."""
    import numpy as np  # noqa: PLC0415  (one case needs it)

    return float(np.zeros(SIZE // 8).nbytes)


def small_dicts() -> float:
    """Hold many small dicts with their numbers, which take whole words.

    The list has its size from the start: one that grows is there twice for a moment.
    """
    held: list[Any] = [None] * DICTS
    for number in range(DICTS):
        held[number] = {"first": number, "second": number}
    numbers = sum(-(-sys.getsizeof(number) // WORD) * WORD for number in range(257, DICTS))
    return float(sum(map(sys.getsizeof, held)) + sys.getsizeof(held) + numbers)


def load_numpy() -> Any:
    """Import what the arrays need before anything is measured."""
    return importlib.import_module("numpy")


def fragment() -> list[Any]:
    """Leave arenas behind that are nearly empty and can't be given back."""
    held = [{"first": number, "second": number} for number in range(2 * DICTS)]
    return held[::50]


def twice() -> float:
    """Hold 64 MiB, let go and hold them again."""
    return max(touched_bytes(), touched_bytes())


def malloc() -> float:
    """Take memory from the C library, out of Python's sight."""
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    held = library.malloc(SIZE)
    ctypes.memset(held, 1, SIZE)
    library.free(held)
    return float(SIZE)


def mapped() -> float:
    """Write every page of an anonymous map."""
    with mmap.mmap(-1, SIZE) as held:
        for page in range(0, SIZE, mmap.PAGESIZE):
            held[page] = 1
    return float(SIZE)


def in_thread() -> float:
    """Hold 64 MiB in another thread."""
    thread = threading.Thread(target=touched_bytes)
    thread.start()
    thread.join()
    return float(SIZE)


def spike() -> float:
    """Hold 64 MiB for two milliseconds."""
    held = bytearray(b"x") * SIZE
    time.sleep(0.002)
    return float(len(held))


def another_program() -> float:
    """Let a new interpreter hold 64 MiB; its own kernel mark is the truth."""
    command = [sys.executable, "-c", _CHILD.format(size=SIZE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def forked() -> float:
    """Let a forked child hold 64 MiB; its share of the memory, read by itself, is the truth."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        held = bytearray(b"x") * SIZE
        rollup = Path("/proc/self/smaps_rollup").read_text("ascii")
        share = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        os.write(writing, str(int(share.split()[1]) * 1024).encode())
        time.sleep(0.05)
        del held
        os._exit(0)
    os.waitpid(child, 0)
    return float(os.read(reading, 64))


CASES: dict[str, Case] = {
    "64 MiB of bytes": Case("python", touched_bytes),
    "64 MiB of bytes, by the process": Case("process", touched_bytes),
    "array of ones": Case("python", ones, prepare=load_numpy, needs="numpy"),
    "array of zeros, untouched": Case("python", zeros, prepare=load_numpy, needs="numpy"),
    "200 000 small dicts": Case("python", small_dicts),
    "the same into held arenas": Case("python", small_dicts, prepare=fragment),
    "two of 64 MiB in sequence": Case("process", twice),
    "malloc of the C library": Case("process", malloc),
    "anonymous map": Case("process", mapped),
    "another thread": Case("process", in_thread),
    "64 MiB for 2 ms": Case("process", spike),
    "another program": Case("children", another_program),
    "a forked child": Case("children", forked),
}


def by_ours(case: Case) -> dict[str, float]:
    """Measure with a window of ours, as the fixture does."""
    watch = Watch().open()
    truth = case.work()
    seen = watch.close()
    unsure = dict(seen.unsure)
    return {
        "truth": truth,
        "python": seen.peak,
        "process": seen.process_rise,
        "children": seen.children_peak,
        "unsure python": float("peak" in unsure),
        "unsure process": float("process_rise" in unsure),
        "unsure children": float("children_peak" in unsure),
    }


def by_memray(case: Case) -> dict[str, float]:
    """Measure with memray's tracker: its own high-water mark."""
    import memray  # noqa: PLC0415  (may be missing)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "capture.bin")
        with memray.Tracker(file):
            truth = case.work()
        return {"truth": truth, "peak": float(memray.FileReader(file).metadata.peak_memory)}


def by_psutil(case: Case, *, pause: float) -> dict[str, float]:
    """Measure by a thread that reads resident memory again and again, as is often done."""
    import psutil  # noqa: PLC0415  (may be missing)

    process = psutil.Process()
    start = process.memory_info().rss
    seen, done = [start], threading.Event()

    def sample() -> None:
        while not done.wait(pause):
            seen.append(process.memory_info().rss)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    truth = case.work()
    done.set()
    thread.join()
    return {"truth": truth, "peak": float(max(seen) - start)}


def run_here(case: Case, tool: str) -> dict[str, float]:
    """Run one case with one tool in this process."""
    held = case.prepare()
    if tool == "ours":
        found = by_ours(case)
    elif tool == "memray":
        found = by_memray(case)
    else:
        found = by_psutil(case, pause=0.1 if "10 Hz" in tool else 0.01)
    del held
    return found


def run_fresh(name: str, tool: str) -> dict[str, float] | None:
    """Run one case with one tool in a fresh process, None where something is not installed."""
    needed = [CASES[name].needs, *(one for one in ("memray", "psutil") if one in tool)]
    if any(one and importlib.util.find_spec(one) is None for one in needed):
        return None
    command = [sys.executable, __file__, "--case", name, "--tool", tool]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def ratio(found: dict[str, float] | None, figure: str) -> float | None:
    """Give a figure over the truth of its own run."""
    return None if found is None else found[figure] / found["truth"]


def worst(ratios: list[float | None]) -> float | None:
    """Give the ratio farthest from 1, None where any is missing."""
    known = [one for one in ratios if one is not None]
    return max(known, key=lambda one: abs(one - 1)) if len(known) == len(ratios) else None


def line(name: str, repeat: int) -> tuple[list[str], bool | None]:
    """Measure one case by every tool; say whether the right figure is right, None if unknown."""
    case = CASES[name]
    ours = [run_fresh(name, "ours") for _ in range(repeat)]
    figures = {one: worst([ratio(found, one) for found in ours]) for one in FIGURES}
    doubted = {one for one in FIGURES if any(found and found[f"unsure {one}"] for found in ours)}
    peers = [
        worst([ratio(run_fresh(name, tool), "peak") for _ in range(repeat)]) for tool in TOOLS[1:]
    ]
    right = figures[case.right]
    passed = None if right is None else abs(right - 1) <= CLOSE[case.right]
    passed = passed and case.right not in doubted
    verdict = {None: "not installed", True: "PASS", False: "FAIL"}[passed]
    marks = ["?" if one in doubted else "" for one in FIGURES] + [""] * len(peers)
    numbers = [
        "–" if one is None else f"{one:.3f}{mark}"
        for one, mark in zip((*figures.values(), *peers), marks, strict=True)
    ]
    return [name, *numbers, case.right, verdict], passed


def table(repeat: int) -> bool:
    """Print a line a case as it is measured; tell whether every claim holds."""
    heads = ["case", *FIGURES, *TOOLS[1:], "right figure", "claim"]
    widths = [max(len(heads[0]), *map(len, CASES)), *(max(8, len(head)) for head in heads[1:])]
    print(
        "figure over truth (worst of",
        repeat,
        "fresh processes); 1.000 is exact, ? is said to be unsure",
    )
    print("  ".join(head.ljust(width) for head, width in zip(heads, widths, strict=True)))
    failed = False
    for name in CASES:
        cells, passed = line(name, repeat)
        failed |= passed is False
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)))
    return not failed


def main() -> int:
    """Print the table, or run one case for it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--tool", choices=TOOLS, default="ours")
    parser.add_argument("--repeat", type=int, default=1)
    given = parser.parse_args()
    if given.case:
        print(json.dumps(run_here(CASES[given.case], given.tool)))
        return 0
    return 0 if table(given.repeat) else 1


if __name__ == "__main__":
    sys.exit(main())
